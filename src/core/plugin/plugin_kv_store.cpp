#include "core/plugin/plugin_kv_store.hpp"

#include <algorithm>

namespace rb::core {

Result<> check_kv_key(std::string_view key) {
    // The table counts characters: every byte that does not continue one.
    const auto characters = static_cast<std::size_t>(
        std::ranges::count_if(key, [](char c) { return (c & 0xC0) != 0x80; }));
    if (characters == 0 || characters > plugin_kv_key_chars_max) {
        return invalid_field("key", "must have 1 to 256 characters");
    }
    return {};
}

Result<> check_kv_value(std::string_view value) {
    if (value.size() > plugin_kv_value_bytes_max) {
        return invalid_field("value", "must have at most 65536 bytes");
    }
    return {};
}

Result<> check_kv_growth(const PluginKvUsage& before, const PluginKvUsage& after) {
    if (after.keys > plugin_kv_keys_max && after.keys > before.keys) {
        return Error{ErrorCode::too_large, std::string(plugin_kv_keys_full), "key"};
    }
    if (after.bytes > plugin_kv_bytes_max && after.bytes > before.bytes) {
        return Error{ErrorCode::too_large, std::string(plugin_kv_bytes_full), "value"};
    }
    return {};
}

}  // namespace rb::core
