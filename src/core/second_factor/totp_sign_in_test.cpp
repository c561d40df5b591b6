// Pain 22 (no MFA): an authenticator app beside the password, from its enrolment to its end, and
// the recovery codes that come with it.

#include "core/second_factor/limits.hpp"

#include "support/at_once.hpp"
#include "support/authenticator_app.hpp"
#include "support/expect_error.hpp"
#include "support/identity_fixture.hpp"

#include <gtest/gtest.h>

namespace rb::core {
namespace {

using namespace std::chrono_literals;
using test::expect_error;
using test::totp_code;

class Pain22_Totp : public testing::Test, protected test::IdentityFixture {
protected:
    struct Enrolled {
        std::string secret;
        std::vector<std::string> recovery_codes;
    };

    Enrolled enrol(const Actor& actor) {
        const auto begun = second_factors.begin_totp(actor, password, page);
        EXPECT_TRUE(begun.has_value());
        const auto codes =
            second_factors.confirm_totp(actor, begun->ticket, code_of(begun->secret));
        EXPECT_TRUE(codes.has_value()) << (codes.has_error() ? codes.error().message : "");
        // The code of the enrolment is spent.
        clock.advance(30s);
        return {.secret = begun->secret, .recovery_codes = *codes};
    }
    Enrolled customer_with_totp(const std::string& name) {
        customer(name);
        return enrol(customer_actor(name));
    }
    std::string code_of(const std::string& secret) { return totp_code(secret, clock.now()); }
    Result<CustomerSignIn> sign_in(const std::string& code) {
        return sign_ins.sign_in_customer("alice", password, {}, code);
    }
    std::string count(const std::string& from) { return db.value("SELECT count(*) FROM " + from); }
    // Never the right one.
    std::string wrong_code(const std::string& secret) {
        for (const char* code : {"000000", "111111", "222222", "333333"}) {
            bool is_right = false;
            for (const auto skew : {-60s, -30s, 0s, 30s, 60s}) {
                is_right = is_right || totp_code(secret, clock.now() + skew) == code;
            }
            if (!is_right) return code;
        }
        return "444444";
    }

