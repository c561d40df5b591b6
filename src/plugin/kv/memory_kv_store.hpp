// The twin of PluginKvStore: the same rules, in memory. For tests and for `rune`-less tools.

#pragma once

#include "core/plugin/plugin_kv_store.hpp"

#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace rb::plugin {

class MemoryKvStore final : public core::PluginKvStore {
public:
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
    using Place = std::pair<std::string, std::string>;
    // The new version. REQUIRES: mutex_ is held
    Result<std::int64_t> write(const Place& place, std::string_view value);

    std::mutex mutex_;
    // Guarded by mutex_. By interface and key; by interface.
    std::map<Place, core::PluginKvEntry> entries_;
    std::map<std::string, core::PluginKvUsage, std::less<>> usage_;
};

}  // namespace rb::plugin
