// The small memory of a plugin interface: keys to texts, shared by all servers, each write atomic.
//
// Thread-safe. ERRORS of every call: unavailable (the database does not answer); of those that
// write besides: invalid_argument (a key or value past its limit), too_large (the interface would
// keep more than its bounds; nothing was written). A write that adds nothing is never too large.

#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rb::core {

// As the table's checks have it: enough for a record per server, not a file system.
inline constexpr std::size_t plugin_kv_key_chars_max = 256;
inline constexpr std::size_t plugin_kv_value_bytes_max = 65536;
// What one interface keeps: a record of half a kilobyte for each of 200 000 servers, while no
// plugin can fill the database the ledger lives in. As the checks of the table plugin_kv_usage have
// it.
inline constexpr std::int64_t plugin_kv_keys_max = 200'000;
// Of keys and values.
inline constexpr std::int64_t plugin_kv_bytes_max = std::int64_t{128} << 20;
inline constexpr std::string_view plugin_kv_keys_full =
    "key: an interface keeps at most 200000 keys";
inline constexpr std::string_view plugin_kv_bytes_full =
    "value: the keys and values of an interface have at most 134217728 bytes";
// Rows of one answer of list().
inline constexpr std::size_t plugin_kv_list_max = 500;

struct PluginKvEntry {
    std::string key;
    std::string value;
    // Grows with each write of the key; starts at 1.
    std::int64_t version = 0;
};

// The rules every implementation checks before it writes.
// ERRORS: invalid_argument  names `key` or `value`
Result<> check_kv_key(std::string_view key);
Result<> check_kv_value(std::string_view value);

// What an interface keeps.
struct PluginKvUsage {
    std::int64_t keys = 0;
    std::int64_t bytes = 0;
};
// Whether it may come from `before` to `after`.
// ERRORS: too_large  field `key` or `value`: it grows past a bound
Result<> check_kv_growth(const PluginKvUsage& before, const PluginKvUsage& after);

class PluginKvStore {
public:
    virtual ~PluginKvStore() = default;

    virtual Result<std::optional<PluginKvEntry>> get(std::string_view interface_id,
                                                     std::string_view key) = 0;
    // Writes whatever was there; answers the new version.
    virtual Result<std::int64_t> put(std::string_view interface_id, std::string_view key,
                                     std::string_view value) = 0;
    // Writes only when the key stands at `expected_version` (0: does not exist); answers the new
    // version, or nothing when somebody else was faster.
    virtual Result<std::optional<std::int64_t>> compare_and_set(std::string_view interface_id,
                                                                std::string_view key,
                                                                std::int64_t expected_version,
                                                                std::string_view value) = 0;
    // Answers whether there was something to remove.
    virtual Result<bool> remove(std::string_view interface_id, std::string_view key) = 0;
    // Keys that start with `prefix` and sort after `after`, in order, at most `limit`.
    virtual Result<std::vector<PluginKvEntry>> list(std::string_view interface_id,
                                                    std::string_view prefix, std::string_view after,
                                                    std::size_t limit) = 0;
};

}  // namespace rb::core
