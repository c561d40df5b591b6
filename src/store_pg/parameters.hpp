// The values of one execution, in the order $1, $2, …, as PostgreSQL's text form.
//
//     Parameters::of(order.id, order.amount, order.paid_at)
//
// An empty optional is NULL. Money gives its amount only; its currency is a parameter of its own.

#pragma once

#include "base/id.hpp"

#include "core/money/money.hpp"
#include "core/named_enum.hpp"
#include "core/ports/clock.hpp"

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
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
        parameters.values_.reserve(sizeof...(values));
        (parameters.add(values), ...);
        return parameters;
    }

    void add(std::string_view text) { values_.emplace_back(std::string(text)); }
    void add(const std::string& text) { values_.emplace_back(text); }
    void add(const char* text) { values_.emplace_back(text); }
    void add(bool value) { values_.emplace_back(value ? "t" : "f"); }
    template <std::integral Integer>
    requires(!std::same_as<Integer, bool>) void add(Integer value) {
        values_.emplace_back(std::to_string(value));
    }
    void add(const Uuid& uuid) { values_.emplace_back(uuid.to_string()); }
    template <typename Tag>
    void add(const Id<Tag>& id) {
        add(id.uuid());
    }
    void add(core::Money money) { values_.emplace_back(money.to_string()); }
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
            values_.emplace_back(std::nullopt);
        }
    }

    [[nodiscard]] std::span<const std::optional<std::string>> values() const { return values_; }

private:
    std::vector<std::optional<std::string>> values_;
};

}  // namespace rb::store_pg
