#include "plugin/time_text.hpp"

#include <array>
#include <chrono>
#include <optional>

namespace rb::plugin {

namespace {

constexpr std::int64_t seconds_min = -62'167'219'200;  // year 0
constexpr std::int64_t seconds_max = 253'402'300'799;  // end of year 9999

std::string padded(std::int64_t number, std::size_t width) {
    auto text = std::to_string(number);
    return text.size() < width ? std::string(width - text.size(), '0') + text : text;
}

// `count` digits at the front, taken off.
std::optional<int> take_number(std::string_view& text, std::size_t count) {
    if (text.size() < count) return std::nullopt;
    int number = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
        number = number * 10 + (text[i] - '0');
    }
    text.remove_prefix(count);
    return number;
}

bool take(std::string_view& text, std::string_view any_of) {
    if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
    text.remove_prefix(1);
    return true;
}

// Minutes east of UTC.
std::optional<int> take_offset(std::string_view& text) {
    if (take(text, "Zz")) return 0;
    const bool is_west = !text.empty() && text.front() == '-';
    if (!take(text, "+-")) return std::nullopt;
    const auto hours = take_number(text, 2);
    if (!take(text, ":")) return std::nullopt;
    const auto minutes = take_number(text, 2);
    if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
    return (is_west ? -1 : 1) * (*hours * 60 + *minutes);
}

}  // namespace

Result<std::string> format_time(std::int64_t unix_seconds, std::string_view pattern,
                                std::int64_t offset_minutes) {
    using std::chrono::seconds;
    if (offset_minutes < -1440 || offset_minutes > 1440) {
        return invalid_field("offset_minutes", "must be within a day");
    }
    const auto shown = unix_seconds < seconds_min || unix_seconds > seconds_max
                           ? seconds_max + 1
                           : unix_seconds + offset_minutes * 60;
    if (shown < seconds_min || shown > seconds_max) {
        return invalid_field("seconds", "must be within the years 0 to 9999");
    }
    const std::chrono::sys_seconds time{seconds(shown)};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const auto of_day = (time - day).count();
    std::string out;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != '%') {
            out += pattern[i];
            continue;
        }
        switch (++i < pattern.size() ? pattern[i] : '\0') {
            case 'Y':
                out += padded(static_cast<int>(date.year()), 4);
                break;
            case 'm':
                out += padded(static_cast<unsigned>(date.month()), 2);
                break;
            case 'd':
                out += padded(static_cast<unsigned>(date.day()), 2);
                break;
            case 'H':
                out += padded(of_day / 3600, 2);
                break;
            case 'M':
                out += padded(of_day / 60 % 60, 2);
                break;
            case 'S':
                out += padded(of_day % 60, 2);
                break;
            case '%':
                out += '%';
                break;
            default:
                return invalid_field("pattern", "knows %Y %m %d %H %M %S and %%");
        }
    }
    return out;
}

Result<std::int64_t> parse_rfc3339(std::string_view text) {
    const auto malformed = invalid_field("text", "is not a time of RFC 3339");
    const auto year = take_number(text, 4);
    const bool dash = take(text, "-");
    const auto month = take_number(text, 2);
    const bool dash2 = take(text, "-");
    const auto day = take_number(text, 2);
    const bool separator = take(text, "Tt ");
    const auto hour = take_number(text, 2);
    const bool colon = take(text, ":");
    const auto minute = take_number(text, 2);
    const bool colon2 = take(text, ":");
    const auto second = take_number(text, 2);
    if (!year || !dash || !month || !dash2 || !day || !separator || !hour || !colon || !minute ||
        !colon2 || !second || *hour > 23 || *minute > 59 || *second > 60) {
        return malformed;
    }
    if (take(text, ".")) {
        if (!take_number(text, 1)) return malformed;
        while (take_number(text, 1)) {
        }
    }
    const auto offset = take_offset(text);
    const std::chrono::year_month_day date{std::chrono::year(*year),
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!offset || !text.empty() || !date.ok()) return malformed;
    const auto days = std::chrono::sys_days(date).time_since_epoch().count();
    return std::int64_t{days} * 86400 + *hour * 3600L + (*minute - *offset) * 60L + *second;
}

}  // namespace rb::plugin
