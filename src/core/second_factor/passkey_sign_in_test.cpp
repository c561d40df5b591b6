// Pain 22 (no MFA): passkeys, which sign in alone, with an authenticator in software.

#include "core/second_factor/limits.hpp"
#include "core/second_factor/passkey_challenge.hpp"

#include "support/at_once.hpp"
#include "support/expect_error.hpp"
#include "support/identity_fixture.hpp"
#include "support/software_passkey.hpp"

#include <gtest/gtest.h>

namespace rb::core {
namespace {

using namespace std::chrono_literals;
using test::expect_error;
using test::PasskeyManners;
using test::SoftwarePasskey;

constexpr const char* origin = "https://shop.example.com";

class Pain22_Passkey : public testing::Test, protected test::IdentityFixture {
protected:
    Result<ConfirmedPasskey> enrol(const Actor& actor, SoftwarePasskey& key,
                                   const std::string& name = "my phone",
                                   const PasskeyManners& manners = {}) {
        const auto begun = second_factors.begin_passkey(actor, password, page);
        EXPECT_TRUE(begun.has_value()) << (begun.has_error() ? begun.error().message : "");
        const auto made = key.registration(begun->relying_party, origin, begun->challenge, manners);
        return confirm(actor, made, name);
    }
    Result<ConfirmedPasskey> confirm(const Actor& actor, const test::PasskeyRegistrationMade& made,
                                     const std::string& name = "my phone") {
        return second_factors.confirm_passkey(actor,
                                              {.name = name,
                                               .client_data_json = made.client_data_json,
                                               .authenticator_data = made.authenticator_data},
                                              page);
    }
    std::string challenge() { return second_factors.begin_sign_in(page)->challenge; }
    static PasskeyAssertion shown(const test::PasskeyAssertionMade& made) {
        return {.credential_id = made.credential_id,
                .client_data_json = made.client_data_json,
                .authenticator_data = made.authenticator_data,
                .signature = made.signature};
    }
    Result<CustomerSignIn> sign_in(SoftwarePasskey& key, const PasskeyManners& manners = {},
                                   const char* from = origin) {
        return sign_ins.sign_in_customer(shown(key.assertion(from, challenge(), manners)), {});
    }
    std::string count(const std::string& from) { return db.value("SELECT count(*) FROM " + from); }

