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

TEST_F(UserServiceTest, gives_a_new_password_and_ends_every_sign_in_of_the_old_one) {
    admin("boss");
    customer("boss");
    const auto as_admin = sign_ins.sign_in_admin("boss", password, {});
    const auto as_customer = sign_ins.sign_in_customer("boss", password, {});
    ASSERT_TRUE(as_admin.has_value() && as_customer.has_value());

    const auto set =
        users.set_password(UserType::customer, "Boss", "another horse", ActorStamp::command_line());
    ASSERT_TRUE(set.has_value()) << set.error().message;
    EXPECT_EQ(set->type, UserType::customer);
    EXPECT_TRUE(set->password_hash.empty());

    EXPECT_TRUE(authenticator.by_access_token(as_customer->access_token, {}).has_error());
    EXPECT_TRUE(sign_ins.refresh(as_customer->refresh_token).has_error());
    EXPECT_TRUE(sign_ins.sign_in_customer("boss", password, {}).has_error());
    EXPECT_TRUE(sign_ins.sign_in_customer("boss", "another horse", {}).has_value());
    // The administrator of the same name is another user.
    EXPECT_TRUE(authenticator.by_session(as_admin->session_token, {}).has_value());

    ASSERT_TRUE(
        users.set_password(UserType::admin, "boss", "a third horse", ActorStamp::command_line())
            .has_value());
    EXPECT_TRUE(sign_ins.sign_in_admin("boss", "a third horse", {}).has_value());
    EXPECT_EQ(db.value("SELECT string_agg(actor_kind || ' ' || changes::text, ',') FROM "
                       "operation_logs WHERE action = 'user.set_password'"),
              "cli {},cli {}");
}

TEST_F(UserServiceTest, gives_no_password_to_nobody_nor_one_that_breaks_the_rule) {
    admin("boss");
    const auto set = [&](const std::string& username, const std::string& text) {
        return users.set_password(UserType::admin, username, text, ActorStamp::command_line());
    };
    EXPECT_EQ(set("nobody", "another horse").error().code, ErrorCode::not_found);
    EXPECT_EQ(set("boss", "12345").error().field, "password");
    EXPECT_TRUE(sign_ins.sign_in_admin("boss", password, {}).has_value());
    EXPECT_TRUE(set("boss", "123456").has_value());
}

}  // namespace
}  // namespace rb::core
