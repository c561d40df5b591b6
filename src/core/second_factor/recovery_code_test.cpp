#include "core/second_factor/recovery_code.hpp"

#include "support/counting_random.hpp"

#include <gtest/gtest.h>

namespace rb::core {
namespace {

TEST(RecoveryCode, is_read_as_people_type_it) {
    for (const char* typed :
         {"7KQ4M-2XWPA", "7kq4m-2xwpa", "7KQ4M2XWPA", " 7kq4m 2xwpa ", "7-K-Q-4-M-2-X-W-P-A"}) {
        EXPECT_EQ(read_recovery_code(typed), "7KQ4M-2XWPA") << typed;
    }
}

TEST(RecoveryCode, is_nothing_else) {
    for (const char* typed :
         {"", "-", "123456", "7KQ4M-2XWP", "7KQ4M-2XWPAA", "0KQ4M-2XWPA", "1KQ4M-2XWPA",
          "IKQ4M-2XWPA", "OKQ4M-2XWPA", "7KQ4M_2XWPA", "7KQ4M\t2XWPA", "\xc3\x84KQ4M-2XWPA"}) {
        EXPECT_FALSE(read_recovery_code(typed).has_value()) << typed;
    }
}

TEST(RecoveryCode, reads_what_it_makes_and_never_makes_six_digits) {
    test::CountingRandom random;
    for (int i = 0; i < 200; ++i) {
        const auto code = new_recovery_code(random);
        EXPECT_EQ(code.size(), 11u);
        EXPECT_EQ(read_recovery_code(code), code);
    }
}

}  // namespace
}  // namespace rb::core