    const RequestOrigin page{.origin = origin};
};

TEST_F(Pain22_Passkey, signs_in_without_a_password) {
    const auto profile = customer("alice");
    SoftwarePasskey key;
    const auto confirmed = enrol(customer_actor("alice"), key);
    ASSERT_TRUE(confirmed.has_value());
    EXPECT_EQ(confirmed->recovery_codes.size(), 10u);
    EXPECT_EQ(confirmed->passkey.name, "my phone");

    const auto signed_in = sign_in(key);
    ASSERT_TRUE(signed_in.has_value());
    EXPECT_EQ(signed_in->profile.user.id, profile.user.id);
    EXPECT_TRUE(signed_in->profile.user.password_hash.empty());
    EXPECT_TRUE(authenticator.by_access_token(signed_in->access_token, {}).has_value());
    EXPECT_TRUE(sign_ins.refresh(signed_in->refresh_token).has_value());
    EXPECT_EQ(db.value("SELECT changes->'second_factor'->>'after' FROM operation_logs "
                       "WHERE action = 'user.sign_in' ORDER BY created_at DESC, id DESC LIMIT 1"),
              "passkey");
    const auto passkeys =
        second_factors.overview(*authenticator.by_access_token(signed_in->access_token, {}))
            ->passkeys;
    ASSERT_EQ(passkeys.size(), 1u);
    EXPECT_EQ(passkeys[0].last_used_at, clock.now());
}

TEST_F(Pain22_Passkey, of_an_administrator_opens_a_session) {
    admin("boss");
    SoftwarePasskey key(PasskeyAlgorithm::rs256);
    ASSERT_TRUE(enrol(admin_actor("boss"), key).has_value());
    const auto session = sign_ins.sign_in_admin(shown(key.assertion(origin, challenge())), {});
    ASSERT_TRUE(session.has_value());
    EXPECT_TRUE(authenticator.by_session(session->session_token, {}).has_value());
    // The other kind's door.
    expect_error(sign_in(key), ErrorCode::unauthenticated);
}

TEST_F(Pain22_Passkey, makes_the_password_alone_too_little) {
    customer("alice");
    SoftwarePasskey key;
    const auto codes = enrol(customer_actor("alice"), key)->recovery_codes;
    expect_error(sign_ins.sign_in_customer("alice", password, {}),
                 ErrorCode::second_factor_required, "code");
    expect_error(sign_ins.sign_in_customer("alice", password, {}, "123456"),
                 ErrorCode::unauthenticated, "code");
    EXPECT_TRUE(sign_ins.sign_in_customer("alice", password, {}, codes[0]).has_value());
}

TEST_F(Pain22_Passkey, is_refused_with_one_sentence_for_whatever_reason) {
    customer("alice");
    const auto alice = customer_actor("alice");
    SoftwarePasskey key;
    ASSERT_TRUE(enrol(alice, key).has_value());
    SoftwarePasskey stranger;
    std::ignore = stranger.registration("shop.example.com", origin, "x");
    const auto expect_refused = [&](const Result<CustomerSignIn>& result, const char* why) {
        ASSERT_TRUE(result.has_error()) << why;
        EXPECT_EQ(result.error().code, ErrorCode::unauthenticated) << why;
        EXPECT_EQ(result.error().message, "passkey: was not accepted") << why;
        EXPECT_FALSE(result.error().detail.empty()) << why;
    };
    const auto with = [&](const test::PasskeyAssertionMade& made) {
        return sign_ins.sign_in_customer(shown(made), {});
    };
    expect_refused(sign_in(stranger), "a key nobody enrolled");
    expect_refused(sign_in(key, {.is_user_present = false}), "nobody was there");
    expect_refused(sign_in(key, {.is_user_verified = false}), "he did not unlock it");
    expect_refused(sign_in(key, {.relying_party = "evil.example.com"}), "made for another site");
    expect_refused(sign_in(key, {}, "https://evil.example.com"), "on another site's page");
    expect_refused(sign_in(key, {}, "http://shop.example.com"), "over an open connection");
    expect_refused(sign_in(key, {.type = "webauthn.create"}), "a registration");
    expect_refused(sign_in(key, {.is_cross_origin = true}), "in another site's frame");
    expect_refused(sign_in(key, {.spoils_signature = true}), "another signature");

    expect_refused(with(key.assertion(origin, "a challenge of his own")), "not our challenge");
    auto altered = challenge();
    altered[10] = static_cast<char>(altered[10] ^ 1);
    expect_refused(with(key.assertion(origin, altered)), "an altered challenge");
    auto longer_lived = challenge();
    longer_lived[4] = static_cast<char>(longer_lived[4] + 1);
    expect_refused(with(key.assertion(origin, longer_lived)), "a challenge that ends later");
    const auto for_enrolling = second_factors.begin_passkey(alice, password, page)->challenge;
    expect_refused(with(key.assertion(origin, for_enrolling)), "a challenge for enrolling");

    auto swapped = key.assertion(origin, challenge());
    swapped.client_data_json = key.assertion(origin, challenge()).client_data_json;
    expect_refused(with(swapped), "another challenge than was signed");
    expect_refused(sign_ins.sign_in_customer(PasskeyAssertion{}, {}), "nothing at all");
    auto huge = key.assertion(origin, challenge());
    huge.client_data_json.append(limits::client_data_bytes_max, ' ');
    expect_refused(with(huge), "more than any browser sends");

    db.run("UPDATE users SET is_active = false");
    expect_refused(sign_in(key), "a disabled user");
    db.run("UPDATE users SET is_active = true");
    EXPECT_TRUE(sign_in(key).has_value()) << "none of it did any harm";
}

TEST_F(Pain22_Passkey, takes_a_challenge_once_and_for_ten_minutes) {
    customer("alice");
    SoftwarePasskey key;
    ASSERT_TRUE(enrol(customer_actor("alice"), key).has_value());
    const auto made = shown(key.assertion(origin, challenge()));
    EXPECT_TRUE(sign_ins.sign_in_customer(made, {}).has_value());
    expect_error(sign_ins.sign_in_customer(made, {}), ErrorCode::unauthenticated);

    // Also where the authenticator does not count.
    const auto uncounted = shown(key.assertion(origin, challenge(), {.sign_count = 9}));
    db.run("UPDATE user_passkeys SET sign_count = 0");
    EXPECT_EQ(test::succeeded_at_once(
                  8, [&] { return sign_ins.sign_in_customer(uncounted, {}).has_value(); }),
              1);

    const auto old = challenge();
    clock.advance(limits::passkey_challenge_lifetime);
    expect_error(
        sign_ins.sign_in_customer(shown(key.assertion(origin, old, {.sign_count = 20})), {}),
        ErrorCode::unauthenticated);
    clock.advance(-1s);
    EXPECT_TRUE(sign_ins.sign_in_customer(shown(key.assertion(origin, old, {.sign_count = 20})), {})
                    .has_value());
}

// A synced passkey counts nothing and stays at zero; there only the challenge protects.
TEST_F(Pain22_Passkey, that_stays_at_zero_is_taken_again_but_its_assertion_is_not) {
    customer("alice");
    SoftwarePasskey key;
    ASSERT_TRUE(enrol(customer_actor("alice"), key, "synced", {.sign_count = 0}).has_value());
    const auto made = shown(key.assertion(origin, challenge(), {.sign_count = 0}));
    EXPECT_TRUE(sign_ins.sign_in_customer(made, {}).has_value());
    expect_error(sign_ins.sign_in_customer(made, {}), ErrorCode::unauthenticated);
    EXPECT_TRUE(sign_in(key, {.sign_count = 0}).has_value());
    EXPECT_EQ(count("spent_passkey_challenges"), "2");
}

TEST_F(Pain22_Passkey, whose_counter_does_not_rise_may_be_a_copy) {
    customer("alice");
    SoftwarePasskey key;
    ASSERT_TRUE(enrol(customer_actor("alice"), key, "key", {.sign_count = 5}).has_value());
    EXPECT_TRUE(sign_in(key, {.sign_count = 7}).has_value());
    expect_error(sign_in(key, {.sign_count = 7}), ErrorCode::unauthenticated);
    expect_error(sign_in(key, {.sign_count = 6}), ErrorCode::unauthenticated);
    expect_error(sign_in(key, {.sign_count = 0}), ErrorCode::unauthenticated);
    EXPECT_TRUE(sign_in(key, {.sign_count = 8}).has_value());
}

TEST_F(Pain22_Passkey, enrols_what_the_browser_made_on_our_page_for_this_user) {
    customer("alice");
    customer("bob");
    const auto alice = customer_actor("alice");
    const auto begun = *second_factors.begin_passkey(alice, password, page);
    EXPECT_EQ(begun.relying_party, "shop.example.com");
    EXPECT_TRUE(begun.user.password_hash.empty());
    SoftwarePasskey key;
    const auto made = [&](const PasskeyManners& manners, const char* from = origin,
                          const char* relying_party = "shop.example.com") {
        return key.registration(relying_party, from, begun.challenge, manners);
    };
    expect_error(confirm(alice, made({}, "https://evil.example.com")), ErrorCode::invalid_argument,
                 "client_data_json");
    expect_error(confirm(alice, made({.type = "webauthn.get"})), ErrorCode::invalid_argument,
                 "client_data_json");
    expect_error(confirm(alice, made({.is_cross_origin = true})), ErrorCode::invalid_argument,
                 "client_data_json");
    expect_error(confirm(alice, made({}, origin, "evil.example.com")), ErrorCode::invalid_argument,
                 "authenticator_data");
    expect_error(confirm(alice, made({.is_user_verified = false})), ErrorCode::invalid_argument,
                 "authenticator_data");
    expect_error(confirm(alice, {}), ErrorCode::invalid_argument, "client_data_json");
    expect_error(confirm(alice, key.registration("shop.example.com", origin, challenge())),
                 ErrorCode::failed_precondition, "client_data_json");
    expect_error(confirm(customer_actor("bob"), made({})), ErrorCode::failed_precondition,
                 "client_data_json");
    for (const auto& name : {std::string(), std::string("  "), std::string(65, 'n'),
                             std::string("a\nb"), std::string("\xff")}) {
        expect_error(confirm(alice, made({}), name), ErrorCode::invalid_argument, "name");
    }
    auto huge = made({});
    huge.authenticator_data.append(limits::authenticator_data_bytes_max, '\0');
    expect_error(confirm(alice, huge), ErrorCode::invalid_argument, "authenticator_data");
    EXPECT_EQ(count("user_passkeys"), "0");
    EXPECT_TRUE(confirm(alice, made({}), std::string(64, 'n')).has_value());
    expect_error(confirm(alice, made({})), ErrorCode::already_exists);
    EXPECT_EQ(count("user_passkeys"), "1");
}

TEST_F(Pain22_Passkey, an_enrolment_lasts_ten_minutes_and_one_password) {
    customer("alice");
    const auto alice = customer_actor("alice");
    SoftwarePasskey key;
    expect_error(second_factors.begin_passkey(alice, "wrong horse", page),
                 ErrorCode::invalid_argument, "password");
    expect_error(second_factors.begin_passkey(alice, password, {.origin = "http://192.0.2.7"}),
                 ErrorCode::failed_precondition, "relying_party");
    const auto begun = *second_factors.begin_passkey(alice, password, page);
    const auto made = key.registration("shop.example.com", origin, begun.challenge);
    clock.advance(limits::passkey_challenge_lifetime);
    expect_error(confirm(alice, made), ErrorCode::failed_precondition, "client_data_json");
    clock.advance(-1s);
    ASSERT_TRUE(sign_ins.change_password(alice, password, "battery staple").has_value());
    expect_error(confirm(customer_actor("alice", "battery staple"), made),
                 ErrorCode::failed_precondition, "client_data_json");
}

TEST_F(Pain22_Passkey, ends_all_other_sign_ins) {
    admin("boss");
    const auto elsewhere = admin_signed_in("boss");
    const auto here = admin_signed_in("boss");
    SoftwarePasskey key;
    ASSERT_TRUE(enrol(*authenticator.by_session(here.session_token, {}), key).has_value());
    EXPECT_TRUE(authenticator.by_session(elsewhere.session_token, {}).has_error());
    EXPECT_TRUE(authenticator.by_session(here.session_token, {}).has_value());
}

TEST_F(Pain22_Passkey, there_are_ten_at_most) {
    customer("alice");
    const auto alice = customer_actor("alice");
    const auto early = *second_factors.begin_passkey(alice, password, page);
    for (std::size_t i = 1; i < limits::passkeys_per_user_max; ++i) {
        SoftwarePasskey key;
        const auto confirmed = enrol(alice, key, "key " + std::to_string(i));
        ASSERT_TRUE(confirmed.has_value());
        EXPECT_EQ(confirmed->recovery_codes.empty(), i > 1) << "with the first factor only";
    }
    const auto begun = *second_factors.begin_passkey(alice, password, page);
    EXPECT_EQ(begun.known.size(), limits::passkeys_per_user_max - 1);
    EXPECT_EQ(test::succeeded_at_once(4,
                                      [&] {
                                          SoftwarePasskey key;
                                          return confirm(alice,
                                                         key.registration("shop.example.com",
                                                                          origin, begun.challenge))
                                              .has_value();
                                      }),
              1);
    expect_error(second_factors.begin_passkey(alice, password, page),
                 ErrorCode::failed_precondition);
    SoftwarePasskey late;
    expect_error(confirm(alice, late.registration("shop.example.com", origin, early.challenge)),
                 ErrorCode::failed_precondition);
    EXPECT_EQ(count("user_passkeys"), "10");
}

TEST_F(Pain22_Passkey, goes_after_the_password_and_the_last_takes_the_recovery_codes_along) {
    customer("alice");
    customer("bob");
    const auto alice = customer_actor("alice");
    SoftwarePasskey phone;
    SoftwarePasskey stick;
    const auto first = enrol(alice, phone, "phone")->passkey.id;
    const auto second = enrol(alice, stick, "stick")->passkey.id;
    expect_error(second_factors.remove_passkey(alice, "wrong horse", first),
                 ErrorCode::invalid_argument, "password");
    expect_error(second_factors.remove_passkey(customer_actor("bob"), password, first),
                 ErrorCode::not_found, "id");
    ASSERT_TRUE(second_factors.remove_passkey(alice, password, first).has_value());
    expect_error(sign_in(phone), ErrorCode::unauthenticated);
    EXPECT_EQ(count("user_recovery_codes"), "10");
    EXPECT_TRUE(sign_in(stick).has_value());
    expect_error(second_factors.remove_passkey(alice, password, first), ErrorCode::not_found, "id");
    ASSERT_TRUE(second_factors.remove_passkey(alice, password, second).has_value());
    EXPECT_EQ(count("user_recovery_codes"), "0");
    EXPECT_TRUE(sign_ins.sign_in_customer("alice", password, {}).has_value());
    EXPECT_EQ(
        db.value("SELECT string_agg(action || ' ' || coalesce(changes->'passkey'->>'before', '') "
                 "|| coalesce(changes->'passkey'->>'after', ''), ', ' ORDER BY created_at, id) "
                 "FROM operation_logs WHERE action LIKE '%passkey'"),
        "user.add_passkey phone, user.add_passkey stick, user.remove_passkey phone, "
        "user.remove_passkey stick");
}

TEST(PasskeyChallenge, differs_each_time) {
    test::IdentityFixture fixture;
    const auto first =
        new_passkey_challenge(fixture.digester, fixture.random, "a", fixture.clock.now());
    EXPECT_NE(first,
              new_passkey_challenge(fixture.digester, fixture.random, "a", fixture.clock.now()));
    const auto check = [&](std::string_view challenge, std::string_view purpose) {
        return check_passkey_challenge(fixture.digester, challenge, purpose, fixture.clock.now());
    };
    EXPECT_EQ(check(first, "a"), fixture.clock.now() + limits::passkey_challenge_lifetime);
    EXPECT_FALSE(check(first, "b").has_value());
    EXPECT_FALSE(check("", "a").has_value());
    EXPECT_FALSE(check(first + "x", "a").has_value());
    for (std::size_t i = 0; i < first.size(); ++i) {
        auto altered = first;
        altered[i] = static_cast<char>(altered[i] ^ 1);
        EXPECT_FALSE(check(altered, "a").has_value()) << i;
    }
}

}  // namespace
}  // namespace rb::core
