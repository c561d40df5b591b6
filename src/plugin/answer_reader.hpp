// Reads a script's answer strictly: what does not fit is plugin_failed, naming the function, the
// field and the rule ("provider-x.open: answer.ip_addresses must be a list of texts").

#pragma once

#include "base/result.hpp"

#include "core/money/money.hpp"
#include "core/plugin/plugin_call.hpp"

#include "plugin/json.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rb::plugin {

class AnswerReader {
public:
    // `function`: "provider-x.open"; `answer` must outlive the reader.
    AnswerReader(std::string function, const Json& answer)
        : AnswerReader(std::move(function), answer, "answer") {}

    [[nodiscard]] const Json& answer() const { return answer_; }
    // The answer must be an object.
    [[nodiscard]] Result<> check_object() const;
    [[nodiscard]] bool has(const std::string& field) const;

    // Absent or () gives the empty value.
    [[nodiscard]] Result<std::string> text(const std::string& field) const;
    [[nodiscard]] Result<std::string> required_text(const std::string& field) const;
    [[nodiscard]] Result<bool> boolean(const std::string& field, bool fallback) const;
    [[nodiscard]] Result<std::optional<std::int64_t>> integer(const std::string& field) const;
    [[nodiscard]] Result<std::vector<std::string>> texts(const std::string& field) const;
    // Values may be texts, integers or booleans.
    [[nodiscard]] Result<core::StringMap> text_map(const std::string& field) const;
    // Objects of a list, each with a reader that knows its place.
    [[nodiscard]] Result<std::vector<AnswerReader>> objects(const std::string& field) const;
    // The answer itself as a list of objects, or as a map.
    [[nodiscard]] Result<std::vector<AnswerReader>> as_objects() const;
    [[nodiscard]] Result<core::StringMap> as_text_map() const;
    // "12.00" with its currency; nothing when the amount is absent.
    [[nodiscard]] Result<std::optional<core::Money>> money(const std::string& amount_field,
                                                           const std::string& currency_field) const;

    [[nodiscard]] Error wrong(const std::string& field, const std::string& rule) const;

private:
    AnswerReader(std::string function, const Json& answer, std::string place)
        : function_(std::move(function)), answer_(answer), place_(std::move(place)) {}
    [[nodiscard]] const Json* find(const std::string& field) const;
    [[nodiscard]] Result<std::vector<AnswerReader>> list_of(const Json& list,
                                                            const std::string& place) const;
    [[nodiscard]] Result<core::StringMap> map_of(const Json& object,
                                                 const std::string& field) const;

    std::string function_;
    const Json& answer_;
    std::string place_;
};

}  // namespace rb::plugin
