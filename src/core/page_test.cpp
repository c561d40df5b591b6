#include "core/page.hpp"

#include <gtest/gtest.h>

namespace rb::core {
namespace {

TEST(PageRequest, takes_zero_for_the_default) {
    const auto page = PageRequest::create(0, 0);
    ASSERT_TRUE(page.has_value());
    EXPECT_EQ(page->page, 1u);
    EXPECT_EQ(page->page_size, limits::page_size_default);
    EXPECT_EQ(page->offset(), 0u);
}

TEST(PageRequest, ends_at_its_limits) {
    EXPECT_TRUE(PageRequest::create(limits::page_max, limits::page_size_max).has_value());
    EXPECT_EQ(PageRequest::create(limits::page_max + 1, 1).error().field, "pagination.page");
    EXPECT_EQ(PageRequest::create(1, limits::page_size_max + 1).error().field,
              "pagination.page_size");
}

TEST(PageCount, rounds_up) {
    EXPECT_EQ(page_count(0, 20), 0u);
    EXPECT_EQ(page_count(20, 20), 1u);
    EXPECT_EQ(page_count(21, 20), 2u);
}

}  // namespace
}  // namespace rb::core
