#include "store_pg/connection.hpp"

#include "support/test_database.hpp"

#include <gtest/gtest.h>

namespace rb::store_pg {
namespace {

using core::Currency;
using core::Money;
using core::Timestamp;
using test::Schema;
using test::TestDatabase;

constexpr Statement echo{
    "test_echo",
    "SELECT $1::text, $2::bigint, $3::boolean, $4::uuid, $5::decimal(12,2), $6::char(3), "
    "$7::timestamptz, $8::bytea, $9::text[], $10::text"};
constexpr Statement echo_time{"test_echo_time", "SELECT $1::timestamptz"};
constexpr Statement divide{"test_divide", "SELECT 1 / $1::int"};
constexpr Statement make_table{"test_make_table", "CREATE TABLE numbers (n int PRIMARY KEY)"};
constexpr Statement insert_number{"test_insert_number", "INSERT INTO numbers VALUES ($1)"};
constexpr Statement count_numbers{"test_count_numbers", "SELECT count(*) FROM numbers"};

class ConnectionTest : public testing::Test {
protected:
    ConnectionTest() : connection_(*Connection::open(db_.connection_options())) {}
    TestDatabase db_{Schema::empty};
    Connection connection_;
};

TEST_F(ConnectionTest, values_of_every_type_come_back_as_they_went) {
    const auto uuid = *Uuid::parse("018f0000-0000-7000-8000-00000000000a");
    const Timestamp time{std::chrono::microseconds(1'763'910'661'000'123)};
    const std::vector<std::string> texts{"plain", "with \"quotes\" and \\", "a,b", ""};
    const std::string bytes("\x00\xff\x10", 3);
    const auto rows =
        connection_.run(echo, Parameters::of("text 'quoted'", 42, true, uuid,
                                             Money(-1205, Currency::cny()), Currency::cny(), time,
                                             Bytes{bytes}, texts, std::optional<std::string>()));
    ASSERT_TRUE(rows.has_value()) << rows.error().detail;
    const auto row = rows->front();
    EXPECT_EQ(row.text(0), "text 'quoted'");
    EXPECT_EQ(row.integer(1), 42);
    EXPECT_TRUE(row.boolean(2));
    EXPECT_EQ(row.uuid(3), uuid);
    EXPECT_EQ(row.money(4, 5).to_string(), "-12.05");
    EXPECT_EQ(row.timestamp(6), time);
    EXPECT_EQ(row.bytes(7), bytes);
    EXPECT_EQ(row.texts(8), texts);
    EXPECT_FALSE(row.optional<std::string>(9).has_value());
}

// What a column holds must not end the process, however far in the future it is.
TEST_F(ConnectionTest, times_of_every_year_come_back_as_they_went) {
    for (const auto year : {1, 999, 1969, 2026, 9999, 10'000, 32'767}) {
        for (const auto micros : {0, 120'000, 999'999}) {
            const auto day = std::chrono::sys_days(std::chrono::year(year) / 12 / 31);
            const auto time = Timestamp(day) + std::chrono::hours(23) + std::chrono::seconds(59) +
                              std::chrono::microseconds(micros);
            const auto rows = connection_.run(echo_time, Parameters::of(time));
            ASSERT_TRUE(rows.has_value()) << rows.error().detail;
            EXPECT_EQ(rows->front().timestamp(0), time) << rows->front().text(0);
        }
    }
}

TEST_F(ConnectionTest, a_failed_statement_tells_the_log_and_not_the_caller) {
    const auto failed = connection_.run(divide, Parameters::of(0));
    ASSERT_TRUE(failed.has_error());
    EXPECT_EQ(failed.error().code, ErrorCode::internal);
    EXPECT_EQ(failed.error().message, "internal error");
    EXPECT_NE(failed.error().detail.find("22012"), std::string::npos);
    EXPECT_FALSE(connection_.is_broken());
    EXPECT_TRUE(connection_.run(divide, Parameters::of(1)).has_value());
}

TEST_F(ConnectionTest, a_pipeline_answers_each_command_in_order) {
    ASSERT_TRUE(connection_.run(make_table).has_value());
    const std::vector<Command> commands = {{&insert_number, Parameters::of(1)},
                                           {&insert_number, Parameters::of(2)},
                                           {&count_numbers, {}}};
    const auto answers = connection_.run_pipeline(commands);
    ASSERT_TRUE(answers.has_value()) << answers.error().detail;
    ASSERT_EQ(answers->size(), 3U);
    EXPECT_EQ((*answers)[0].affected(), 1);
    EXPECT_EQ((*answers)[2].front().integer(0), 2);
}

TEST_F(ConnectionTest, a_pipeline_that_fails_in_the_middle_leaves_nothing_and_a_usable_connection) {
    ASSERT_TRUE(connection_.run(make_table).has_value());
    const std::vector<Command> commands = {{&insert_number, Parameters::of(1)},
                                           {&insert_number, Parameters::of(1)},
                                           {&count_numbers, {}}};
    const auto answers = connection_.run_pipeline(commands);
    ASSERT_TRUE(answers.has_error());
    EXPECT_EQ(answers.error().code, ErrorCode::already_exists);
    EXPECT_EQ(connection_.run(count_numbers)->front().integer(0), 0);
}

TEST_F(ConnectionTest, a_killed_backend_breaks_the_connection_with_unavailable) {
    db_.run("SELECT pg_terminate_backend(" + std::to_string(connection_.backend_pid()) + ")");
    const auto failed = connection_.run(divide, Parameters::of(1));
    ASSERT_TRUE(failed.has_error());
    EXPECT_EQ(failed.error().code, ErrorCode::unavailable);
    EXPECT_TRUE(connection_.is_broken());
}

TEST(Connection, a_server_that_is_not_there_is_unavailable) {
    const auto connection = Connection::open({.url = "postgres://nobody@127.0.0.1:1/none"});
    ASSERT_TRUE(connection.has_error());
    EXPECT_EQ(connection.error().code, ErrorCode::unavailable);
    EXPECT_EQ(connection.error().message, "the database is not available; try again");
}

}  // namespace
}  // namespace rb::store_pg
