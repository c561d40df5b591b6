#include "store_pg/migration_runner.hpp"

#include "support/test_database.hpp"

#include <gtest/gtest.h>

#include <array>
#include <thread>

namespace rb::store_pg {
namespace {

using test::Schema;
using test::TestDatabase;

constexpr int migration_count = 10;

class MigrationRunnerTest : public testing::Test {
protected:
    MigrationRunner runner() { return {db_.connection_options(), core::NodeId()}; }
    TestDatabase db_{Schema::empty};
};

TEST_F(MigrationRunnerTest, runs_all_and_records_them_as_sqlx_does) {
    ASSERT_EQ(*runner().run(), migration_count);
    EXPECT_EQ(db_.value("SELECT string_agg(version || ' ' || description, ', ' ORDER BY version) "
                        "FROM _sqlx_migrations"),
              "1 initial, 2 operation logs, 3 config schema, 4 citus prepare, 5 api keys, "
              "6 customer api key flag, 7 instance detail sections, 8 scriptable plugins, "
              "9 plugins table, 10 second factors");
    EXPECT_EQ(db_.value("SELECT count(*) FROM _sqlx_migrations WHERE success AND "
                        "length(checksum) = 48 AND execution_time > 0"),
              std::to_string(migration_count));
    EXPECT_EQ(*runner().run(), 0);
    EXPECT_TRUE(runner().check().has_value());
}

// Of a shop that is in use: what it holds stays, and what is new comes beside it.
TEST_F(MigrationRunnerTest, runs_only_what_a_database_of_before_lacks) {
    const auto all = embedded_migrations();
    ASSERT_EQ(*runner().run(all.first(9)), 9);
    db_.run(
        "INSERT INTO users (id, username, password_hash, user_type, role) "
        "VALUES (gen_random_uuid(), 'boss', 'hash', 'admin', 'admin')");
    EXPECT_NE(runner().check().error().message.find("older than this binary"), std::string::npos);
    ASSERT_EQ(*runner().run(), migration_count - 9);
    EXPECT_EQ(db_.value("SELECT username FROM users"), "boss");
    EXPECT_EQ(db_.value("SELECT admins_need_second_factor FROM sign_in_policy"), "f");
}

TEST_F(MigrationRunnerTest, two_servers_that_start_at_once_run_each_migration_once) {
    std::array<int, 2> ran{};
    std::thread other([&] { ran[0] = runner().run().value(); });
    ran[1] = runner().run().value();
    other.join();
    EXPECT_EQ(ran[0] + ran[1], migration_count);
}

TEST_F(MigrationRunnerTest, refuses_a_migration_that_was_changed_after_it_ran) {
    ASSERT_TRUE(runner().run().has_value());
    db_.run("UPDATE _sqlx_migrations SET checksum = '\\x00' WHERE version = 3");
    const auto refused = runner().run();
    ASSERT_TRUE(refused.has_error());
    EXPECT_EQ(refused.error().code, ErrorCode::failed_precondition);
    EXPECT_NE(refused.error().message.find("migration 3 (config schema) was changed"),
              std::string::npos);
}

TEST_F(MigrationRunnerTest, refuses_a_failed_row_and_a_newer_schema) {
    ASSERT_TRUE(runner().run().has_value());
    db_.run("INSERT INTO _sqlx_migrations VALUES (99, 'from the future', now(), TRUE, '\\x00', 1)");
    EXPECT_NE(runner().run().error().message.find("newer than this binary"), std::string::npos);
    db_.run("UPDATE _sqlx_migrations SET success = FALSE WHERE version = 99");
    EXPECT_NE(runner().run().error().message.find("recorded as failed"), std::string::npos);
}

TEST_F(MigrationRunnerTest, a_failing_migration_leaves_the_schema_of_the_one_before) {
    const std::array migrations = {Migration{1, "good", "CREATE TABLE good (n int)"},
                                   Migration{2, "bad", "CREATE TABLE bad (n int); SELECT 1 / 0"}};
    const auto failed = runner().run(migrations);
    ASSERT_TRUE(failed.has_error());
    EXPECT_EQ(failed.error().message, "migration 2 (bad) failed");
    EXPECT_NE(failed.error().detail.find("division by zero"), std::string::npos);
    EXPECT_EQ(db_.value("SELECT to_regclass('good') IS NOT NULL"), "t");
    EXPECT_EQ(db_.value("SELECT to_regclass('bad') IS NULL"), "t");
    EXPECT_EQ(db_.value("SELECT count(*) FROM _sqlx_migrations"), "1");
}

TEST_F(MigrationRunnerTest, check_refuses_an_older_schema) {
    const auto refused = runner().check();
    ASSERT_TRUE(refused.has_error());
    EXPECT_NE(refused.error().message.find("older than this binary"), std::string::npos);
}

}  // namespace
}  // namespace rb::store_pg
