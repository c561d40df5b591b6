#include "plugin/config_secrets.hpp"

#include "plugin/config_schema.hpp"
#include "plugin/limits.hpp"

#include <algorithm>

namespace rb::plugin {

namespace {

// The object the place is in; null when there is none.
Json* parent_of(Json& config, const Json::json_pointer& place) {
    const auto parent = place.parent_pointer();
    if (!config.contains(parent)) return nullptr;
    auto& object = config[parent];
    return object.is_object() ? &object : nullptr;
}

// The text at the place; null when there is none.
std::string* text_at(Json& config, const Json::json_pointer& place) {
    auto* object = parent_of(config, place);
    if (object == nullptr || !object->contains(place.back())) return nullptr;
    return (*object)[place.back()].get_ptr<std::string*>();
}

// The name of a field that is sealed still; empty when none is.
std::string sealed_field(const Json& config) {
    for (const auto& [name, value] : config.items()) {
        if (value.is_string() && SecretBox::is_sealed(value.get_ref<const std::string&>())) {
            return name;
        }
        if (!value.is_object()) continue;
        const auto within = sealed_field(value);
        if (!within.empty()) return name + "." + within;
    }
    return {};
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
    // The script must not take a sealed text for the value.
    if (const auto name = sealed_field(config); !name.empty()) {
        return Error{ErrorCode::failed_precondition,
                     name + ": is stored as a secret, which the schema no longer says; set it anew",
                     name};
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
        auto* object = parent_of(config, place);
        if (object == nullptr) continue;
        if (!object->contains(place.back()) || (*object)[place.back()] == secret_mask) {
            (*object)[place.back()] = stored[place];
        }
    }
    return config;
}

Json drop_former_secrets(const Json& schema, Json config, const Json& old_schema) {
    const auto secrets = secret_fields(schema);
    for (const auto& place : secret_fields(old_schema)) {
        if (std::ranges::find(secrets, place) != secrets.end()) continue;
        const auto* text = text_at(config, place);
        if (text == nullptr || (*text != secret_mask && !SecretBox::is_sealed(*text))) continue;
        parent_of(config, place)->erase(place.back());
    }
    return config;
}

std::vector<std::string> secret_texts(const Json& schema, const Json& config) {
    std::vector<std::string> texts;
    for (const auto& place : secret_fields(schema)) {
        if (!config.contains(place)) continue;
        const auto* text = config[place].get_ptr<const std::string*>();
        if (text != nullptr && text->size() >= redacted_secret_bytes_min) texts.push_back(*text);
    }
    // One may be a part of another.
    std::ranges::sort(texts, std::ranges::greater(), &std::string::size);
    return texts;
}

std::string without_secrets(std::string text, const std::vector<std::string>& secrets) {
    for (const auto& secret : secrets) {
        auto at = text.find(secret);
        if (at == std::string::npos) continue;
        // Written anew: moving the rest at each of a million places would take hours.
        std::string masked;
        std::size_t begin = 0;
        for (; at != std::string::npos; at = text.find(secret, begin)) {
            masked.append(text, begin, at - begin).append(secret_mask);
            begin = at + secret.size();
        }
        text = std::move(masked.append(text, begin));
    }
    return text;
}

}  // namespace rb::plugin
