#include "store_pg/json_text.hpp"

#include "base/assert.hpp"

#include <nlohmann/json.hpp>

namespace rb::store_pg {
namespace {

using nlohmann::json;

// Providers' texts may hold broken UTF-8; a replacement character is better than a lost row.
std::string dump(const json& value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

json parse(std::string_view text) {
    auto value = json::parse(text, nullptr, false);
    ASSERT(!value.is_discarded());
    return value;
}

json section_json(const core::DetailSection& section) {
    json fields = json::array();
    for (const auto& field : section.fields) {
        fields.push_back(
            {{"key", field.key}, {"value", field.value}, {"value_type", field.value_type}});
    }
    return {{"title", section.title}, {"fields", fields}, {"content_html", section.content_html}};
}

json action_json(const core::ProviderAction& action) {
    return {{"id", action.id},
            {"label", action.label},
            {"style", action.style},
            {"confirmation", action.confirmation},
            {"enabled", action.enabled}};
}

core::DetailSection section_of(const json& value) {
    core::DetailSection section{.title = value.value("title", ""),
                                .fields = {},
                                .content_html = value.value("content_html", "")};
    for (const auto& field : value.value("fields", json::array())) {
        section.fields.push_back({.key = field.value("key", ""),
                                  .value = field.value("value", ""),
                                  .value_type = field.value("value_type", "")});
    }
    return section;
}

core::ProviderAction action_of(const json& value) {
    return {.id = value.value("id", ""),
            .label = value.value("label", ""),
            .style = value.value("style", ""),
            .confirmation = value.value("confirmation", ""),
            .enabled = value.value("enabled", true)};
}

}  // namespace

std::string to_json(const core::StringMap& map) {
    return dump(json(map));
}

core::StringMap string_map_of(std::string_view text) {
    core::StringMap map;
    const auto object = parse(text);
    for (const auto& [key, value] : object.items()) {
        map[key] = value.is_string() ? value.get<std::string>() : dump(value);
    }
    return map;
}

std::string to_json(const core::InstanceDescription& description) {
    json sections = json::array();
    for (const auto& section : description.sections) sections.push_back(section_json(section));
    json actions = json::array();
    for (const auto& action : description.actions) actions.push_back(action_json(action));
    return dump(json::array({sections, actions}));
}

core::InstanceDescription description_of(std::string_view text) {
    core::InstanceDescription description;
    const auto value = parse(text);
    if (value.size() != 2) return description;  // the column's default: nothing was told yet
    for (const auto& section : value[0]) description.sections.push_back(section_of(section));
    for (const auto& action : value[1]) description.actions.push_back(action_of(action));
    return description;
}

}  // namespace rb::store_pg
