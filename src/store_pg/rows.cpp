#include "store_pg/rows.hpp"

#include "store_pg/timestamp_text.hpp"

#include <libpq-fe.h>

#include <charconv>
#include <cstdlib>

namespace rb::store_pg {
namespace {

int hex_value(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    ASSERT(digit >= 'a' && digit <= 'f');
    return digit - 'a' + 10;
}

}  // namespace

bool Row::is_null(int column) const {
    return PQgetisnull(result_, row_, column) != 0;
}

std::string_view Row::text(int column) const {
    ASSERT(!is_null(column));
    return {PQgetvalue(result_, row_, column),
            static_cast<std::size_t>(PQgetlength(result_, row_, column))};
}

std::int64_t Row::integer(int column) const {
    const auto digits = text(column);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    ASSERT(error == std::errc() && end == digits.data() + digits.size());
    return value;
}

core::Timestamp Row::timestamp(int column) const {
    return timestamp_from_text(text(column));
}

Uuid Row::uuid(int column) const {
    const auto uuid = Uuid::parse(text(column));
    ASSERT(uuid.has_value());
    return *uuid;
}

core::Currency Row::currency(int column) const {
    const auto currency = core::Currency::parse(text(column));
    ASSERT(currency.has_value());
    return *currency;
}

core::Money Row::money(int column, int currency_column) const {
    return money(column, currency(currency_column));
}

core::Money Row::money(int column, core::Currency currency) const {
    const auto amount = core::Money::parse(text(column), currency, "amount");
    ASSERT(amount.has_value());
    return *amount;
}

std::string Row::bytes(int column) const {
    const auto hex = text(column);
    ASSERT(hex.size() >= 2 && hex.size() % 2 == 0 && hex.starts_with("\\x"));
    std::string bytes;
    bytes.reserve(hex.size() / 2 - 1);
    for (std::size_t position = 2; position < hex.size(); position += 2) {
        bytes += static_cast<char>((hex_value(hex[position]) << 4) | hex_value(hex[position + 1]));
    }
    return bytes;
}

std::vector<std::string> Row::texts(int column) const {
    const auto array = text(column);
    ASSERT(array.size() >= 2 && array.front() == '{' && array.back() == '}');
    std::vector<std::string> texts;
    std::string current;
    bool quoted = false;
    bool any = false;
    for (std::size_t position = 1; position + 1 < array.size(); ++position) {
        const char character = array[position];
        if (character == '"') {
            quoted = !quoted;
            any = true;
        } else if (character == '\\') {
            current += array[++position];
        } else if (character == ',' && !quoted) {
            texts.push_back(std::move(current));
            current.clear();
        } else {
            current += character;
            any = true;
        }
    }
    if (any || !texts.empty()) texts.push_back(std::move(current));
    return texts;
}

Rows::Rows(pg_result* result) : result_(result) {}

void Rows::Clear::operator()(pg_result* result) const {
    PQclear(result);
}

int Rows::size() const {
    return PQntuples(result_.get());
}

std::int64_t Rows::affected() const {
    // PQcmdTuples wants a non-const result though it changes nothing.
    const char* count = PQcmdTuples(result_.get());
    return *count == '\0' ? 0 : std::strtoll(count, nullptr, 10);
}

}  // namespace rb::store_pg
