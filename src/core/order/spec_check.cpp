#include "core/order/spec_check.hpp"

#include "core/catalogue/catalogue.hpp"
#include "core/limits.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <charconv>

namespace rb::core {
namespace {

Error broken(const std::string& key, std::string rule) {
    return invalid_field("server_spec." + key, std::move(rule));
}

Result<> check_integer(const SpecField& field, const std::string& value) {
    std::int64_t number = 0;
    const auto* end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, number);
    if (error != std::errc() || stop != end) return broken(field.key, "must be a whole number");
    if (field.min && number < *field.min) {
        return broken(field.key, "must be at least " + std::to_string(*field.min));
    }
    if (field.max && number > *field.max) {
        return broken(field.key, "must be at most " + std::to_string(*field.max));
    }
    return {};
}

Result<> check_value(const SpecField& field, const std::string& value) {
    if (value.size() > limits::spec_value_bytes_max) {
        return broken(field.key, "must be at most " + std::to_string(limits::spec_value_bytes_max) +
                                     " bytes long");
    }
    if (field.field_type == "Integer") return check_integer(field, value);
    if (field.field_type == "Boolean") {
        if (value == "true" || value == "false") return {};
        return broken(field.key, "must be true or false");
    }
    TRY(check_text(
        value, {.field = "server_spec." + field.key, .chars_max = limits::spec_value_bytes_max}));
    if (field.options.empty()) return {};
    if (std::ranges::find(field.options, value) != field.options.end()) return {};
    std::string rule = "must be one of";
    for (const auto& option : field.options) rule += " " + option;
    return broken(field.key, std::move(rule));
}

}  // namespace

Result<StringMap> resolve_spec(std::span<const SpecField> fields, const StringMap& fixed,
                               const StringMap& chosen) {
    if (chosen.size() > limits::spec_fields_max) {
        return invalid_field(
            "server_spec",
            "must have at most " + std::to_string(limits::spec_fields_max) + " entries");
    }
    StringMap resolved = fixed;
    for (const auto& [key, value] : chosen) {
        // It would come back in a message, and so in a header.
        if (key.size() > limits::spec_value_bytes_max) {
            return invalid_field("server_spec", "a key must be at most " +
                                                    std::to_string(limits::spec_value_bytes_max) +
                                                    " bytes long");
        }
        const auto set = fixed.find(key);
        if (set != fixed.end()) {
            if (set->second == value) continue;
            // What a product is called upstream is nobody's to learn by guessing.
            if (key == upstream_product_id_spec) return broken(key, "is fixed in this product");
            return broken(key, "is " + set->second + " in this product");
        }
        const bool is_known = std::ranges::find(fields, key, &SpecField::key) != fields.end();
        if (!is_known) return broken(key, "is not a choice of this product");
        if (!value.empty()) resolved.insert_or_assign(key, value);
    }
    for (const auto& field : fields) {
        auto found = resolved.find(field.key);
        if (found == resolved.end() && !field.default_value.empty()) {
            found = resolved.emplace(field.key, field.default_value).first;
        }
        if (found == resolved.end()) {
            if (field.required) return broken(field.key, "is required");
            continue;
        }
        TRY(check_value(field, found->second));
    }
    return resolved;
}

}  // namespace rb::core
