#include "server/workers/presence.hpp"

#include "server/limits.hpp"
#include "support/test_database.hpp"
#include "support/twins.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rb::server {
namespace {

using namespace std::chrono_literals;

class PresenceTest : public testing::Test {
protected:
    Presence server(const core::Clock& clock) {
        return {{.database = database_.database(), .clock = clock, .log = log_},
                core::NodeId(ids_.next()),
                "127.0.0.1:50051"};
    }
    std::string servers() { return database_.value("SELECT count(*) FROM server_instances"); }
    void make_silent_for(std::chrono::seconds silence) {
        database_.run(
            "UPDATE server_instances SET last_heartbeat = now() - interval '1 second' * " +
            std::to_string(silence.count()));
    }

    core::SilentLog log_;
    test::CountingIds ids_;
    test::FakeClock clock_;
    test::TestDatabase database_;
};

TEST_F(PresenceTest, strikes_off_who_is_silent_too_long) {
    auto one = server(clock_);
    auto other = server(clock_);
    ASSERT_TRUE(one.beat().has_value());
    make_silent_for(limits::heartbeat_silence_max - 5s);
    ASSERT_TRUE(other.beat().has_value());
    EXPECT_EQ(servers(), "2");
    make_silent_for(limits::heartbeat_silence_max + 1s);
    ASSERT_TRUE(other.beat().has_value());
    EXPECT_EQ(servers(), "1");
    ASSERT_TRUE(one.beat().has_value());
    EXPECT_EQ(servers(), "2");
    ASSERT_TRUE(one.leave().has_value());
    EXPECT_EQ(servers(), "1");
}

// A server whose clock is an hour ahead would strike off all others, and let their events be done
// twice; one that is an hour behind would be struck off by them.
TEST_F(PresenceTest, clocks_that_differ_strike_nobody_off) {
    test::FakeClock ahead(clock_.now() + 1h);
    test::FakeClock behind(clock_.now() - 1h);
    auto one = server(ahead);
    auto other = server(behind);
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(one.beat().has_value());
        EXPECT_EQ(servers(), i == 0 ? "1" : "2");
        ASSERT_TRUE(other.beat().has_value());
        EXPECT_EQ(servers(), "2");
    }
}

}  // namespace
}  // namespace rb::server
