#include "coordination/redis_address.hpp"

#include <gtest/gtest.h>

namespace rb::coordination {
namespace {

TEST(RedisAddress, reads_the_forms_of_the_manual) {
    const auto plain = RedisAddress::parse("redis://127.0.0.1:6379");
    ASSERT_TRUE(plain.has_value());
    EXPECT_EQ(plain->host, "127.0.0.1");
    EXPECT_EQ(plain->port, 6379);
    EXPECT_EQ(plain->database, 0);

    const auto full = RedisAddress::parse("redis://ann:p%40ss%3A@[::1]:7000/3");
    ASSERT_TRUE(full.has_value());
    EXPECT_EQ(full->host, "::1");
    EXPECT_EQ(full->port, 7000);
    EXPECT_EQ(full->user, "ann");
    EXPECT_EQ(full->password, "p@ss:");
    EXPECT_EQ(full->database, 3);

    EXPECT_EQ(RedisAddress::parse("redis://:secret@redis/")->password, "secret");
    EXPECT_EQ(RedisAddress::parse("redis://redis")->port, 6379);
}

TEST(RedisAddress, refuses_others_without_repeating_them) {
    for (const char* url :
         {"", "127.0.0.1:6379", "http://h", "rediss://h", "redis://", "redis://:6379",
          "redis://h:0", "redis://h:65536", "redis://h:x", "redis://[::1", "redis://h/x",
          "redis://h/-1", "redis://u:secret%4@h", "redis://u:secret%zz@h"}) {
        const auto address = RedisAddress::parse(url);
        ASSERT_TRUE(address.has_error()) << url;
        EXPECT_EQ(address.error().field, "redis.url");
        EXPECT_EQ(address.error().message.find("secret"), std::string::npos);
    }
}

}  // namespace
}  // namespace rb::coordination
