#include "store_pg/advisory_lock.hpp"

#include "support/test_database.hpp"

#include <gtest/gtest.h>

namespace rb::store_pg {
namespace {

constexpr std::chrono::milliseconds lifetime{1000};

TEST(AdvisoryLock, is_held_by_one_until_it_ends) {
    test::TestDatabase db(test::Schema::empty);
    PgMutualExclusion locks(db.pool());
    auto held = locks.try_lock("scan", lifetime);
    ASSERT_TRUE(held.has_value() && *held != nullptr);
    auto second = locks.try_lock("scan", lifetime);
    ASSERT_TRUE(second.has_value());
    EXPECT_EQ(*second, nullptr);
    auto other = locks.try_lock("other", lifetime);
    EXPECT_TRUE(other.has_value() && *other != nullptr);

    held->reset();
    auto again = locks.try_lock("scan", lifetime);
    EXPECT_TRUE(again.has_value() && *again != nullptr);
}

TEST(AdvisoryLock, dies_with_the_connection_that_held_it) {
    test::TestDatabase db(test::Schema::empty);
    PgMutualExclusion locks(db.pool());
    auto held = locks.try_lock("scan", lifetime);
    ASSERT_TRUE(held.has_value() && *held != nullptr);
    // Of this database only: other tests hold locks of theirs in the same cluster.
    const std::string ours =
        "FROM pg_locks WHERE locktype = 'advisory' "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    db.run("SELECT pg_terminate_backend(pid) " + ours);
    while (db.value("SELECT count(*) " + ours) != "0") {
    }
    auto again = locks.try_lock("scan", lifetime);
    EXPECT_TRUE(again.has_value() && *again != nullptr);
    held->reset();
    EXPECT_EQ(*locks.try_lock("scan", lifetime), nullptr);
}

}  // namespace
}  // namespace rb::store_pg
