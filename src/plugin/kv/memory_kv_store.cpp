#include "plugin/kv/memory_kv_store.hpp"

#include <algorithm>

namespace rb::plugin {

using core::PluginKvEntry;

namespace {

std::int64_t size_of(std::string_view key, std::string_view value) {
    return static_cast<std::int64_t>(key.size() + value.size());
}

}  // namespace

Result<std::int64_t> MemoryKvStore::write(const Place& place, std::string_view value) {
    const auto found = entries_.find(place);
    auto& usage = usage_[place.first];
    auto after = usage;
    after.bytes += size_of(place.second, value);
    if (found == entries_.end()) {
        ++after.keys;
    } else {
        after.bytes -= size_of(place.second, found->second.value);
    }
    TRY(core::check_kv_growth(usage, after));
    usage = after;
    auto& entry = entries_[place];
    entry = {place.second, std::string(value), entry.version + 1};
    return entry.version;
}

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
    return write({std::string(interface_id), std::string(key)}, value);
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
    return std::optional(TRY(write(place, value)));
}

Result<bool> MemoryKvStore::remove(std::string_view interface_id, std::string_view key) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find({std::string(interface_id), std::string(key)});
    if (found == entries_.end()) return false;
    auto& usage = usage_[found->first.first];
    --usage.keys;
    usage.bytes -= size_of(found->second.key, found->second.value);
    entries_.erase(found);
    return true;
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
