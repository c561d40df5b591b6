#include "core/api_key/api_key_service.hpp"

#include "core/identity/permission.hpp"

#include "support/identity_fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <barrier>
#include <functional>
#include <thread>

namespace rb::core {
namespace {

class ApiKeyTest : public testing::Test, protected test::IdentityFixture {
protected:
    // A customer who may make keys.
    Actor reseller(const std::string& name) {
        customer(name);
        db.run("UPDATE customers SET can_create_api_keys = true");
        return customer_actor(name);
    }
    CreatedApiKey made(const Actor& actor, const NewApiKey& request = {.name = "shop"}) {
        auto created = api_keys.create(actor, request);
        EXPECT_TRUE(created.has_value()) << (created.has_error() ? created.error().message : "");
        return *created;
    }
    bool opens(const std::string& key) { return authenticator.by_api_key(key, {}).has_value(); }
};

TEST_F(ApiKeyTest, opens_what_its_scopes_say_for_its_customer_only) {
    const auto actor = reseller("alice");
    const auto created =
        made(actor, {.name = "shop", .scopes = {"orders.write", "orders.read", "orders.read"}});
    EXPECT_EQ(created.key.key_prefix, created.text.substr(0, 12));
    const auto caller = authenticator.by_api_key(created.text, {.request_id = "r-1"});
    ASSERT_TRUE(caller.has_value());
    EXPECT_EQ(caller->kind, ActorKind::api_key);
    EXPECT_EQ(caller->customer, actor.customer);
    EXPECT_EQ(caller->permissions, (PermissionSet{"orders.read", "orders.write"}));
    EXPECT_FALSE(caller->is_staff());
}

TEST_F(ApiKeyTest, has_every_scope_when_none_is_named) {
    const auto created = made(reseller("alice"));
    EXPECT_EQ(created.key.scopes.size(), all_api_key_scopes().size());
}

TEST_F(ApiKeyTest, is_stored_as_its_hash) {
    const auto created = made(reseller("alice"));
    EXPECT_EQ(db.value("SELECT encode(key_hash, 'hex') FROM api_keys"),
              db.value("SELECT encode(sha256('" + created.text + "'), 'hex')"));
    EXPECT_EQ(db.value("SELECT count(*) FROM operation_logs WHERE changes::text LIKE '%" +
                       created.text + "%'"),
              "0");
}

TEST_F(ApiKeyTest, needs_the_customers_flag) {
    customer("alice");
    const auto refused = api_keys.create(customer_actor("alice"), {.name = "shop"});
    ASSERT_TRUE(refused.has_error());
    EXPECT_EQ(refused.error().code, ErrorCode::permission_denied);
    EXPECT_NE(refused.error().message.find("permission_denied"), std::string::npos);
}

TEST_F(ApiKeyTest, ends_with_its_expiry_its_revocation_and_its_customer) {
    const auto actor = reseller("alice");
    const auto expiring =
        made(actor, {.name = "a", .expires_at = clock.now() + std::chrono::hours(1)});
    const auto revoked = made(actor);
    const auto lasting = made(actor);
    ASSERT_TRUE(opens(expiring.text) && opens(revoked.text) && opens(lasting.text));

    clock.advance(std::chrono::hours(1));
    EXPECT_FALSE(opens(expiring.text));
    ASSERT_TRUE(api_keys.revoke(actor, revoked.key.id).has_value());
    ASSERT_TRUE(api_keys.revoke(actor, revoked.key.id).has_value());
    EXPECT_FALSE(opens(revoked.text));
    EXPECT_TRUE(opens(lasting.text));
    db.run("UPDATE customers SET is_active = false");
    EXPECT_FALSE(opens(lasting.text));
    EXPECT_FALSE(opens("rbk_" + std::string(43, 'A')));
    EXPECT_FALSE(opens("rbk_short"));
}

TEST_F(ApiKeyTest, is_noted_as_used_at_most_once_a_minute) {
    const auto created = made(reseller("alice"));
    const auto used = [&] { return db.value("SELECT last_used_at FROM api_keys"); };
    EXPECT_EQ(used(), "");
    ASSERT_TRUE(opens(created.text));
    const auto first = used();
    EXPECT_NE(first, "");
    clock.advance(std::chrono::seconds(59));
    ASSERT_TRUE(opens(created.text));
    EXPECT_EQ(used(), first);
    clock.advance(std::chrono::seconds(1));
    ASSERT_TRUE(opens(created.text));
    EXPECT_NE(used(), first);
}

TEST_F(ApiKeyTest, is_seen_and_revoked_by_nobody_else) {
    const auto alice = reseller("alice");
    const auto bob = reseller("bob");
    const auto created = made(alice);
    EXPECT_EQ(api_keys.revoke(bob, created.key.id).error().code, ErrorCode::not_found);
    EXPECT_EQ(api_keys.list(bob, alice.customer).error().code, ErrorCode::not_found);
    EXPECT_EQ(api_keys.create(bob, {.name = "x", .customer = alice.customer}).error().code,
              ErrorCode::not_found);
    EXPECT_TRUE(api_keys.list(bob, std::nullopt)->empty());
    EXPECT_EQ(api_keys.list(alice, std::nullopt)->size(), 1u);
    EXPECT_TRUE(opens(created.text));
}

// What opens doors must be in sight, however many were revoked since.
TEST_F(ApiKeyTest, is_listed_while_it_is_valid_however_many_newer_ones_are_not) {
    const auto actor = reseller("alice");
    const auto old = made(actor);
    db.run(
        "INSERT INTO api_keys (id, customer_id, name, key_prefix, key_hash, enabled, "
        "created_at, expires_at) SELECT gen_random_uuid(), customer_id, 'old', key_prefix, "
        "sha256(n::text::bytea), n % 2 = 0, created_at + n * interval '1 second', created_at + "
        "interval '1 hour' FROM api_keys, generate_series(1, 200) n");
    clock.advance(std::chrono::hours(1));
    const auto newest = made(actor);
    const auto listed = api_keys.list(actor, std::nullopt);
    ASSERT_TRUE(listed.has_value());
    ASSERT_EQ(listed->size(), limits::api_keys_listed_max);
    EXPECT_EQ(listed->front().id, newest.key.id);
    EXPECT_EQ(listed->back().id, old.key.id);
    EXPECT_TRUE(std::ranges::is_sorted(*listed, std::ranges::greater(), &ApiKey::created_at));
}

// An administrator's name and address are not the customer's to read.
TEST_F(ApiKeyTest, tells_nothing_of_the_administrator_who_made_it) {
    const auto alice = reseller("alice");
    admin("boss");
    const auto by_boss = made(admin_actor("boss"), {.name = "x", .customer = alice.customer});
    const auto by_alice = made(alice);
    const auto profile = [&](const CreatedApiKey& key) {
        return sign_ins.profile_of(*authenticator.by_api_key(key.text, {}));
    };
    EXPECT_EQ(profile(by_alice)->user.username, "alice");
    const auto refused = profile(by_boss);
    ASSERT_TRUE(refused.has_error());
    EXPECT_EQ(refused.error().code, ErrorCode::failed_precondition);
}

TEST_F(ApiKeyTest, is_made_by_an_administrator_for_a_customer_he_names) {
    const auto alice = reseller("alice");
    admin("boss");
    const auto boss = admin_actor("boss");
    EXPECT_EQ(api_keys.create(boss, {.name = "x"}).error().field, "customer_id");
    EXPECT_TRUE(api_keys.create(boss, {.name = "x", .customer = alice.customer}).has_value());
    EXPECT_EQ(api_keys.list(boss, alice.customer)->size(), 1u);
    EXPECT_EQ(api_keys.list(boss, CustomerId(ids.next())).error().code, ErrorCode::not_found);
    EXPECT_EQ(db.value("SELECT actor_kind FROM operation_logs WHERE action = 'api_key.create'"),
              "admin");
}

TEST_F(ApiKeyTest, names_the_field_that_breaks_its_rule) {
    const auto actor = reseller("alice");
    EXPECT_EQ(api_keys.create(actor, {.name = "  "}).error().field, "name");
    EXPECT_EQ(api_keys.create(actor, {.name = std::string(101, 'a')}).error().field, "name");
    EXPECT_EQ(api_keys.create(actor, {.name = "a", .scopes = {"everything"}}).error().field,
              "scopes");
    EXPECT_EQ(api_keys.create(actor, {.name = "a", .expires_at = clock.now()}).error().field,
              "expires_at");
}

TEST_F(ApiKeyTest, is_one_of_twenty_at_most_also_when_two_ask_at_once) {
    const auto actor = reseller("alice");
    for (std::size_t i = 1; i < limits::api_keys_per_customer_max; ++i) made(actor);
    std::barrier together(2);
    std::atomic<int> created{0};
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 2; ++i) {
            threads.emplace_back([&] {
                together.arrive_and_wait();
                created += api_keys.create(actor, {.name = "last"}).has_value() ? 1 : 0;
            });
        }
    }
    EXPECT_EQ(created, 1);
    EXPECT_EQ(api_keys.create(actor, {.name = "one more"}).error().code,
              ErrorCode::failed_precondition);
    ASSERT_TRUE(api_keys.revoke(actor, api_keys.list(actor, std::nullopt)->front().id).has_value());
    EXPECT_TRUE(api_keys.create(actor, {.name = "one more"}).has_value());
}

}  // namespace
}  // namespace rb::core
