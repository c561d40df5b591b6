// Rows: what a statement answered, with typed access by column position.
//
// A Row and every string_view read from it live as long as their Rows. A column that does not hold
// what is asked of it (NULL where a value is read, an unknown word) means that code and schema
// disagree: that is a bug and ends the process. Read what may be absent with optional().

#pragma once

#include "base/assert.hpp"
#include "base/id.hpp"

#include "core/money/money.hpp"
#include "core/named_enum.hpp"
#include "core/ports/clock.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

// libpq's result, so that libpq-fe.h stays inside this layer's .cpp files.
struct pg_result;

namespace rb::store_pg {

namespace detail {
template <typename T>
struct IsId : std::false_type {};
template <typename Tag>
struct IsId<Id<Tag>> : std::true_type {};
}  // namespace detail

class Row {
public:
    Row(const pg_result* result, int row) : result_(result), row_(row) {}

    [[nodiscard]] bool is_null(int column) const;
    [[nodiscard]] std::string_view text(int column) const;
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] bool boolean(int column) const { return text(column) == "t"; }
    [[nodiscard]] core::Timestamp timestamp(int column) const;
    [[nodiscard]] Uuid uuid(int column) const;
    [[nodiscard]] core::Currency currency(int column) const;
    // The amount in `column`, in the currency that `currency_column` names.
    [[nodiscard]] core::Money money(int column, int currency_column) const;
    [[nodiscard]] core::Money money(int column, core::Currency currency) const;
    // bytea
    [[nodiscard]] std::string bytes(int column) const;
    // text[]
    [[nodiscard]] std::vector<std::string> texts(int column) const;

    // get<std::string>, get<int64_t>, get<int>, get<bool>, get<Timestamp>, get<OrderId>,
    // get<OrderStatus>
    template <typename T>
    [[nodiscard]] T get(int column) const {
        if constexpr (std::is_same_v<T, std::string>) {
            return std::string(text(column));
        } else if constexpr (std::is_same_v<T, bool>) {
            return boolean(column);
        } else if constexpr (std::is_integral_v<T>) {
            return static_cast<T>(integer(column));
        } else if constexpr (std::is_same_v<T, core::Timestamp>) {
            return timestamp(column);
        } else if constexpr (std::is_same_v<T, core::Currency>) {
            return currency(column);
        } else if constexpr (std::is_same_v<T, Uuid>) {
            return uuid(column);
        } else if constexpr (detail::IsId<T>::value) {
            return T(uuid(column));
        } else {
            static_assert(core::NamedEnum<T>);
            const auto value = core::find_enum<T>(text(column));
            ASSERT(value.has_value());
            return *value;
        }
    }

    template <typename T>
    [[nodiscard]] std::optional<T> optional(int column) const {
        if (is_null(column)) return std::nullopt;
        return get<T>(column);
    }

private:
    const pg_result* result_;
    int row_;
};

class Rows {
public:
    // Takes the result over.
    explicit Rows(pg_result* result);

    [[nodiscard]] int size() const;
    [[nodiscard]] bool empty() const { return size() == 0; }
    [[nodiscard]] Row operator[](int row) const { return {result_.get(), row}; }
    // REQUIRES: not empty
    [[nodiscard]] Row front() const {
        ASSERT(!empty());
        return (*this)[0];
    }
    // Rows that an INSERT, UPDATE or DELETE touched.
    [[nodiscard]] std::int64_t affected() const;

    // mapped(map): one value per row.
    template <typename Map>
    auto mapped(Map map) const {
        std::vector<decltype(map(std::declval<const Row&>()))> values;
        values.reserve(static_cast<std::size_t>(size()));
        for (int row = 0; row < size(); ++row) values.push_back(map((*this)[row]));
        return values;
    }

private:
    struct Clear {
        void operator()(pg_result* result) const;
    };
    std::unique_ptr<pg_result, Clear> result_;
};

}  // namespace rb::store_pg
