#include "crypto/openssl_digester.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace rb::crypto {
namespace {

std::string hex(const core::Digest& digest) {
    std::string text;
    for (const auto byte : digest) {
        constexpr char digits[] = "0123456789abcdef";
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

TEST(Sha256, gives_the_digest_of_the_standards_example) {
    EXPECT_EQ(hex(OpensslDigester("k").sha256("abc")),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

// RFC 4231, 4.3.
TEST(HmacSha256, gives_the_digest_of_the_standards_example) {
    EXPECT_EQ(hex(HmacSha256("Jefe").of("what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(HmacSha256, takes_an_empty_key_for_a_key) {
    EXPECT_EQ(hex(HmacSha256("").of("")),
              "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(HmacSha256, answers_each_use_alike_on_many_threads) {
    const HmacSha256 hmac("Jefe");
    const auto expected = hmac.of("what do ya want for nothing?");
    std::atomic<int> wrong{0};
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                for (int use = 0; use < 1000; ++use) {
                    wrong += hmac.of("what do ya want for nothing?") != expected;
                    wrong += hmac.of("something else") == expected;
                }
            });
        }
    }
    EXPECT_EQ(wrong, 0);
}

TEST(KeyedDigest, depends_on_the_secret_and_is_not_its_bare_hmac) {
    EXPECT_EQ(OpensslDigester("one").keyed("x"), OpensslDigester("one").keyed("x"));
    EXPECT_NE(OpensslDigester("one").keyed("x"), OpensslDigester("two").keyed("x"));
    EXPECT_NE(OpensslDigester("one").keyed("x"), HmacSha256("one").of("x"));
}

}  // namespace
}  // namespace rb::crypto
