#include "base/time_text.hpp"

#include <array>
#include <cstdint>

namespace rb {
namespace {

// As printf's %0*d: a sign counts as one of the places.
void append_padded(std::int64_t value, std::size_t places, std::string& text) {
    if (value < 0) {
        text += '-';
        value = -value;
        --places;
    }
    // Backwards, for the end is what is known.
    std::array<char, 20> digits;
    auto* const end = digits.data() + digits.size();
    auto* begin = end;
    auto rest = static_cast<std::uint64_t>(value);
    while (rest > 0 || begin > end - places) {
        *--begin = static_cast<char>('0' + rest % 10);
        rest /= 10;
    }
    text.append(begin, end);
}

}  // namespace

void append_date_time(UtcTime time, char between, std::string& text) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    append_padded(static_cast<int>(date.year()), 4, text);
    text += '-';
    append_padded(static_cast<unsigned>(date.month()), 2, text);
    text += '-';
    append_padded(static_cast<unsigned>(date.day()), 2, text);
    text += between;
    append_padded(clock.hours().count(), 2, text);
    text += ':';
    append_padded(clock.minutes().count(), 2, text);
    text += ':';
    append_padded(clock.seconds().count(), 2, text);
}

void append_micros(UtcTime time, std::string& text) {
    text += '.';
    append_padded((time - std::chrono::floor<std::chrono::seconds>(time)).count(), 6, text);
}

}  // namespace rb
