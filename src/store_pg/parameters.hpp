// The values of one execution, in the order $1, $2, …, as PostgreSQL's text form.
//
//     Parameters::of(order.id, order.amount, order.paid_at)
//
// An empty optional is NULL. Money gives its amount only; its currency is a parameter of its own.
//
// All texts lie in one buffer, one after the other and each ended by a NUL, as libpq wants them: a
// purchase sends a hundred values, and an allocation for each was what they cost most.

#pragma once

#include "base/id.hpp"

#include "core/money/money.hpp"
#include "core/named_enum.hpp"
#include "core/ports/clock.hpp"

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rb::store_pg {

// bytea: std::string would be taken for text.
struct Bytes {
    std::string_view data;
};

class Parameters {
public:
    template <typename... Values>
    static Parameters of(const Values&... values) {
        Parameters parameters;
        parameters.starts_.reserve(sizeof...(values));
        parameters.text_.reserve(sizeof...(values) * usual_bytes);
        (parameters.add(values), ...);
        return parameters;
    }

    void add(std::string_view text) {
        begin_value();
        text_ += text;
        end_value();
    }
    void add(const std::string& text) { add(std::string_view(text)); }
    void add(const char* text) { add(std::string_view(text)); }
    void add(bool value) { add(value ? "t" : "f"); }
    template <std::integral Integer>
    requires(!std::same_as<Integer, bool>) void add(Integer value) { add(std::to_string(value)); }
    void add(const Uuid& uuid) { add(uuid.to_string()); }
    template <typename Tag>
    void add(const Id<Tag>& id) {
        add(id.uuid());
    }
    void add(core::Money money) { add(money.to_string()); }
    void add(core::Currency currency) { add(currency.code()); }
    void add(core::Timestamp time);
    void add(Bytes bytes);
    // text[]
    void add(const std::vector<std::string>& texts);
    template <core::NamedEnum Enum>
    void add(Enum value) {
        add(core::name_of(value));
    }
    template <typename Value>
    void add(const std::optional<Value>& value) {
        if (value) {
            add(*value);
        } else {
            starts_.push_back(null);
        }
    }

    [[nodiscard]] std::size_t size() const { return starts_.size(); }
    // The text of a value, nullptr for NULL; until the next add().
    [[nodiscard]] const char* operator[](std::size_t index) const {
        const auto start = starts_[index];
        return start == null ? nullptr : text_.data() + start;
    }

private:
    static constexpr auto null = std::string::npos;
    // An id and its NUL; shorter values make room for longer ones.
    static constexpr std::size_t usual_bytes = 37;

    void begin_value() { starts_.push_back(text_.size()); }
    void end_value() { text_ += '\0'; }

    std::string text_;
    // Where each value begins in text_, or null.
    std::vector<std::size_t> starts_;
};

}  // namespace rb::store_pg
