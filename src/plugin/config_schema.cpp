#include "plugin/config_schema.hpp"

#include "plugin/http/address_policy.hpp"
#include "plugin/limits.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <string_view>

namespace rb::plugin {

namespace {

constexpr std::array<std::string_view, 5> types{"object", "string", "integer", "boolean", "array"};
constexpr std::array<std::string_view, 5> formats{"uri", "hostname", "email", "pem", "port"};

// What a keyword says something about; "" is every type.
struct Keyword {
    std::string_view name;
    std::string_view type;
};
constexpr std::array<Keyword, 17> keywords{{{"type", ""},
                                            {"title", ""},
                                            {"description", ""},
                                            {"default", ""},
                                            {"enum", ""},
                                            {"format", ""},
                                            {"properties", "object"},
                                            {"required", "object"},
                                            {"minLength", "string"},
                                            {"maxLength", "string"},
                                            {"secret", "string"},
                                            {"writeOnly", "string"},
                                            {"minimum", "integer"},
                                            {"maximum", "integer"},
                                            {"items", "array"},
                                            {"minItems", "array"},
                                            {"maxItems", "array"}}};

// A lower bound, its upper one, and whether both count things.
struct Bounds {
    const char* low;
    const char* high;
    bool counts;
};
constexpr std::array<Bounds, 3> bounds{{{"minLength", "maxLength", true},
                                        {"minItems", "maxItems", true},
                                        {"minimum", "maximum", false}}};

template <typename List>
bool is_one_of(const List& list, std::string_view word) {
    return std::ranges::find(list, word) != list.end();
}

Error broken(const std::string& path, const std::string& rule) {
    return invalid_field("config_schema", (path.empty() ? "" : path + ": ") + rule);
}

std::string joined(const std::string& path, const std::string& name) {
    return path.empty() ? name : path + "." + name;
}

bool is_secret(const Json& node) {
    return node.value("secret", false) || node.value("writeOnly", false);
}

bool is_int64(const Json& value) {
    if (!value.is_number_integer()) return false;
    return !value.is_number_unsigned() ||
           value.get<std::uint64_t>() <=
               static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
}

Result<> check_bounds(const Json& node, const std::string& path) {
    for (const auto& [low, high, counts] : bounds) {
        for (const auto* key : {low, high}) {
            if (!node.contains(key)) continue;
            if (!is_int64(node[key])) return broken(path, std::string(key) + " must be an integer");
            if (counts && node[key].get<std::int64_t>() < 0) {
                return broken(path, std::string(key) + " must not be negative");
            }
        }
        if (node.contains(low) && node.contains(high) &&
            node[low].get<std::int64_t>() > node[high].get<std::int64_t>()) {
            return broken(path, std::string(low) + " is above " + high);
        }
    }
    return {};
}

Result<> check_format(const Json& node, const std::string& type, const std::string& path) {
    if (!node.contains("format")) return {};
    if (!node["format"].is_string() || !is_one_of(formats, node["format"].get<std::string>())) {
        return broken(path, "format must be uri, hostname, email, pem or port");
    }
    const auto* needed = node["format"] == "port" ? "integer" : "string";
    if (type != needed) {
        return broken(path, "format " + node["format"].get<std::string>() + " is for type " +
                                std::string(needed));
    }
    return {};
}

Result<> check_keywords(const Json& node, const std::string& path) {
    if (!node.contains("type") || !node["type"].is_string() ||
        !is_one_of(types, node["type"].get<std::string>())) {
        return broken(path, "type must be object, string, integer, boolean or array");
    }
    const auto type = node["type"].get<std::string>();
    for (const auto& [key, value] : node.items()) {
        if (key.starts_with("x-")) continue;
        const auto known = std::ranges::find(keywords, key, &Keyword::name);
        if (known == keywords.end()) {
            return broken(path, "keyword " + key + " is not supported");
        }
        // It would be a rule that nobody checks.
        if (!known->type.empty() && known->type != type) {
            return broken(path, key + " is for type " + std::string(known->type));
        }
        if ((key == "secret" || key == "writeOnly") && !value.is_boolean()) {
            return broken(path, key + " must be a boolean");
        }
        if ((key == "title" || key == "description") && !value.is_string()) {
            return broken(path, key + " must be a text");
        }
    }
    TRY(check_bounds(node, path));
    TRY(check_format(node, type, path));
    if (node.contains("enum") && (!node["enum"].is_array() || node["enum"].empty())) {
        return broken(path, "enum must be an array with at least one value");
    }
    return {};
}

enum class Inside { object, array };

Result<> check_node(const Json& node, const std::string& path, int depth, Inside inside);
Result<Json> apply(const Json& node, const Json& value, const std::string& path);

Result<> check_object(const Json& node, const std::string& path, int depth, Inside inside) {
    const Json properties = node.value("properties", Json::object());
    if (!properties.is_object()) return broken(path, "properties must be an object");
    for (const auto& [name, field] : properties.items()) {
        TRY(check_node(field, joined(path, name), depth + 1, inside));
    }
    const Json required = node.value("required", Json::array());
    if (!required.is_array()) return broken(path, "required must be an array");
    for (const auto& name : required) {
        if (!name.is_string() || !properties.contains(name.get<std::string>())) {
            return broken(path, "required names a field that properties does not have");
        }
    }
    return {};
}

Result<> check_secret(const Json& node, const std::string& path, Inside inside) {
    if (!is_secret(node)) return {};
    if (inside == Inside::array) return broken(path, "a string in an array cannot be secret");
    // The schema is shown to whoever may see the plugin.
    if (node.contains("default") || node.contains("enum")) {
        return broken(path, "a secret can have neither default nor enum");
    }
    return {};
}

// What a schema offers must keep its own rules, or a configuration left empty could not be saved.
Result<> check_offers(const Json& node, const std::string& path) {
    if (node.contains("enum")) {
        for (const auto& value : node["enum"]) {
            const auto fits = apply(node, value, path);
            if (fits.has_error()) return broken(path, "enum " + fits.error().message);
        }
    }
    if (node.contains("default")) {
        const auto fits = apply(node, node["default"], path);
        if (fits.has_error()) return broken(path, "default " + fits.error().message);
    }
    return {};
}

Result<> check_node(const Json& node, const std::string& path, int depth, Inside inside) {
    if (depth > schema_depth_max) return broken(path, "nests too deep");
    if (!node.is_object()) return broken(path, "must be an object");
    TRY(check_keywords(node, path));
    TRY(check_secret(node, path, inside));
    const auto type = node["type"].get<std::string>();
    if (type == "object") TRY(check_object(node, path, depth, inside));
    if (type == "array") {
        if (!node.contains("items")) return broken(path, "an array needs items");
        TRY(check_node(node["items"], joined(path, "[]"), depth + 1, Inside::array));
    }
    return check_offers(node, path);
}

std::optional<std::string> broken_format(const std::string& format, const std::string& text) {
    if (format == "uri" && !split_url(text)) return "must be an http or https URL";
    if (format == "email") {
        const auto at = text.find('@');
        if (at == 0 || at == std::string::npos || at + 1 == text.size() || at != text.rfind('@') ||
            text.find_first_of(" \r\n\t<>,;") != std::string::npos) {
            return "must be an e-mail address";
        }
    }
    if (format == "hostname" && !is_host(text)) return "must be a host name or an address";
    if (format == "pem" && (text.find("-----BEGIN ") == std::string::npos ||
                            text.find("-----END ") == std::string::npos)) {
        return "must be a text in PEM form";
    }
    return std::nullopt;
}

Result<> check_string(const Json& node, const std::string& text, const std::string& path) {
    // No text of PostgreSQL can hold one.
    if (text.find('\0') != std::string::npos) {
        return invalid_field(path, "must not hold a NUL character");
    }
    const auto characters = std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; });
    if (node.contains("minLength") && characters < node["minLength"].get<std::int64_t>()) {
        return invalid_field(path,
                             "must have at least " + node["minLength"].dump() + " characters");
    }
    if (node.contains("maxLength") && characters > node["maxLength"].get<std::int64_t>()) {
        return invalid_field(path, "must have at most " + node["maxLength"].dump() + " characters");
    }
    // An optional field left empty has no form to keep.
    if (node.contains("format") && !text.empty()) {
        if (auto rule = broken_format(node["format"].get<std::string>(), text)) {
            return invalid_field(path, *rule);
        }
    }
    return {};
}

