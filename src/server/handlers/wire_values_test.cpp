#include "server/handlers/wire_values.hpp"

#include "core/ids.hpp"

#include <gtest/gtest.h>

namespace rb::server {
namespace {

core::Timestamp at(std::int64_t micros) {
    return core::Timestamp(std::chrono::microseconds(micros));
}

TEST(TimeText, is_rfc_3339_in_utc) {
    EXPECT_EQ(time_text(at(0)), "1970-01-01T00:00:00Z");
    EXPECT_EQ(time_text(at(1'795'446'662'000'000)), "2026-11-23T15:11:02Z");
    EXPECT_EQ(time_text(at(1'795'446'662'000'123)), "2026-11-23T15:11:02.000123Z");
    EXPECT_EQ(time_text(at(-1)), "1969-12-31T23:59:59.999999Z");
    EXPECT_EQ(time_text(std::optional<core::Timestamp>()), "");
}

TEST(ParseTime, reads_every_offset_and_what_it_wrote) {
    const char* cases[][2] = {
        {"2026-11-23T15:11:02Z", "2026-11-23T15:11:02Z"},
        {"2026-11-23t15:11:02z", "2026-11-23T15:11:02Z"},
        {"2026-11-23T23:11:02+08:00", "2026-11-23T15:11:02Z"},
        {"2026-11-23T10:11:02-05:00", "2026-11-23T15:11:02Z"},
        {"2026-11-23T15:11:02.5Z", "2026-11-23T15:11:02.500000Z"},
        {"2026-11-23T15:11:02.123456789Z", "2026-11-23T15:11:02.123456Z"},
        {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"},
        {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"},
        {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"},
        {"9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"},
    };
    for (const auto& [text, expected] : cases) {
        const auto time = parse_time(text, "at");
        ASSERT_FALSE(time.has_error()) << text;
        EXPECT_EQ(time_text(*time), expected) << text;
    }
}

TEST(ParseTime, refuses_the_rest_by_the_field_s_name) {
    for (const auto* text :
         {"", "2026-11-23", "2026-11-23T15:11:02", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
          "2026-11-23T24:00:00Z", "2026-11-23T15:60:00Z", "2026-11-23T15:11:02.Z",
          "2026-11-23T15:11:02Zx", "2026-11-23T15:11:02+24:00", "tomorrow",
          // What has no year of four digits in UTC could be neither stored nor shown.
          "0000-12-31T23:59:59Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
          "9999-12-31T23:59:60Z"}) {
        const auto time = parse_time(text, "expires_at");
        ASSERT_TRUE(time.has_error()) << text;
        EXPECT_EQ(time.error().field, "expires_at");
    }
}

TEST(OptionalId, empty_means_nothing_and_nonsense_is_refused) {
    EXPECT_FALSE(parse_optional_id<core::OrderId>("", "id")->has_value());
    EXPECT_EQ(parse_optional_id<core::OrderId>("x", "order_id").error().field, "order_id");
    const std::string text = "01920000-0000-7000-8000-000000000001";
    EXPECT_EQ(id_text(*parse_optional_id<core::OrderId>(text, "id")), text);
}

TEST(Paging, counts_pages_and_refuses_what_is_past_the_bounds) {
    rustbill::common::PageRequest request;
    const auto first = page_of(request);
    EXPECT_EQ(first->page, 1U);
    EXPECT_EQ(first->page_size, 20U);
    request.set_page_size(100);
    EXPECT_FALSE(page_of(request).has_error());
    request.set_page_size(101);
    EXPECT_EQ(page_of(request).error().field, "pagination.page_size");
    rustbill::common::PageMeta meta;
    fill_meta(41, *first, meta);
    EXPECT_EQ(meta.total_pages(), 3U);
    EXPECT_EQ(meta.total(), 41U);
}

}  // namespace
}  // namespace rb::server
