#include "system/descriptors.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace rb::system {
namespace {

rlimit now() {
    rlimit allowed{};
    EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &allowed), 0);
    return allowed;
}

TEST(Descriptors, are_allowed_as_far_as_the_owner_lets_us) {
    const auto begun = now();
    const rlimit low{.rlim_cur = 100, .rlim_max = begun.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
    EXPECT_EQ(allow_descriptors(200), 200U);
    EXPECT_EQ(now().rlim_cur, 200U);
    EXPECT_EQ(allow_descriptors(150), 200U);
    EXPECT_EQ(allow_descriptors(begun.rlim_max), begun.rlim_max);
    EXPECT_EQ(now().rlim_max, begun.rlim_max);
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &begun), 0);
}

}  // namespace
}  // namespace rb::system