Result<> check_integer(const Json& node, std::int64_t number, const std::string& path) {
    if (node.contains("minimum") && number < node["minimum"].get<std::int64_t>()) {
        return invalid_field(path, "must be at least " + node["minimum"].dump());
    }
    if (node.contains("maximum") && number > node["maximum"].get<std::int64_t>()) {
        return invalid_field(path, "must be at most " + node["maximum"].dump());
    }
    if (node.value("format", "") == "port" && (number < 1 || number > 65535)) {
        return invalid_field(path, "must be a port, 1 to 65535");
    }
    return {};
}

Result<Json> apply_object(const Json& node, const Json& value, const std::string& path) {
    const Json properties = node.value("properties", Json::object());
    for (const auto& [name, field] : value.items()) {
        if (!properties.contains(name)) return invalid_field(joined(path, name), "is not known");
    }
    const Json required = node.value("required", Json::array());
    for (const auto& name : required) {
        const auto found = value.find(name.get<std::string>());
        if (found == value.end() ||
            (found->is_string() && found->get_ref<const std::string&>().empty())) {
            return invalid_field(joined(path, name.get<std::string>()), "is required");
        }
    }
    Json out = Json::object();
    for (const auto& [name, field] : properties.items()) {
        if (value.contains(name)) {
            out[name] = TRY(apply(field, value[name], joined(path, name)));
        } else if (field.contains("default")) {
            out[name] = TRY(apply(field, field["default"], joined(path, name)));
        }
    }
    return as_result(std::move(out));
}

