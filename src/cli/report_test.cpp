#include "cli/report.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace rb::cli {
namespace {

std::string printed(const auto& what, Format format) {
    std::ostringstream out;
    print(out, what, format);
    return out.str();
}

const Table table{.columns = {"id", "name", "on"},
                  .rows = {{std::int64_t{7}, std::string("云"), true},
                           {std::int64_t{12}, std::string("a \"b\""), false}}};

TEST(Report, aligns_columns_by_characters) {
    EXPECT_EQ(printed(table, Format::text),
              "id  name   on\n"
              "7   云      yes\n"
              "12  a \"b\"  no\n");
}

TEST(Report, keeps_kinds_and_order_in_json) {
    EXPECT_EQ(printed(table, Format::json),
              "[{\"id\":7,\"name\":\"云\",\"on\":true},{\"id\":12,\"name\":\"a "
              "\\\"b\\\"\",\"on\":false}]\n");
    EXPECT_EQ(printed(Table{.columns = {"id"}}, Format::json), "[]\n");
    EXPECT_EQ(printed(Object{{"b", std::string("x")}, {"a", true}}, Format::json),
              "{\"b\":\"x\",\"a\":true}\n");
    EXPECT_EQ(printed(Sections{{"t", Table{.columns = {"id"}}}}, Format::json), "{\"t\":[]}\n");
}

TEST(Report, does_not_fail_on_what_is_not_utf8) {
    EXPECT_EQ(printed(Object{{"a", std::string("\xFF")}}, Format::json),
              "{\"a\":\"\xEF\xBF\xBD\"}\n");
}

}  // namespace
}  // namespace rb::cli
