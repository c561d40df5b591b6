// The key-value memory of plugin interfaces (table `plugin_kv`). The contract is the port's
// (core/plugin/plugin_kv_store.hpp). Each call is one statement on a connection of its own; what an
// interface keeps is counted by triggers in `plugin_kv_usage`, whose checks refuse what is too
// large.

#pragma once

#include "core/plugin/plugin_kv_store.hpp"

#include "store_pg/pool.hpp"

namespace rb::store_pg {

class PgPluginKvStore final : public core::PluginKvStore {
public:
    // `pool` must outlive the store.
    explicit PgPluginKvStore(Pool& pool) : pool_(pool) {}

    Result<std::optional<core::PluginKvEntry>> get(std::string_view interface_id,
                                                   std::string_view key) override;
    Result<std::int64_t> put(std::string_view interface_id, std::string_view key,
                             std::string_view value) override;
    Result<std::optional<std::int64_t>> compare_and_set(std::string_view interface_id,
                                                        std::string_view key,
                                                        std::int64_t expected_version,
                                                        std::string_view value) override;
    Result<bool> remove(std::string_view interface_id, std::string_view key) override;
    Result<std::vector<core::PluginKvEntry>> list(std::string_view interface_id,
                                                  std::string_view prefix, std::string_view after,
                                                  std::size_t limit) override;

private:
    Pool& pool_;
};

}  // namespace rb::store_pg
