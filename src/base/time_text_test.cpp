#include "base/time_text.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace rb {
namespace {

std::string written(std::int64_t micros) {
    const UtcTime time{std::chrono::microseconds(micros)};
    std::string text = "at ";
    append_date_time(time, 'T', text);
    append_micros(time, text);
    return text;
}

TEST(TimeText, pads_every_part_to_its_width) {
    EXPECT_EQ(written(0), "at 1970-01-01T00:00:00.000000");
    EXPECT_EQ(written(1'795'446'662'000'123), "at 2026-11-23T15:11:02.000123");
    EXPECT_EQ(written(-62'135'596'800'000'000), "at 0001-01-01T00:00:00.000000");
}

TEST(TimeText, rounds_down_before_1970_too) {
    EXPECT_EQ(written(-1), "at 1969-12-31T23:59:59.999999");
    EXPECT_EQ(written(-1'000'000), "at 1969-12-31T23:59:59.000000");
}

TEST(TimeText, knows_leap_years) {
    EXPECT_EQ(written(951'782'400'000'000), "at 2000-02-29T00:00:00.000000");
    EXPECT_EQ(written(4'107'542'400'000'000), "at 2100-03-01T00:00:00.000000");
}

TEST(TimeText, writes_years_of_more_digits_and_those_before_the_first) {
    EXPECT_EQ(written(253'402'300'800'000'000), "at 10000-01-01T00:00:00.000000");
    EXPECT_EQ(written(-62'198'755'200'000'000), "at -001-01-01T00:00:00.000000");
}

}  // namespace
}  // namespace rb
