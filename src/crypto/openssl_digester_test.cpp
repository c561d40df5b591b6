#include "crypto/openssl_digester.hpp"

#include <gtest/gtest.h>

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
    EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(KeyedDigest, depends_on_the_secret_and_is_not_its_bare_hmac) {
    EXPECT_EQ(OpensslDigester("one").keyed("x"), OpensslDigester("one").keyed("x"));
    EXPECT_NE(OpensslDigester("one").keyed("x"), OpensslDigester("two").keyed("x"));
    EXPECT_NE(OpensslDigester("one").keyed("x"), hmac_sha256("one", "x"));
}

}  // namespace
}  // namespace rb::crypto