Result<Json> apply_array(const Json& node, const Json& value, const std::string& path) {
    const auto size = static_cast<std::int64_t>(value.size());
    if (node.contains("minItems") && size < node["minItems"].get<std::int64_t>()) {
        return invalid_field(path, "must have at least " + node["minItems"].dump() + " entries");
    }
    if (node.contains("maxItems") && size > node["maxItems"].get<std::int64_t>()) {
        return invalid_field(path, "must have at most " + node["maxItems"].dump() + " entries");
    }
    Json out = Json::array();
    for (std::size_t i = 0; i < value.size(); ++i) {
        out.push_back(TRY(apply(node["items"], value[i], path + "[" + std::to_string(i) + "]")));
    }
    return as_result(std::move(out));
}

Result<Json> apply(const Json& node, const Json& value, const std::string& path) {
    const auto type = node["type"].get<std::string>();
    const bool fits =
        (type == "object" && value.is_object()) || (type == "array" && value.is_array()) ||
        (type == "string" && value.is_string()) || (type == "integer" && is_int64(value)) ||
        (type == "boolean" && value.is_boolean());
    if (!fits) return invalid_field(path.empty() ? "config" : path, "must be of type " + type);
    if (node.contains("enum") && std::ranges::find(node["enum"], value) == node["enum"].end()) {
        return invalid_field(path, "must be one of " + node["enum"].dump());
    }
    if (type == "object") return apply_object(node, value, path);
    if (type == "array") return apply_array(node, value, path);
    if (type == "string") TRY(check_string(node, value.get<std::string>(), path));
    if (type == "integer") TRY(check_integer(node, value.get<std::int64_t>(), path));
    return as_result(value);
}

void collect_secrets(const Json& node, const Json::json_pointer& path,
                     std::vector<Json::json_pointer>& found) {
    if (is_secret(node)) found.push_back(path);
    const Json properties = node.value("properties", Json::object());
    for (const auto& [name, field] : properties.items()) collect_secrets(field, path / name, found);
}

}  // namespace

Result<> check_schema(const Json& schema) {
    TRY(check_node(schema, "", 1, Inside::object));
    if (schema["type"] != "object") return broken("", "type must be object");
    return {};
}

Result<Json> parse_config(const std::string& text) {
    if (text.empty()) return as_result(Json::object());
    if (text.size() > config_bytes_max) return invalid_field("config", "is larger than 128 KiB");
    // What follows walks the value by recursion.
    bool is_too_deep = false;
    const auto bounded = [&](int outer, Json::parse_event_t event, Json&) {
        const bool opens =
            event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start;
        is_too_deep = is_too_deep || (opens && outer >= config_depth_max);
        return !is_too_deep;
    };
    auto config = Json::parse(text, bounded, false);
    if (is_too_deep) return invalid_field("config", "nests too deep");
    if (!config.is_object()) return invalid_field("config", "must be a JSON object");
    return as_result(std::move(config));
}

Result<Json> apply_schema(const Json& schema, const Json& config) {
    if (config.dump(-1, ' ', false, Json::error_handler_t::replace).size() > config_bytes_max) {
        return invalid_field("config", "is larger than 128 KiB");
    }
    return apply(schema, config, "");
}

std::vector<Json::json_pointer> secret_fields(const Json& schema) {
    std::vector<Json::json_pointer> found;
    collect_secrets(schema, Json::json_pointer(), found);
    return found;
}

const Json* schema_field(const Json& schema, const std::string& name) {
    const auto properties = schema.find("properties");
    if (properties == schema.end()) return nullptr;
    const auto field = properties->find(name);
    return field == properties->end() ? nullptr : &*field;
}

}  // namespace rb::plugin
