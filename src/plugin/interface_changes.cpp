#include "plugin/interface_changes.hpp"

#include "plugin/config_secrets.hpp"
#include "plugin/crypto/digest.hpp"
#include "plugin/encoding/text_encoding.hpp"
#include "plugin/limits.hpp"

#include <set>

namespace rb::plugin {

namespace {

std::string fingerprint_of(const std::string& source) {
    return source.empty() ? "" : hex_encode(digest(HashAlgorithm::sha256, source));
}

std::string word_of(const InterfaceState& state) {
    if (state.name.empty()) return "";
    return state.enabled ? "true" : "false";
}

std::string text_of(const Json& config, const std::string& field) {
    const auto found = config.find(field);
    if (found == config.end()) return "";
    const auto text = found->is_string() ? found->get<std::string>() : found->dump();
    return std::string(front_of(text, logged_value_bytes_max));
}

Json as_object(const Json& config) {
    return config.is_object() ? config : Json::object();
}

}  // namespace

core::Changes changes_between(const InterfaceState& before, const InterfaceState& after) {
    core::Changes changes;
    core::note_change(changes, "name", before.name, after.name);
    core::note_change(changes, "enabled", word_of(before), word_of(after));
    core::note_change(changes, "script_source", fingerprint_of(before.script_source),
                      fingerprint_of(after.script_source));
    const auto old_config = as_object(before.config);
    const auto new_config = as_object(after.config);
    const auto masked = [&](const Json& config) {
        return mask_secrets(before.schema, mask_secrets(after.schema, config));
    };
    const auto old_shown = masked(old_config);
    const auto new_shown = masked(new_config);
    std::set<std::string> fields;
    for (const auto& [field, value] : old_config.items()) fields.insert(field);
    for (const auto& [field, value] : new_config.items()) fields.insert(field);
    for (const auto& field : fields) {
        // Compared in clear: two secrets look the same.
        const bool is_same = old_config.contains(field) && new_config.contains(field) &&
                             old_config.at(field) == new_config.at(field);
        if (is_same) continue;
        changes.insert_or_assign(
            "config." + field,
            core::Change{.before = text_of(old_shown, field), .after = text_of(new_shown, field)});
    }
    return changes;
}

}  // namespace rb::plugin
