#include "plugin/config_schema.hpp"

#include "plugin/http/address_policy.hpp"
#include "plugin/limits.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace rb::plugin {

namespace {

constexpr std::array<std::string_view, 17> keywords{
    "type",     "title",     "description", "default", "enum",     "properties",
    "required", "minLength", "maxLength",   "minimum", "maximum",  "format",
    "items",    "minItems",  "maxItems",    "secret",  "writeOnly"};
constexpr std::array<std::string_view, 5> types{"object", "string", "integer", "boolean", "array"};
constexpr std::array<std::string_view, 5> formats{"uri", "hostname", "email", "pem", "port"};
constexpr std::array<std::string_view, 6> counting{"minLength", "maxLength", "minimum",
                                                   "maximum",   "minItems",  "maxItems"};

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

Result<> check_keywords(const Json& node, const std::string& path) {
    for (const auto& [key, value] : node.items()) {
        if (key.starts_with("x-")) continue;
        if (!is_one_of(keywords, key)) return broken(path, "keyword " + key + " is not supported");
        if (is_one_of(counting, key) && !value.is_number_integer()) {
            return broken(path, key + " must be an integer");
        }
        if ((key == "secret" || key == "writeOnly") && !value.is_boolean()) {
            return broken(path, key + " must be a boolean");
        }
    }
    if (!node.contains("type") || !node["type"].is_string() ||
        !is_one_of(types, node["type"].get<std::string>())) {
        return broken(path, "type must be object, string, integer, boolean or array");
    }
    if (node.contains("format") &&
        !(node["format"].is_string() && is_one_of(formats, node["format"].get<std::string>()))) {
        return broken(path, "format must be uri, hostname, email, pem or port");
    }
    if (node.contains("enum") && !node["enum"].is_array()) {
        return broken(path, "enum must be an array");
    }
    return {};
}

enum class Inside { object, array };

Result<> check_node(const Json& node, const std::string& path, int depth, Inside inside);

Result<> check_object(const Json& node, const std::string& path, int depth, Inside inside) {
    const Json properties = node.value("properties", Json::object());
    if (!properties.is_object()) return broken(path, "properties must be an object");
    for (const auto& [name, field] : properties.items()) {
        TRY(check_node(field, joined(path, name), depth + 1, inside));
    }
    const Json required = node.value("required", Json::array());
    for (const auto& name : required) {
        if (!name.is_string() || !properties.contains(name.get<std::string>())) {
            return broken(path, "required names a field that properties does not have");
        }
    }
    return {};
}

Result<> check_node(const Json& node, const std::string& path, int depth, Inside inside) {
    if (depth > schema_depth_max) return broken(path, "nests too deep");
    if (!node.is_object()) return broken(path, "must be an object");
    TRY(check_keywords(node, path));
    const auto type = node["type"].get<std::string>();
    if (is_secret(node) && (type != "string" || inside == Inside::array)) {
        return broken(path, "only a string outside of arrays can be secret");
    }
    if (type == "object") return check_object(node, path, depth, inside);
    if (type == "array") {
        if (!node.contains("items")) return broken(path, "an array needs items");
        return check_node(node["items"], joined(path, "[]"), depth + 1, Inside::array);
    }
    return {};
}

Result<Json> apply(const Json& node, const Json& value, const std::string& path);

std::optional<std::string> broken_format(const std::string& format, const std::string& text) {
    if (format == "uri" && !split_url(text)) return "must be an http or https URL";
    if (format == "email") {
        const auto at = text.find('@');
        if (at == 0 || at == std::string::npos || at + 1 == text.size() ||
            text.find_first_of(" \r\n\t<>,;") != std::string::npos) {
            return "must be an e-mail address";
        }
    }
    if (format == "hostname" &&
        (text.empty() || text.size() > 253 ||
         text.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:") !=
             std::string::npos)) {
        return "must be a host name or an address";
    }
    if (format == "pem" && (text.find("-----BEGIN ") == std::string::npos ||
                            text.find("-----END ") == std::string::npos)) {
        return "must be a text in PEM form";
    }
    return std::nullopt;
}

Result<> check_string(const Json& node, const std::string& text, const std::string& path) {
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
            out[name] = field["default"];
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
    const bool fits = (type == "object" && value.is_object()) ||
                      (type == "array" && value.is_array()) ||
                      (type == "string" && value.is_string()) ||
                      (type == "integer" && value.is_number_integer()) ||
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
    // A default must keep its own field's rules, or a configuration left empty could not be saved.
    const Json properties = schema.value("properties", Json::object());
    for (const auto& [name, field] : properties.items()) {
        if (!field.contains("default")) continue;
        const auto fits = apply(field, field["default"], name);
        if (fits.has_error()) return broken(name, "default " + fits.error().message);
    }
    return {};
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
