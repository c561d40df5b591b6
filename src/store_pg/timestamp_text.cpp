#include "store_pg/timestamp_text.hpp"

#include "base/assert.hpp"
#include "base/time_text.hpp"

#include <charconv>

namespace rb::store_pg {
namespace {

int digits(std::string_view text, std::size_t from, std::size_t count) {
    int value = 0;
    const auto* begin = text.data() + from;
    const auto [end, error] = std::from_chars(begin, begin + count, value);
    ASSERT(error == std::errc() && end == begin + count);
    return value;
}

}  // namespace

void append_text(core::Timestamp time, std::string& text) {
    append_date_time(time, ' ', text);
    append_micros(time, text);
    text += "+00";
}

core::Timestamp timestamp_from_text(std::string_view text) {
    // 2026-11-23 15:11:01[.123456]+00; from the year 10000 on, the year has more digits
    const auto year_digits = text.find('-');
    ASSERT(year_digits != std::string_view::npos && year_digits >= 4 && text.ends_with("+00"));
    const auto year = digits(text, 0, year_digits);
    // 012345678901234
    // -11-23 15:11:01[.123456]
    text = text.substr(year_digits, text.size() - year_digits - 3);
    ASSERT(text.size() >= 15);
    const auto date = std::chrono::year(year) /
                      std::chrono::month(static_cast<unsigned>(digits(text, 1, 2))) /
                      std::chrono::day(static_cast<unsigned>(digits(text, 4, 2)));
    const auto time =
        core::Timestamp(std::chrono::sys_days(date)) + std::chrono::hours(digits(text, 7, 2)) +
        std::chrono::minutes(digits(text, 10, 2)) + std::chrono::seconds(digits(text, 13, 2));
    if (text.size() == 15) return time;
    ASSERT(text[15] == '.');
    const std::size_t places = text.size() - 16;
    int micros = digits(text, 16, places);
    for (std::size_t place = places; place < 6; ++place) micros *= 10;
    return time + std::chrono::microseconds(micros);
}

}  // namespace rb::store_pg
