#include "core/identity/user_service.hpp"

#include "support/identity_fixture.hpp"

#include <gtest/gtest.h>

#include <barrier>
#include <thread>

namespace rb::core {
namespace {

class UserServiceTest : public testing::Test, protected test::IdentityFixture {
protected:
    std::string admins() {
        return db.value("SELECT count(*) FROM users WHERE user_type = 'admin'");
    }
};

TEST_F(UserServiceTest, makes_the_first_administrator_once) {
    EXPECT_EQ(*users.ensure_administrator("admin", "a strong password"), BootstrapOutcome::created);
    EXPECT_EQ(*users.ensure_administrator("admin", "another password"),
              BootstrapOutcome::already_there);
    EXPECT_EQ(admins(), "1");
    EXPECT_TRUE(sign_ins.sign_in_admin("admin", "a strong password", {}).has_value());
    EXPECT_TRUE(sign_ins.sign_in_admin("admin", "another password", {}).has_error());
}

// The file must not bring back an administrator whom somebody disabled or replaced.
TEST_F(UserServiceTest, makes_none_while_there_is_any) {
    admin("boss");
    db.run("UPDATE users SET is_active = false");
    EXPECT_EQ(*users.ensure_administrator("admin", "a strong password"),
              BootstrapOutcome::already_there);
    EXPECT_EQ(admins(), "1");
}

TEST_F(UserServiceTest, makes_one_when_several_servers_start_at_once) {
    std::barrier together(3);
    std::atomic<int> created{0};
    std::atomic<int> failed{0};
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 3; ++i) {
            threads.emplace_back([&] {
                together.arrive_and_wait();
                const auto outcome = users.ensure_administrator("admin", "a strong password");
                if (outcome.has_error()) {
                    ++failed;
                } else {
                    created += *outcome == BootstrapOutcome::created ? 1 : 0;
                }
            });
        }
    }
    EXPECT_EQ(created, 1);
    EXPECT_EQ(failed, 0);
    EXPECT_EQ(admins(), "1");
}

TEST_F(UserServiceTest, names_the_key_of_the_configuration_that_is_wrong) {
    EXPECT_EQ(users.ensure_administrator("a", "a strong password").error().field,
              "bootstrap.admin_username");
    const auto weak = users.ensure_administrator("admin", "short");
    EXPECT_EQ(weak.error().field, "bootstrap.admin_password");
    EXPECT_NE(weak.error().message.find("at least 8 bytes"), std::string::npos)
        << weak.error().message;
}

TEST_F(UserServiceTest, lists_users_a_page_at_a_time_without_their_hashes) {
    for (const char* name : {"one", "two", "three"}) admin(name);
    customer("four");
    const auto first = users.list({}, {.page = 1, .page_size = 3});
    ASSERT_TRUE(first.has_value());
    EXPECT_EQ(first->total, 4u);
    EXPECT_EQ(first->items.size(), 3u);
    for (const auto& user : first->items) EXPECT_TRUE(user.password_hash.empty());
    EXPECT_EQ(users.list({}, {.page = 2, .page_size = 3})->items.size(), 1u);
    EXPECT_EQ(users.list({}, {.page = 3, .page_size = 3})->total, 4u);
    EXPECT_EQ(users.list({.type = UserType::customer}, {})->items.at(0).username, "four");
}

}  // namespace
}  // namespace rb::core
