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
    db.run("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'");
    while (db.value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") != "0") {
    }
    auto again = locks.try_lock("scan", lifetime);
    EXPECT_TRUE(again.has_value() && *again != nullptr);
    held->reset();
    EXPECT_EQ(*locks.try_lock("scan", lifetime), nullptr);
}

}  // namespace
}  // namespace rb::store_pg
