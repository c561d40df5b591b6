#include "core/identity/sign_in_service.hpp"

#include "support/identity_fixture.hpp"

#include <gtest/gtest.h>

#include <barrier>
#include <thread>

namespace rb::core {
namespace {

using test::IdentityFixture;

class SignInTest : public testing::Test, protected IdentityFixture {
protected:
    bool works(const CustomerSignIn& sign_in) {
        return authenticator.by_access_token(sign_in.access_token, {}).has_value();
    }
    bool works(const AdminSignIn& sign_in) {
        return authenticator.by_session(sign_in.session_token, {}).has_value();
    }
    void expect_unauthenticated(const auto& result) {
        ASSERT_TRUE(result.has_error());
        EXPECT_EQ(result.error().code, ErrorCode::unauthenticated);
    }
};

TEST_F(SignInTest, gives_a_customer_a_token_that_names_him_and_his_customer) {
    const auto profile = customer("alice");
    const auto sign_in = signed_in("alice");
    EXPECT_EQ(sign_in.expires_in, std::chrono::hours(24));
    EXPECT_EQ(sign_in.profile.user.id, profile.user.id);
    EXPECT_EQ(sign_in.profile.customer, profile.customer);
    EXPECT_TRUE(sign_in.profile.user.password_hash.empty());

    const auto actor = authenticator.by_access_token(sign_in.access_token, {.ip = "192.0.2.1"});
    ASSERT_TRUE(actor.has_value());
    EXPECT_EQ(actor->kind, ActorKind::customer);
    EXPECT_EQ(actor->user, profile.user.id);
    EXPECT_EQ(actor->customer, *profile.customer);
    EXPECT_EQ(actor->ip, "192.0.2.1");
    EXPECT_TRUE(actor->permissions.empty());
    EXPECT_EQ(sign_ins.profile_of(*actor)->user.username, "alice");
}

// [jwt].expiry_hours may be longer than a refresh token lives by itself.
TEST_F(SignInTest, keeps_an_access_token_good_for_as_long_as_it_says) {
    customer("alice");
    auto year_long = sign_ins_with({.access_token_lifetime = std::chrono::days(365)});
    const auto sign_in = year_long.sign_in_customer("alice", password, {});
    ASSERT_TRUE(sign_in.has_value());
    EXPECT_EQ(sign_in->expires_in, std::chrono::days(365));
    clock.advance(std::chrono::days(364));
    EXPECT_TRUE(works(*sign_in));
    clock.advance(std::chrono::days(1));
    EXPECT_FALSE(works(*sign_in));
}

TEST_F(SignInTest, takes_the_name_in_either_case_and_nothing_from_the_other_kind_of_user) {
    customer("alice");
    EXPECT_TRUE(sign_ins.sign_in_customer("ALICE", password, {}).has_value());
    expect_unauthenticated(sign_ins.sign_in_admin("alice", password, {}));
    admin("boss");
    expect_unauthenticated(sign_ins.sign_in_customer("boss", password, {}));
}

TEST_F(SignInTest, refuses_unknown_wrong_and_disabled_alike) {
    customer("alice");
    customer("bob");
    db.run("UPDATE users SET is_active = false WHERE username = 'bob'");
    const auto unknown = sign_ins.sign_in_customer("nobody", password, {});
    const auto wrong = sign_ins.sign_in_customer("alice", "wrong horse", {});
    const auto disabled = sign_ins.sign_in_customer("bob", password, {});
    const auto impossible = sign_ins.sign_in_customer("'; --", std::string(100, 'x'), {});
    for (const auto& refused : {unknown, wrong, disabled, impossible}) {
        expect_unauthenticated(refused);
        EXPECT_EQ(refused.error().message, unknown.error().message);
        EXPECT_EQ(refused.error().field, unknown.error().field);
    }
    EXPECT_EQ(db.value("SELECT count(*) FROM refresh_tokens"), "0");
}

TEST_F(SignInTest, refuses_the_user_of_a_disabled_customer) {
    customer("alice");
    const auto sign_in = signed_in("alice");
    db.run("UPDATE customers SET is_active = false");
    expect_unauthenticated(sign_ins.sign_in_customer("alice", password, {}));
    EXPECT_FALSE(works(sign_in));
}

TEST_F(SignInTest, keeps_no_secret_in_the_database) {
    customer("alice");
    admin("boss");
    const auto sign_in = signed_in("alice");
    const auto session = admin_signed_in("boss");
    EXPECT_EQ(db.value("SELECT encode(token_hash, 'hex') FROM refresh_tokens"),
              db.value("SELECT encode(sha256('" + sign_in.refresh_token + "'), 'hex')"));
    EXPECT_EQ(db.value("SELECT encode(token_hash, 'hex') FROM sessions"),
              db.value("SELECT encode(sha256('" + session.session_token + "'), 'hex')"));
    EXPECT_EQ(db.value("SELECT left(password_hash, 7) FROM users WHERE username = 'alice'"),
              "$2b$04$");
}

TEST_F(SignInTest, rotates_refresh_tokens) {
    customer("alice");
    const auto first = signed_in("alice");
    const auto second = sign_ins.refresh(first.refresh_token);
    ASSERT_TRUE(second.has_value());
    EXPECT_NE(second->refresh_token, first.refresh_token);
    EXPECT_TRUE(works(*second));
    const auto third = sign_ins.refresh(second->refresh_token);
    ASSERT_TRUE(third.has_value());
    EXPECT_EQ(db.value("SELECT count(DISTINCT family_id) FROM refresh_tokens"), "1");
}

TEST_F(SignInTest, revokes_the_family_when_a_spent_token_comes_back) {
    customer("alice");
    const auto other_device = signed_in("alice");
    const auto first = signed_in("alice");
    const auto second = sign_ins.refresh(first.refresh_token);
    ASSERT_TRUE(second.has_value());

    expect_unauthenticated(sign_ins.refresh(first.refresh_token));
    expect_unauthenticated(sign_ins.refresh(second->refresh_token));
    EXPECT_FALSE(works(*second));
    // Another sign-in is another family.
    EXPECT_TRUE(works(other_device));
    EXPECT_TRUE(sign_ins.refresh(other_device.refresh_token).has_value());
}

// Two at once with one token: exactly one is served, and as one of the two may be a thief, the
// family ends with the other.
TEST_F(SignInTest, serves_one_of_two_concurrent_refreshes_and_ends_the_family) {
    customer("alice");
    for (int round = 0; round < 20; ++round) {
        const auto start = signed_in("alice");
        std::barrier together(2);
        std::optional<Result<CustomerSignIn>> outcomes[2];
        {
            std::vector<std::jthread> threads;
            for (auto& outcome : outcomes) {
                threads.emplace_back([&] {
                    together.arrive_and_wait();
                    outcome = sign_ins.refresh(start.refresh_token);
                });
            }
        }
        const auto& winner = outcomes[0]->has_value() ? *outcomes[0] : *outcomes[1];
        const auto& loser = outcomes[0]->has_value() ? *outcomes[1] : *outcomes[0];
        ASSERT_TRUE(winner.has_value()) << winner.error().detail;
        expect_unauthenticated(loser);
        EXPECT_FALSE(works(*winner));
        expect_unauthenticated(sign_ins.refresh(winner->refresh_token));
    }
}

TEST_F(SignInTest, refuses_a_refresh_token_that_is_expired_unknown_or_of_a_disabled_user) {
    customer("alice");
    const auto sign_in = signed_in("alice");
    expect_unauthenticated(sign_ins.refresh(""));
    expect_unauthenticated(sign_ins.refresh(std::string(43, 'A')));
    clock.advance(std::chrono::days(30));
    expect_unauthenticated(sign_ins.refresh(sign_in.refresh_token));

    const auto again = signed_in("alice");
    db.run("UPDATE users SET is_active = false");
    expect_unauthenticated(sign_ins.refresh(again.refresh_token));
}

TEST_F(SignInTest, ends_this_sign_in_only_when_the_customer_signs_out) {
    customer("alice");
    const auto here = signed_in("alice");
    const auto there = signed_in("alice");
    const auto actor = *authenticator.by_access_token(here.access_token, {});
    ASSERT_TRUE(sign_ins.sign_out(actor).has_value());
    EXPECT_FALSE(works(here));
    expect_unauthenticated(sign_ins.refresh(here.refresh_token));
    EXPECT_TRUE(works(there));
    EXPECT_TRUE(sign_ins.sign_out(actor).has_value());
}

TEST_F(SignInTest, gives_an_administrator_a_session_with_his_roles_permissions) {
    admin("clerk", "support");
    const auto session = admin_signed_in("clerk");
    const auto actor = authenticator.by_session(session.session_token, {});
    ASSERT_TRUE(actor.has_value());
    EXPECT_EQ(actor->kind, ActorKind::admin);
    EXPECT_TRUE(actor->has("tickets.write"));
    EXPECT_FALSE(actor->has("payments.refund"));
    expect_unauthenticated(authenticator.by_session("x", {}));
    expect_unauthenticated(authenticator.by_session(std::string(43, 'A'), {}));
}

// Any bytes may stand in the header, and it may be cut in the middle of a character.
TEST_F(SignInTest, keeps_the_readable_part_of_any_user_agent) {
    admin("boss");
    const auto kept = [&](const std::string& user_agent) {
        db.run("DELETE FROM sessions");
        const auto signed_in = sign_ins.sign_in_admin("boss", password, {.user_agent = user_agent});
        EXPECT_TRUE(signed_in.has_value());
        return db.value("SELECT user_agent FROM sessions");
    };
    EXPECT_EQ(kept("Mozilla/5.0 (X11)"), "Mozilla/5.0 (X11)");
    EXPECT_EQ(kept("caf\xe9/1.0"), "caf?/1.0");
    EXPECT_EQ(kept(std::string(399, 'a') + "\u00e9"), std::string(399, 'a') + "?");
}

TEST_F(SignInTest, ends_a_session_that_was_idle_too_long) {
    admin("boss");
    const auto session = admin_signed_in("boss");
    clock.advance(std::chrono::minutes(1439));
    EXPECT_TRUE(works(session));
    clock.advance(std::chrono::minutes(1439));
    EXPECT_TRUE(works(session));
    clock.advance(std::chrono::minutes(1440));
    EXPECT_FALSE(works(session));
}

TEST_F(SignInTest, ends_a_session_at_its_absolute_limit_however_active_it_was) {
    admin("boss");
    const auto session = admin_signed_in("boss");
    for (int hour = 1; hour < 168; ++hour) {
        clock.advance(std::chrono::hours(1));
        ASSERT_TRUE(works(session)) << hour;
    }
    clock.advance(std::chrono::hours(1));
    EXPECT_FALSE(works(session));
}

TEST_F(SignInTest, writes_down_at_most_once_a_minute_that_a_session_was_seen) {
    admin("boss");
    const auto session = admin_signed_in("boss");
    const auto seen = [&] { return db.value("SELECT last_seen_at FROM sessions"); };
    const auto at_start = seen();
    clock.advance(std::chrono::seconds(59));
    EXPECT_TRUE(works(session));
    EXPECT_EQ(seen(), at_start);
    clock.advance(std::chrono::seconds(1));
    EXPECT_TRUE(works(session));
    EXPECT_NE(seen(), at_start);
}

// A minute is the least [session].idle_timeout_minutes may be.
TEST_F(SignInTest, keeps_an_active_session_whose_idle_limit_is_a_minute) {
    admin("boss");
    const auto session = admin_signed_in("boss");
    Authenticator strict{{.database = db.database(),
                          .access_tokens = access_tokens,
                          .digester = digester,
                          .session_cache = session_cache,
                          .clock = clock},
                         {.idle_timeout = std::chrono::minutes(1)}};
    for (int second = 0; second < 180; second += 20) {
        clock.advance(std::chrono::seconds(20));
        ASSERT_TRUE(strict.by_session(session.session_token, {}).has_value()) << second;
    }
    clock.advance(std::chrono::seconds(60));
    EXPECT_FALSE(strict.by_session(session.session_token, {}).has_value());
}

TEST_F(SignInTest, ends_a_session_everywhere_when_the_administrator_signs_out) {
    admin("boss");
    const auto here = admin_signed_in("boss");
    const auto there = admin_signed_in("boss");
    const auto actor = *authenticator.by_session(here.session_token, {});
    EXPECT_EQ(session_cache.sessions.size(), 1u);
    ASSERT_TRUE(sign_ins.sign_out(actor).has_value());
    EXPECT_FALSE(works(here));
    EXPECT_TRUE(works(there));
    // The mark in the cache outlives a late remember() by a server that had read before.
    session_cache.remember(digester.sha256(here.session_token),
                           {.id = SessionId(actor.sign_in),
                            .user = actor.user,
                            .role = "admin",
                            .last_seen_at = clock.now(),
                            .absolute_expires_at = clock.now() + std::chrono::hours(1)});
    EXPECT_FALSE(works(here));
}

TEST_F(SignInTest, voids_every_credential_of_a_customer_who_changes_his_password) {
    customer("alice");
    const auto here = signed_in("alice");
    const auto there = signed_in("alice");
    const auto actor = *authenticator.by_access_token(here.access_token, {});
    clock.advance(std::chrono::seconds(5));
    ASSERT_TRUE(sign_ins.change_password(actor, password, "battery staple").has_value());

    EXPECT_FALSE(works(here));
    EXPECT_FALSE(works(there));
    expect_unauthenticated(sign_ins.refresh(here.refresh_token));
    expect_unauthenticated(sign_ins.refresh(there.refresh_token));
    expect_unauthenticated(sign_ins.sign_in_customer("alice", password, {}));
    // Within the same second: a token says its time to the second only.
    const auto fresh = sign_ins.sign_in_customer("alice", "battery staple", {});
    ASSERT_TRUE(fresh.has_value());
    EXPECT_TRUE(works(*fresh));
}

// Even where its family was kept alive, a token from before the change is void.
TEST_F(SignInTest, voids_access_tokens_issued_before_the_credentials_changed) {
    customer("alice");
    const auto sign_in = signed_in("alice");
    db.run(
        "UPDATE users SET credentials_changed_at = credentials_changed_at + interval '1 second'");
    EXPECT_FALSE(works(sign_in));
}

TEST_F(SignInTest, keeps_the_session_in_which_an_administrator_changes_his_password) {
    admin("boss");
    const auto here = admin_signed_in("boss");
    const auto there = admin_signed_in("boss");
    EXPECT_TRUE(works(there));
    const auto actor = *authenticator.by_session(here.session_token, {});
    ASSERT_TRUE(sign_ins.change_password(actor, password, "battery staple").has_value());
    EXPECT_TRUE(works(here));
    EXPECT_FALSE(works(there));
}

TEST_F(SignInTest, changes_no_password_without_the_old_one_or_to_a_bad_one) {
    customer("alice");
    const auto actor = customer_actor("alice");
    EXPECT_EQ(sign_ins.change_password(actor, "wrong horse", "battery staple").error().field,
              "old_password");
    EXPECT_EQ(sign_ins.change_password(actor, password, "short").error().field, "new_password");
    EXPECT_EQ(sign_ins.change_password(actor, password, std::string(73, 'a')).error().field,
              "new_password");
    EXPECT_EQ(sign_ins.change_password(actor, password, password).error().field, "new_password");
    EXPECT_EQ(sign_ins.change_password({.kind = ActorKind::api_key}, password, "battery staple")
                  .error()
                  .code,
              ErrorCode::permission_denied);
    signed_in("alice");
}

TEST_F(SignInTest, writes_each_sign_in_into_the_operation_log) {
    admin("boss");
    ASSERT_TRUE(sign_ins.sign_in_admin("boss", password, {.ip = "192.0.2.7", .request_id = "r-1"})
                    .has_value());
    EXPECT_EQ(db.value("SELECT actor_kind || ' ' || ip || ' ' || request_id FROM operation_logs "
                       "WHERE action = 'user.sign_in'"),
              "admin 192.0.2.7 r-1");
}

}  // namespace
}  // namespace rb::core
