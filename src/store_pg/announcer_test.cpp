#include "store_pg/announcer.hpp"

#include "store_pg/listener.hpp"

#include "support/test_database.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace rb::store_pg {
namespace {

using namespace std::chrono_literals;

class AnnouncerTest : public testing::Test {
protected:
    AnnouncerTest() { EXPECT_TRUE(ear_.run_script("LISTEN rustbill_events").has_value()); }

    // How many notifications there are, given time for one that should not be.
    int heard() {
        int count = 0;
        while (ear_.wait_for_notification(200ms)->has_value()) ++count;
        return count;
    }

    test::TestDatabase db_;
    std::unique_ptr<Pool> pool_ = *Pool::create({.connection = db_.connection_options(),
                                                 .max_connections = 1,
                                                 .min_connections = 1,
                                                 .acquire_timeout = 50ms});
    Announcer announcer_{*pool_};
    Connection ear_ = *Connection::open(db_.connection_options());
};

TEST_F(AnnouncerTest, has_nothing_to_tell_of_unless_something_was_announced) {
    EXPECT_FALSE(announcer_.send(0ms).value());
    EXPECT_EQ(heard(), 0);
}

TEST_F(AnnouncerTest, tells_of_all_that_was_announced_with_one_notification) {
    for (int i = 0; i < 3; ++i) announcer_.announce();
    EXPECT_TRUE(announcer_.send(0ms).value());
    EXPECT_FALSE(announcer_.send(0ms).value());
    EXPECT_EQ(heard(), 1);
    announcer_.announce();
    EXPECT_TRUE(announcer_.send(0ms).value());
    EXPECT_EQ(heard(), 1);
}

TEST_F(AnnouncerTest, is_woken_by_another_thread) {
    const std::jthread other([this] { announcer_.announce(); });
    EXPECT_TRUE(announcer_.send(10s).value());
    EXPECT_EQ(heard(), 1);
}

TEST_F(AnnouncerTest, tells_later_of_what_it_could_not_tell_of) {
    announcer_.announce();
    {
        const auto taken = pool_->acquire();
        ASSERT_TRUE(taken.has_value());
        EXPECT_EQ(announcer_.send(0ms).error().code, ErrorCode::unavailable);
    }
    EXPECT_TRUE(announcer_.send(0ms).value());
    EXPECT_EQ(heard(), 1);
}

}  // namespace
}  // namespace rb::store_pg
