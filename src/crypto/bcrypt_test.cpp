#include "crypto/bcrypt.hpp"

#include "system/openssl_random.hpp"

#include <gtest/gtest.h>

namespace rb::crypto {
namespace {

TEST(Bcrypt, knows_the_password_it_hashed_and_no_other) {
    system::OpensslRandom random;
    const auto hash = bcrypt_hash("correct horse", bcrypt_cost_min, random);
    EXPECT_TRUE(hash.starts_with("$2b$04$"));
    EXPECT_TRUE(bcrypt_verify("correct horse", hash));
    EXPECT_FALSE(bcrypt_verify("correct horsf", hash));
    EXPECT_FALSE(bcrypt_verify("", hash));
}

TEST(Bcrypt, salts_each_hash_anew) {
    system::OpensslRandom random;
    EXPECT_NE(bcrypt_hash("same", bcrypt_cost_min, random),
              bcrypt_hash("same", bcrypt_cost_min, random));
}

// From the test vectors of the original implementation.
TEST(Bcrypt, verifies_a_hash_that_another_implementation_made) {
    EXPECT_TRUE(
        bcrypt_verify("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"));
}

TEST(Bcrypt, takes_72_bytes_and_never_silently_cuts_the_73rd) {
    system::OpensslRandom random;
    const std::string longest(72, 'a');
    const auto hash = bcrypt_hash(longest, bcrypt_cost_min, random);
    EXPECT_TRUE(bcrypt_verify(longest, hash));
    EXPECT_FALSE(bcrypt_verify(longest + "b", hash));
}

TEST(Bcrypt, does_not_end_a_password_at_a_nul) {
    system::OpensslRandom random;
    const auto hash = bcrypt_hash("abc", bcrypt_cost_min, random);
    EXPECT_FALSE(bcrypt_verify(std::string_view("abc\0def", 7), hash));
}

TEST(Bcrypt, refuses_what_is_no_hash) {
    for (const char* hash : {"", "x", "$2b$04$short", "$1$abc$def",
                             "$2b$0x$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
                             "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyO*W"}) {
        EXPECT_FALSE(is_bcrypt_hash(hash)) << hash;
        EXPECT_FALSE(bcrypt_verify("U*U", hash)) << hash;
    }
}

}  // namespace
}  // namespace rb::crypto
