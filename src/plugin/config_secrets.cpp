#include "plugin/config_secrets.hpp"

#include "plugin/config_schema.hpp"

namespace rb::plugin {

namespace {

// The text at the place; null when there is none.
std::string* text_at(Json& config, const Json::json_pointer& place) {
    if (!config.contains(place)) return nullptr;
    return config[place].get_ptr<std::string*>();
}

}  // namespace

Json seal_secrets(const Json& schema, Json config, const SecretBox& box,
                  std::string_view interface_id) {
    for (const auto& place : secret_fields(schema)) {
        auto* text = text_at(config, place);
        if (text == nullptr || text->empty()) continue;
        *text = box.seal(interface_id, place.to_string(), *text);
    }
    return config;
}

Result<Json> open_secrets(const Json& schema, Json config, const SecretBox& box,
                          std::string_view interface_id) {
    for (const auto& place : secret_fields(schema)) {
        auto* text = text_at(config, place);
        // One that an operator wrote into the table by hand stands in clear.
        if (text == nullptr || !SecretBox::is_sealed(*text)) continue;
        *text = TRY(box.open(interface_id, place.to_string(), *text));
    }
    return as_result(std::move(config));
}

Json mask_secrets(const Json& schema, Json config) {
    for (const auto& place : secret_fields(schema)) {
        auto* text = text_at(config, place);
        if (text != nullptr && !text->empty()) *text = secret_mask;
    }
    return config;
}

Json keep_secrets(const Json& schema, Json config, const Json& stored) {
    for (const auto& place : secret_fields(schema)) {
        if (!stored.contains(place)) continue;
        // A whole object left out was removed on purpose; its secrets go with it.
        if (!place.parent_pointer().empty() && !config.contains(place.parent_pointer())) continue;
        const auto* text = text_at(config, place);
        if (text == nullptr || *text == secret_mask) config[place] = stored[place];
    }
    return config;
}

}  // namespace rb::plugin
