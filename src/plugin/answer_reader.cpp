#include "plugin/answer_reader.hpp"

namespace rb::plugin {

Error AnswerReader::wrong(const std::string& field, const std::string& rule) const {
    const auto place = field.empty() ? place_ : place_ + "." + field;
    return {ErrorCode::plugin_failed, function_ + ": " + place + " " + rule, field};
}

Result<> AnswerReader::check_object() const {
    if (!answer_.is_object()) return wrong("", "must be an object");
    return {};
}

const Json* AnswerReader::find(const std::string& field) const {
    if (!answer_.is_object()) return nullptr;
    const auto found = answer_.find(field);
    return found == answer_.end() || found->is_null() ? nullptr : &*found;
}

bool AnswerReader::has(const std::string& field) const {
    return find(field) != nullptr;
}

Result<std::string> AnswerReader::text(const std::string& field) const {
    const auto* value = find(field);
    if (value == nullptr) return std::string();
    if (!value->is_string()) return wrong(field, "must be a text");
    auto text = value->get<std::string>();
    // No text of PostgreSQL can hold one.
    if (text.find('\0') != std::string::npos) return wrong(field, "must not hold a NUL character");
    return text;
}

Result<std::string> AnswerReader::required_text(const std::string& field) const {
    auto value = TRY(text(field));
    if (value.empty()) return wrong(field, "is missing");
    return value;
}

Result<bool> AnswerReader::boolean(const std::string& field, bool fallback) const {
    const auto* value = find(field);
    if (value == nullptr) return fallback;
    if (!value->is_boolean()) return wrong(field, "must be a boolean");
    return value->get<bool>();
}

Result<std::optional<std::int64_t>> AnswerReader::integer(const std::string& field) const {
    const auto* value = find(field);
    if (value == nullptr) return std::optional<std::int64_t>();
    if (!value->is_number_integer()) return wrong(field, "must be an integer");
    return std::optional(value->get<std::int64_t>());
}

Result<std::vector<std::string>> AnswerReader::texts(const std::string& field) const {
    std::vector<std::string> list;
    const auto* value = find(field);
    if (value == nullptr) return list;
    if (!value->is_array()) return wrong(field, "must be a list of texts");
    for (const auto& item : *value) {
        if (!item.is_string()) return wrong(field, "must be a list of texts");
        list.push_back(item.get<std::string>());
    }
    return list;
}

Result<core::StringMap> AnswerReader::map_of(const Json& object, const std::string& field) const {
    core::StringMap map;
    if (!object.is_object()) return wrong(field, "must be an object of texts");
    for (const auto& [key, value] : object.items()) {
        if (value.is_string()) {
            map[key] = value.get<std::string>();
        } else if (value.is_number_integer() || value.is_boolean()) {
            map[key] = value.dump();
        } else {
            return wrong(field, "must hold texts, integers or booleans, but " + key + " does not");
        }
    }
    return map;
}

Result<core::StringMap> AnswerReader::text_map(const std::string& field) const {
    const auto* value = find(field);
    if (value == nullptr) return core::StringMap();
    return map_of(*value, field);
}

Result<core::StringMap> AnswerReader::as_text_map() const {
    return map_of(answer_, "");
}

Result<std::vector<AnswerReader>> AnswerReader::list_of(const Json& list,
                                                        const std::string& place) const {
    std::vector<AnswerReader> readers;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const AnswerReader reader(function_, list[i], place + "[" + std::to_string(i) + "]");
        TRY(reader.check_object());
        readers.push_back(reader);
    }
    return readers;
}

Result<std::vector<AnswerReader>> AnswerReader::objects(const std::string& field) const {
    const auto* value = find(field);
    if (value == nullptr) return std::vector<AnswerReader>();
    if (!value->is_array()) return wrong(field, "must be a list of objects");
    return list_of(*value, place_ + "." + field);
}

Result<std::vector<AnswerReader>> AnswerReader::as_objects() const {
    if (!answer_.is_array()) return wrong("", "must be a list of objects");
    return list_of(answer_, place_);
}

Result<std::optional<core::Money>> AnswerReader::money(const std::string& amount_field,
                                                       const std::string& currency_field) const {
    if (!has(amount_field)) return std::optional<core::Money>();
    const auto amount = TRY(required_text(amount_field));
    const auto code = TRY(required_text(currency_field));
    const auto currency = core::Currency::parse(code);
    if (currency.has_error()) return wrong(currency_field, "must be three capital letters");
    const auto money = core::Money::parse(amount, *currency, amount_field);
    if (money.has_error()) return wrong(amount_field, "must be a decimal with at most two places");
    return std::optional(*money);
}

}  // namespace rb::plugin
