// What an operator decides about second factors: that administrators need one, and that somebody's
// are taken away because he has lost them.

#include "core/identity/permission.hpp"

#include "support/authenticator_app.hpp"
#include "support/identity_fixture.hpp"

#include <gtest/gtest.h>

namespace rb::core {
namespace {

using namespace std::chrono_literals;

class SecondFactorPolicy : public testing::Test, protected test::IdentityFixture {
protected:
    void require(bool is_required) {
        ASSERT_TRUE(users.require_second_factors_of_admins(is_required, ActorStamp::command_line())
                        .has_value());
    }
    std::string enrol(const Actor& actor) {
        const auto begun = *second_factors.begin_totp(actor, password, {.host = "localhost"});
        EXPECT_TRUE(
            second_factors
                .confirm_totp(actor, begun.ticket, test::totp_code(begun.secret, clock.now()))
                .has_value());
        clock.advance(30s);
        return begun.secret;
    }
    PermissionSet permissions(const AdminSignIn& session) {
        return authenticator.by_session(session.session_token, {})->permissions;
    }
};

TEST_F(SecondFactorPolicy, leaves_an_administrator_without_a_factor_his_own_account_only) {
    admin("boss");
    customer("alice");
    const auto session = admin_signed_in("boss");
    EXPECT_EQ(permissions(session), PermissionSet{"*"});
    require(true);
    session_cache.sessions.clear();  // or half a minute later
    EXPECT_EQ(permissions(session), PermissionSet{"self"});
    EXPECT_EQ(permissions(admin_signed_in("boss")), PermissionSet{"self"});
    EXPECT_FALSE(authenticator.by_session(session.session_token, {})->is_staff());
    EXPECT_EQ(customer_actor("alice").kind, ActorKind::customer) << "customers are not meant";

    const auto actor = *authenticator.by_session(session.session_token, {});
    EXPECT_TRUE(second_factors.overview(actor)->is_required);
    EXPECT_FALSE(second_factors.overview(customer_actor("alice"))->is_required);
    enrol(actor);
    EXPECT_EQ(permissions(session), PermissionSet{"*"}) << "at once, in the same session";
    EXPECT_TRUE(authenticator.by_session(session.session_token, {})->is_staff());
    ASSERT_TRUE(second_factors.remove_totp(actor, password).has_value());
    session_cache.sessions.clear();
    EXPECT_EQ(permissions(session), PermissionSet{"self"});
    require(false);
    EXPECT_EQ(permissions(session), PermissionSet{"*"});
    EXPECT_EQ(
        db.value("SELECT string_agg(actor_kind || ' ' || (changes->'second_factor'->>'after'), "
                 "', ' ORDER BY created_at, id) FROM operation_logs "
                 "WHERE action = 'sign_in_policy.update'"),
        "cli required, cli optional");
}

TEST_F(SecondFactorPolicy, helps_who_has_lost_his_phone) {
    customer("alice");
    const auto session = signed_in("alice");
    const auto actor = *authenticator.by_access_token(session.access_token, {});
    enrol(actor);
    const auto by = ActorStamp::command_line();
    EXPECT_EQ(users.clear_second_factors(UserType::admin, "alice", by).error().code,
              ErrorCode::not_found);
    const auto had = users.clear_second_factors(UserType::customer, "ALICE", by);
    ASSERT_TRUE(had.has_value());
    EXPECT_TRUE(had->totp.has_value());
    EXPECT_EQ(had->passkeys, 0);
    EXPECT_TRUE(authenticator.by_access_token(session.access_token, {}).has_error());
    EXPECT_TRUE(sign_ins.sign_in_customer("alice", password, {}).has_value());
    EXPECT_EQ(db.value("SELECT count(*) FROM user_recovery_codes"), "0");
    EXPECT_EQ(db.value("SELECT actor_kind || ' ' || (changes->'totp'->>'before') "
                       "FROM operation_logs WHERE action = 'user.clear_second_factors' "
                       "AND customer_id IS NOT NULL"),
              "cli on");
}

}  // namespace
}  // namespace rb::core
