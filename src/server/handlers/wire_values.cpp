#include "server/handlers/wire_values.hpp"

#include "base/time_text.hpp"

#include <charconv>

namespace rb::server {

namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// Takes what it reads from the front of a text; any mismatch makes the whole a failure.
class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}

    int digits(std::size_t count) {
        int value = 0;
        if (rest_.size() < count) return fail();
        for (std::size_t i = 0; i < count; ++i) {
            const char c = rest_[i];
            if (c < '0' || c > '9') return fail();
            value = value * 10 + (c - '0');
        }
        rest_.remove_prefix(count);
        return value;
    }
    char one_of(std::string_view characters) {
        if (rest_.empty() || characters.find(rest_.front()) == std::string_view::npos) {
            fail();
            return '\0';
        }
        const char c = rest_.front();
        rest_.remove_prefix(1);
        return c;
    }
    // ".5", ".123456789"; absent is 0.
    microseconds fraction() {
        if (rest_.empty() || rest_.front() != '.') return microseconds(0);
        rest_.remove_prefix(1);
        int micros = 0;
        int places = 0;
        while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
            if (places < 6) micros = micros * 10 + (rest_.front() - '0');
            ++places;
            rest_.remove_prefix(1);
        }
        if (places == 0) fail();
        for (; places < 6; ++places) micros *= 10;
        return microseconds(micros);
    }
    [[nodiscard]] bool is_good_to_the_end() const { return good_ && rest_.empty(); }

private:
    int fail() {
        good_ = false;
        rest_ = {};
        return 0;
    }
    std::string_view rest_;
    bool good_ = true;
};

}  // namespace

std::string time_text(core::Timestamp time) {
    std::string text;
    append_date_time(time, 'T', text);
    if (time != floor<seconds>(time)) append_micros(time, text);
    text += 'Z';
    return text;
}

std::string time_text(const std::optional<core::Timestamp>& time) {
    return time ? time_text(*time) : std::string();
}

Result<core::Timestamp> parse_time(std::string_view text, std::string_view field) {
    Reader reader(text);
    const std::chrono::year year(reader.digits(4));
    reader.one_of("-");
    const std::chrono::month month(static_cast<unsigned>(reader.digits(2)));
    reader.one_of("-");
    const std::chrono::day day(static_cast<unsigned>(reader.digits(2)));
    reader.one_of("Tt ");
    const int hour = reader.digits(2);
    reader.one_of(":");
    const int minute = reader.digits(2);
    reader.one_of(":");
    const int second = reader.digits(2);
    const auto fraction = reader.fraction();
    minutes offset(0);
    const char zone = reader.one_of("Zz+-");
    if (zone == '+' || zone == '-') {
        const int offset_hours = reader.digits(2);
        reader.one_of(":");
        offset = hours(offset_hours) + minutes(reader.digits(2));
        if (offset_hours > 23) offset = minutes::max();
        if (zone == '-') offset = -offset;
    }
    const std::chrono::year_month_day date(year, month, day);
    // 60 is a leap second, which POSIX time does not have: the second after.
    const bool in_range = date.ok() && hour < 24 && minute < 60 && second <= 60 &&
                          offset > -hours(24) && offset < hours(24);
    if (!reader.is_good_to_the_end() || !in_range) {
        return invalid_field(std::string(field),
                             "must be an RFC 3339 time such as 2026-11-23T15:04:05Z");
    }
    const auto time = core::Timestamp(std::chrono::sys_days(date)) + hours(hour) + minutes(minute) +
                      seconds(second) + fraction - offset;
    // In UTC it must have a year of four digits too, from 1 on: RFC 3339 writes no other, and
    // PostgreSQL has no year 0.
    constexpr core::Timestamp first = std::chrono::sys_days(std::chrono::year(1) / 1 / 1);
    constexpr core::Timestamp end = std::chrono::sys_days(std::chrono::year(10'000) / 1 / 1);
    if (time < first || time >= end) {
        return invalid_field(std::string(field), "must be in the years 0001 to 9999, in UTC");
    }
    return time;
}

Result<std::optional<core::Timestamp>> parse_optional_time(std::string_view text,
                                                           std::string_view field) {
    if (text.empty()) return std::optional<core::Timestamp>();
    return std::optional(TRY(parse_time(text, field)));
}

Result<core::PageRequest> page_of(const rustbill::common::PageRequest& request) {
    return core::PageRequest::create(request.page(), request.page_size());
}

void fill_meta(std::uint64_t total, core::PageRequest page, rustbill::common::PageMeta& meta) {
    meta.set_total(total);
    meta.set_page(page.page);
    meta.set_page_size(page.page_size);
    meta.set_total_pages(core::page_count(total, page.page_size));
}

}  // namespace rb::server
