#include "system/kill_points.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace rb::system {
namespace {

TEST(KillPoints, end_the_process_at_the_named_point_only) {
    KillPoints points("after:pay_order", "");
    points.reached("before:pay_order");
    EXPECT_EXIT(points.reached("after:pay_order"), testing::KilledBySignal(SIGKILL), "");
}

TEST(KillPoints, count_to_the_time_asked_for) {
    KillPoints points("after:pay_order#3", "");
    points.reached("after:pay_order");
    points.reached("after:pay_order");
    EXPECT_EXIT(points.reached("after:pay_order"), testing::KilledBySignal(SIGKILL), "");
}

TEST(KillPoints, trace_each_name_once) {
    // A name of this run's own: another user of the machine may have run this test before.
    const std::string file = testing::TempDir() + "kill-points-trace-" + std::to_string(getpid());
    std::ofstream(file).close();
    KillPoints points("", file);
    points.reached("before:pay_order");
    points.reached("after:pay_order");
    points.reached("before:pay_order");
    std::ifstream traced(file);
    const std::string text{std::istreambuf_iterator<char>(traced), {}};
    EXPECT_EQ(text, "before:pay_order\nafter:pay_order\n");
    std::filesystem::remove(file);
}

}  // namespace
}  // namespace rb::system