    const RequestOrigin page{.origin = "https://shop.example.com"};
};

TEST_F(Pain22_Totp, is_asked_for_after_a_right_password_only) {
    const auto alice = customer_with_totp("alice");
    expect_error(sign_in(""), ErrorCode::second_factor_required, "code");
    expect_error(sign_in("   "), ErrorCode::second_factor_required, "code");
    // Who does not know the password learns nothing of the factor, whatever he shows.
    const auto wrong = sign_ins.sign_in_customer("alice", "wrong horse", {}, code_of(alice.secret));
    expect_error(wrong, ErrorCode::unauthenticated);
    EXPECT_EQ(wrong.error().message,
              sign_ins.sign_in_customer("nobody", password, {}).error().message);
    EXPECT_TRUE(sign_in(code_of(alice.secret)).has_value());
}

TEST_F(Pain22_Totp, is_not_asked_of_who_has_none) {
    customer("alice");
    EXPECT_TRUE(sign_in("").has_value());
    EXPECT_TRUE(sign_in("whatever his client sends").has_value());
}

TEST_F(Pain22_Totp, guards_administrators_too) {
    admin("boss");
    const auto boss = enrol(admin_actor("boss"));
    expect_error(sign_ins.sign_in_admin("boss", password, {}), ErrorCode::second_factor_required,
                 "code");
    EXPECT_TRUE(sign_ins.sign_in_admin("boss", password, {}, code_of(boss.secret)).has_value());
    EXPECT_EQ(db.value("SELECT changes->'second_factor'->>'after' FROM operation_logs "
                       "WHERE action = 'user.sign_in' ORDER BY created_at DESC LIMIT 1"),
              "totp");
}

TEST_F(Pain22_Totp, takes_a_code_once) {
    const auto alice = customer_with_totp("alice");
    const auto code = code_of(alice.secret);
    EXPECT_TRUE(sign_in(code).has_value());
    expect_error(sign_in(code), ErrorCode::unauthenticated, "code");
    // An older one does not come back either.
    clock.advance(30s);
    const auto next = code_of(alice.secret);
    EXPECT_TRUE(sign_in(next).has_value());
    expect_error(sign_in(code), ErrorCode::unauthenticated, "code");
}

TEST_F(Pain22_Totp, takes_a_code_once_of_eight_at_the_same_moment) {
    const auto alice = customer_with_totp("alice");
    const auto code = code_of(alice.secret);
    EXPECT_EQ(test::succeeded_at_once(8, [&] { return sign_in(code).has_value(); }), 1);
    EXPECT_EQ(
        test::succeeded_at_once(8, [&] { return sign_in(alice.recovery_codes[0]).has_value(); }),
        1);
}

TEST_F(Pain22_Totp, bears_a_clock_that_is_half_a_minute_off_and_no_more) {
    const auto alice = customer_with_totp("alice");
    clock.advance(10min);
    expect_error(sign_in(totp_code(alice.secret, clock.now() - 60s)), ErrorCode::unauthenticated,
                 "code");
    expect_error(sign_in(totp_code(alice.secret, clock.now() + 60s)), ErrorCode::unauthenticated,
                 "code");
    EXPECT_TRUE(sign_in(totp_code(alice.secret, clock.now() - 30s)).has_value());
    EXPECT_TRUE(sign_in(totp_code(alice.secret, clock.now() + 30s)).has_value());
}

TEST_F(Pain22_Totp, is_read_as_apps_show_it) {
    const auto alice = customer_with_totp("alice");
    auto code = code_of(alice.secret);
    code.insert(3, " ");
    EXPECT_TRUE(sign_in(" " + code + " ").has_value());
}

TEST_F(Pain22_Totp, a_code_that_enrolled_signs_nobody_in) {
    customer("alice");
    const auto actor = customer_actor("alice");
    const auto begun = *second_factors.begin_totp(actor, password, page);
    const auto code = code_of(begun.secret);
    ASSERT_TRUE(second_factors.confirm_totp(actor, begun.ticket, code).has_value());
    expect_error(sign_in(code), ErrorCode::unauthenticated, "code");
}

TEST_F(Pain22_Totp, guesses_are_counted_and_end) {
    const auto alice = customer_with_totp("alice");
    const auto wrong = wrong_code(alice.secret);
    for (int i = 1; i < limits::wrong_codes_max; ++i) {
        expect_error(sign_in(wrong), ErrorCode::unauthenticated, "code");
    }
    // A right one clears the count.
    EXPECT_TRUE(sign_in(code_of(alice.secret)).has_value());
    EXPECT_EQ(count("user_wrong_codes"), "0");
    clock.advance(30s);

    for (int i = 0; i < limits::wrong_codes_max; ++i) {
        expect_error(sign_in(wrong), ErrorCode::unauthenticated, "code");
    }
    expect_error(sign_in(wrong), ErrorCode::too_many_requests, "code");
    expect_error(sign_in(code_of(alice.secret)), ErrorCode::too_many_requests, "code");
    expect_error(sign_in(alice.recovery_codes[0]), ErrorCode::too_many_requests, "code");
    // The wrong password is still only a wrong password.
    expect_error(sign_ins.sign_in_customer("alice", "wrong horse", {}, wrong),
                 ErrorCode::unauthenticated);

    clock.advance(limits::wrong_codes_window - 1s);
    expect_error(sign_in(code_of(alice.secret)), ErrorCode::too_many_requests, "code");
    clock.advance(1s);
    EXPECT_TRUE(sign_in(code_of(alice.secret)).has_value());
}

TEST_F(Pain22_Totp, guesses_at_the_same_moment_are_counted_each) {
    const auto alice = customer_with_totp("alice");
    const auto wrong = wrong_code(alice.secret);
    std::atomic<int> refused = 0;
    test::succeeded_at_once(16, [&] {
        const auto result = sign_in(wrong);
        if (result.error().code == ErrorCode::unauthenticated) ++refused;
        return false;
    });
    EXPECT_EQ(refused, limits::wrong_codes_max);
}

TEST_F(Pain22_Totp, leaves_no_secret_in_the_database) {
    const auto alice = customer_with_totp("alice");
    EXPECT_EQ(count("user_totp_secrets WHERE sealed_secret LIKE '%" + alice.secret + "%'"), "0");
    EXPECT_EQ(count("user_recovery_codes"), "10");
    EXPECT_EQ(count("operation_logs WHERE changes::text LIKE '%" + alice.secret + "%'"), "0");
    for (const auto& code : alice.recovery_codes) {
        EXPECT_EQ(count("user_recovery_codes WHERE encode(code_hash, 'escape') LIKE '%" +
                        code.substr(0, 5) + "%'"),
                  "0");
    }
}

TEST_F(Pain22_Totp, names_the_site_and_the_user_in_the_app) {
    customer("alice");
    const auto actor = customer_actor("alice");
    const auto begun = *second_factors.begin_totp(actor, password, page);
    EXPECT_EQ(begun.uri, "otpauth://totp/shop.example.com:alice?secret=" + begun.secret +
                             "&issuer=shop.example.com");
    EXPECT_EQ(begun.secret.size(), 32u);
    const auto by_address =
        *second_factors.begin_totp(actor, password, {.origin = "http://192.0.2.7:50051"});
    EXPECT_TRUE(by_address.uri.starts_with("otpauth://totp/RustBill:alice?")) << by_address.uri;
    EXPECT_NE(by_address.secret, begun.secret);
}

TEST_F(Pain22_Totp, enrols_after_the_password_and_a_code_only) {
    customer("alice");
    const auto actor = customer_actor("alice");
    expect_error(second_factors.begin_totp(actor, "wrong horse", page), ErrorCode::invalid_argument,
                 "password");
    expect_error(second_factors.begin_totp({.kind = ActorKind::api_key}, password, page),
                 ErrorCode::permission_denied);
    const auto begun = *second_factors.begin_totp(actor, password, page);
    for (const auto& code : {std::string(), std::string("12345"), wrong_code(begun.secret)}) {
        expect_error(second_factors.confirm_totp(actor, begun.ticket, code),
                     ErrorCode::invalid_argument, "code");
    }
    EXPECT_EQ(count("user_totp_secrets"), "0");
    EXPECT_TRUE(sign_in("").has_value()) << "nothing changes before the code is right";
}

TEST_F(Pain22_Totp, an_enrolment_is_of_its_user_for_ten_minutes_and_one_password) {
    customer("alice");
    customer("bob");
    const auto alice = customer_actor("alice");
    const auto bob = customer_actor("bob");
    const auto begun = *second_factors.begin_totp(alice, password, page);
    const auto confirm = [&](const Actor& actor, const std::string& ticket) {
        return second_factors.confirm_totp(actor, ticket, code_of(begun.secret));
    };
    expect_error(confirm(bob, begun.ticket), ErrorCode::failed_precondition, "enrolment");
    expect_error(confirm(alice, ""), ErrorCode::failed_precondition, "enrolment");
    expect_error(confirm(alice, begun.ticket.substr(1)), ErrorCode::failed_precondition,
                 "enrolment");
    expect_error(confirm(alice, begun.ticket + std::string(1000, 'a')),
                 ErrorCode::failed_precondition, "enrolment");
    clock.advance(limits::totp_ticket_lifetime);
    expect_error(confirm(alice, begun.ticket), ErrorCode::failed_precondition, "enrolment");
    clock.advance(-1s);
    EXPECT_TRUE(confirm(alice, begun.ticket).has_value());

    const auto late = *second_factors.begin_totp(bob, password, page);
    ASSERT_TRUE(sign_ins.change_password(bob, password, "battery staple").has_value());
    expect_error(second_factors.confirm_totp(customer_actor("bob", "battery staple"), late.ticket,
                                             code_of(late.secret)),
                 ErrorCode::failed_precondition, "enrolment");
}

TEST_F(Pain22_Totp, is_one_for_each_user) {
    const auto alice = customer_with_totp("alice");
    const auto actor =
        *authenticator.by_access_token(sign_in(code_of(alice.secret))->access_token, {});
    expect_error(second_factors.begin_totp(actor, password, page), ErrorCode::failed_precondition);

    customer("bob");
    const auto bob = customer_actor("bob");
    const auto begun = *second_factors.begin_totp(bob, password, page);
    EXPECT_EQ(test::succeeded_at_once(
                  4,
                  [&] {
                      return second_factors.confirm_totp(bob, begun.ticket, code_of(begun.secret))
                          .has_value();
                  }),
              1);
    EXPECT_EQ(count("user_recovery_codes"), "20") << "alice's ten and bob's ten";
}

// Whoever came in by the password alone goes; who does it stays.
TEST_F(Pain22_Totp, ends_all_other_sign_ins) {
    customer("alice");
    const auto other = signed_in("alice");
    const auto own = signed_in("alice");
    enrol(*authenticator.by_access_token(own.access_token, {}));
    EXPECT_TRUE(authenticator.by_access_token(other.access_token, {}).has_error());
    EXPECT_TRUE(sign_ins.refresh(other.refresh_token).has_error());
    EXPECT_TRUE(authenticator.by_access_token(own.access_token, {}).has_value());
    EXPECT_TRUE(sign_ins.refresh(own.refresh_token).has_value());

    admin("boss");
    const auto elsewhere = admin_signed_in("boss");
    const auto here = admin_signed_in("boss");
    ASSERT_TRUE(authenticator.by_session(elsewhere.session_token, {}).has_value());
    enrol(*authenticator.by_session(here.session_token, {}));
    EXPECT_TRUE(authenticator.by_session(elsewhere.session_token, {}).has_error());
    EXPECT_TRUE(authenticator.by_session(here.session_token, {}).has_value());
}

// A call takes as long as hashing a password, or longer: one of a sign-in that was ended meanwhile
// was let in before, and comes to its change afterwards.
TEST_F(Pain22_Totp, is_not_undone_by_who_was_signed_out_meanwhile) {
    const auto expect_out = [&](const Actor& thief, const std::string& ticket,
                                const std::string& secret) {
        expect_error(second_factors.renew_recovery_codes(thief, password),
                     ErrorCode::unauthenticated);
        expect_error(second_factors.remove_totp(thief, password), ErrorCode::unauthenticated);
        expect_error(second_factors.confirm_totp(thief, ticket, code_of(secret)),
                     ErrorCode::unauthenticated);
        expect_error(sign_ins.change_password(thief, password, "battery staple"),
                     ErrorCode::unauthenticated);
    };
    customer("alice");
    const auto of_alice = customer_actor("alice");
    const auto begun = *second_factors.begin_totp(of_alice, password, page);
    const auto alice = enrol(customer_actor("alice"));
    expect_out(of_alice, begun.ticket, begun.secret);
    EXPECT_EQ(count("user_totp_secrets"), "1");
    EXPECT_TRUE(sign_in(alice.recovery_codes[0]).has_value()) << "the codes are as they were";

    admin("boss");
    const auto of_boss = admin_actor("boss");
    const auto begun_by_boss = *second_factors.begin_totp(of_boss, password, page);
    const auto boss = enrol(admin_actor("boss"));
    expect_out(of_boss, begun_by_boss.ticket, begun_by_boss.secret);
    EXPECT_TRUE(sign_ins.sign_in_admin("boss", password, {}, boss.recovery_codes[0]).has_value());
    EXPECT_EQ(count("user_totp_secrets"), "2");
}

TEST_F(Pain22_Totp, recovery_codes_are_good_once_each) {
    const auto alice = customer_with_totp("alice");
    ASSERT_EQ(alice.recovery_codes.size(), 10u);
    EXPECT_EQ(std::set(alice.recovery_codes.begin(), alice.recovery_codes.end()).size(), 10u);
    EXPECT_TRUE(sign_in(alice.recovery_codes[3]).has_value());
    expect_error(sign_in(alice.recovery_codes[3]), ErrorCode::unauthenticated, "code");
    auto lower = alice.recovery_codes[4];
    std::erase(lower, '-');
    for (char& c : lower) c = static_cast<char>(std::tolower(c));
    EXPECT_TRUE(sign_in(lower).has_value());
    EXPECT_EQ(count("user_recovery_codes"), "8");
    // Nobody else's door.
    const auto bob = customer_with_totp("bob");
    expect_error(sign_in(bob.recovery_codes[0]), ErrorCode::unauthenticated, "code");
}

// As when plugins.secret_key was changed.
TEST_F(Pain22_Totp, whose_secret_cannot_be_read_says_what_is_left_to_do) {
    const auto alice = customer_with_totp("alice");
    db.run("UPDATE user_totp_secrets SET sealed_secret = 'sealed with another key'");
    const auto refused = sign_in(code_of(alice.secret));
    expect_error(refused, ErrorCode::failed_precondition, "code");
    EXPECT_NE(refused.error().message.find("recovery code"), std::string::npos);
    EXPECT_TRUE(sign_in(alice.recovery_codes[0]).has_value());
}

TEST_F(Pain22_Totp, new_recovery_codes_void_the_old) {
    customer("alice");
    const auto actor = customer_actor("alice");
    expect_error(second_factors.renew_recovery_codes(actor, password),
                 ErrorCode::failed_precondition);
    const auto old = enrol(actor).recovery_codes;
    expect_error(second_factors.renew_recovery_codes(actor, "wrong horse"),
                 ErrorCode::invalid_argument, "password");
    EXPECT_TRUE(sign_in(old[0]).has_value());
    const auto renewed = second_factors.renew_recovery_codes(actor, password);
    ASSERT_TRUE(renewed.has_value());
    EXPECT_EQ(renewed->size(), 10u);
    expect_error(sign_in(old[1]), ErrorCode::unauthenticated, "code");
    EXPECT_TRUE(sign_in((*renewed)[0]).has_value());
}

TEST_F(Pain22_Totp, goes_with_its_recovery_codes_after_the_password) {
    customer("alice");
    const auto actor = customer_actor("alice");
    expect_error(second_factors.remove_totp(actor, password), ErrorCode::not_found);
    enrol(actor);
    expect_error(second_factors.remove_totp(actor, "wrong horse"), ErrorCode::invalid_argument,
                 "password");
    EXPECT_EQ(second_factors.overview(actor)->factors.recovery_codes, 10);
    EXPECT_TRUE(second_factors.overview(actor)->factors.totp.has_value());
    ASSERT_TRUE(second_factors.remove_totp(actor, password).has_value());
    EXPECT_EQ(count("user_totp_secrets"), "0");
    EXPECT_EQ(count("user_recovery_codes"), "0");
    EXPECT_TRUE(sign_in("").has_value());
    EXPECT_EQ(db.value("SELECT string_agg(action, ' ' ORDER BY created_at, id) FROM operation_logs "
                       "WHERE action LIKE '%totp' AND customer_id IS NOT NULL"),
              "user.add_totp user.remove_totp");
}

}  // namespace
}  // namespace rb::core
