#include "plugin/kv/memory_kv_store.hpp"

#include <algorithm>

namespace rb::plugin {

using core::PluginKvEntry;

Result<std::optional<PluginKvEntry>> MemoryKvStore::get(std::string_view interface_id,
                                                        std::string_view key) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find({std::string(interface_id), std::string(key)});
    if (found == entries_.end()) return std::optional<PluginKvEntry>();
    return std::optional(found->second);
}

Result<std::int64_t> MemoryKvStore::put(std::string_view interface_id, std::string_view key,
                                        std::string_view value) {
    TRY(core::check_kv_key(key));
    TRY(core::check_kv_value(value));
    const std::lock_guard lock(mutex_);
    auto& entry = entries_[{std::string(interface_id), std::string(key)}];
    entry = {std::string(key), std::string(value), entry.version + 1};
    return entry.version;
}

Result<std::optional<std::int64_t>> MemoryKvStore::compare_and_set(std::string_view interface_id,
                                                                   std::string_view key,
                                                                   std::int64_t expected_version,
                                                                   std::string_view value) {
    TRY(core::check_kv_key(key));
    TRY(core::check_kv_value(value));
    const std::lock_guard lock(mutex_);
    const auto place = std::pair(std::string(interface_id), std::string(key));
    const auto found = entries_.find(place);
    const auto stands_at = found == entries_.end() ? 0 : found->second.version;
    if (stands_at != expected_version) return std::optional<std::int64_t>();
    entries_[place] = {place.second, std::string(value), stands_at + 1};
    return std::optional(stands_at + 1);
}

Result<bool> MemoryKvStore::remove(std::string_view interface_id, std::string_view key) {
    const std::lock_guard lock(mutex_);
    return entries_.erase({std::string(interface_id), std::string(key)}) > 0;
}

Result<std::vector<PluginKvEntry>> MemoryKvStore::list(std::string_view interface_id,
                                                       std::string_view prefix,
                                                       std::string_view after, std::size_t limit) {
    const std::lock_guard lock(mutex_);
    std::vector<PluginKvEntry> found;
    const auto wanted = std::min(limit, core::plugin_kv_list_max);
    for (auto it = entries_.lower_bound({std::string(interface_id), std::string(prefix)});
         it != entries_.end() && found.size() < wanted; ++it) {
        if (it->first.first != interface_id || !it->first.second.starts_with(prefix)) break;
        if (it->first.second > after) found.push_back(it->second);
    }
    return found;
}

}  // namespace rb::plugin
