#include "store_pg/transaction.hpp"

#include "core/unit_of_work.hpp"

#include "support/test_database.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <thread>

namespace rb::store_pg {
namespace {

using test::Schema;
using test::TestDatabase;

constexpr Statement put{"test_put", "INSERT INTO numbers VALUES ($1)"};
constexpr Statement touch{"test_touch", "UPDATE numbers SET n = n WHERE n = $1"};
constexpr Statement lock_row{"test_lock_row", "SELECT n FROM numbers WHERE n = $1 FOR UPDATE"};

class TransactionTest : public testing::Test {
protected:
    TransactionTest() { db_.run("CREATE TABLE numbers (n int PRIMARY KEY)"); }
    Pool::Lease lease() { return std::move(*db_.pool().acquire()); }
    std::string count() { return db_.value("SELECT count(*) FROM numbers"); }
    TestDatabase db_{Schema::empty};
};

TEST_F(TransactionTest, commits_what_was_deferred) {
    Transaction transaction(lease());
    transaction.defer(put, Parameters::of(1));
    transaction.defer(put, Parameters::of(2));
    ASSERT_TRUE(transaction.commit().has_value());
    EXPECT_EQ(count(), "2");
}

TEST_F(TransactionTest, rolls_back_unless_committed) {
    {
        Transaction transaction(lease());
        ASSERT_TRUE(transaction.query(put, Parameters::of(1)).has_value());
    }
    EXPECT_EQ(count(), "0");
}

TEST_F(TransactionTest, a_deferred_failure_is_told_by_commit_and_leaves_nothing) {
    db_.run("INSERT INTO numbers VALUES (1)");
    {
        Transaction transaction(lease());
        transaction.defer(put, Parameters::of(2));
        transaction.defer(put, Parameters::of(1));
        const auto committed = transaction.commit();
        ASSERT_TRUE(committed.has_error());
        EXPECT_EQ(committed.error().code, ErrorCode::already_exists);
    }
    EXPECT_EQ(count(), "1");
}

TEST_F(TransactionTest, a_row_that_is_not_there_when_one_is_expected_is_a_conflict) {
    {
        Transaction transaction(lease());
        transaction.defer(put, Parameters::of(1));
        transaction.defer(touch, Parameters::of(7), Expect::one);
        const auto committed = transaction.commit();
        ASSERT_TRUE(committed.has_error());
        EXPECT_EQ(committed.error().code, ErrorCode::conflict);
    }
    EXPECT_EQ(count(), "0");
}

TEST_F(TransactionTest, more_deferred_statements_than_one_pipeline_takes_all_commit) {
    Transaction transaction(lease());
    const int many = static_cast<int>(pipeline_commands_max) + 10;
    for (int number = 0; number < many; ++number) transaction.defer(put, Parameters::of(number));
    ASSERT_TRUE(transaction.commit().has_value());
    EXPECT_EQ(count(), std::to_string(many));
}

constexpr auto count_of = [](const Rows& rows) { return rows.front().integer(0); };
constexpr Statement count_rows{"test_count", "SELECT count(*) FROM numbers"};
// Outside of BEGIN, what arrives before a Sync is one transaction: the same now().
constexpr Statement moment{"test_moment", "SELECT now()::text"};

TEST_F(TransactionTest, reads_put_off_are_answered_in_the_order_they_were_asked) {
    Transaction transaction(lease());
    auto before = transaction.query_later<std::int64_t>(count_rows, {}, count_of);
    transaction.defer(put, Parameters::of(1));
    auto after = transaction.query_later<std::int64_t>(count_rows, {}, count_of);
    // Whichever is taken first, each sees its own moment.
    EXPECT_EQ(*after.get(), 1);
    EXPECT_EQ(*before.get(), 0);
    auto later = transaction.query_later<std::int64_t>(count_rows, {}, count_of);
    transaction.defer(put, Parameters::of(2));
    ASSERT_TRUE(transaction.query(count_rows).has_value());
    EXPECT_EQ(*later.get(), 1);
    ASSERT_TRUE(transaction.commit().has_value());
    EXPECT_EQ(count(), "2");
}

TEST_F(TransactionTest, reads_put_off_can_be_taken_after_the_commit_that_sent_them) {
    Transaction transaction(lease());
    transaction.defer(put, Parameters::of(1));
    auto seen = transaction.query_later<std::int64_t>(count_rows, {}, count_of);
    ASSERT_TRUE(transaction.commit().has_value());
    EXPECT_EQ(*seen.get(), 1);
}

TEST_F(TransactionTest, single_reads_put_off_together_are_one_round_trip) {
    Transaction reads(lease(), Isolation::single_reads);
    const auto text = [](const Rows& rows) { return rows.front().get<std::string>(0); };
    auto first = reads.query_later<std::string>(moment, {}, text);
    auto second = reads.query_later<std::string>(moment, {}, text);
    const auto at = *first.get();
    EXPECT_EQ(*second.get(), at) << "one round trip, one Sync";
    EXPECT_NE(reads.query(moment)->front().get<std::string>(0), at);
}

TEST_F(TransactionTest, a_read_put_off_that_fails_is_told_by_whoever_sent_it) {
    db_.run("INSERT INTO numbers VALUES (1)");
    Transaction transaction(lease());
    auto doubled =
        transaction.query_later<bool>(put, Parameters::of(1), [](const Rows&) { return true; });
    auto counted = transaction.query_later<std::int64_t>(count_rows, {}, count_of);
    const auto answer = counted.get();
    ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().code, ErrorCode::already_exists);
}

TEST_F(TransactionTest, a_deadlock_is_a_conflict) {
    db_.run("INSERT INTO numbers VALUES (1), (2); ALTER DATABASE " +
            db_.value("SELECT current_database()") + " SET deadlock_timeout = '20ms'");
    auto first = std::make_unique<Transaction>(lease());
    auto second = std::make_unique<Transaction>(lease());
    ASSERT_TRUE(first->query(lock_row, Parameters::of(1)).has_value());
    ASSERT_TRUE(second->query(lock_row, Parameters::of(2)).has_value());
    // Whoever is the victim ends, so that the other goes on.
    const auto cross = [](std::unique_ptr<Transaction>& own, int row) -> std::optional<Error> {
        std::optional<Error> error;
        if (auto got = own->query(lock_row, Parameters::of(row)); got.has_error()) {
            error = got.error();
        }
        own.reset();
        return error;
    };
    std::optional<Error> in_thread;
    std::thread other([&] { in_thread = cross(first, 2); });
    const auto here = cross(second, 1);
    other.join();
    ASSERT_NE(here.has_value(), in_thread.has_value());
    EXPECT_EQ((here ? here : in_thread)->code, ErrorCode::conflict);
}

TEST_F(TransactionTest, in_transaction_runs_a_lost_race_again_and_then_gives_up) {
    int runs = 0;
    const auto second_time =
        core::in_transaction(db_.database(), "test", [&](core::UnitOfWork&) -> Result<int> {
            if (++runs < 2) return Error{ErrorCode::conflict, "raced"};
            return runs;
        });
    ASSERT_TRUE(second_time.has_value());
    EXPECT_EQ(*second_time, 2);
    runs = 0;
    const auto never =
        core::in_transaction(db_.database(), "test", [&](core::UnitOfWork&) -> Result<int> {
            ++runs;
            return Error{ErrorCode::conflict, "raced"};
        });
    EXPECT_TRUE(never.has_error());
    EXPECT_EQ(runs, core::transaction_attempts_max);
}

}  // namespace
}  // namespace rb::store_pg
