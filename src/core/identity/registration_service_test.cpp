#include "core/identity/registration_service.hpp"

#include "core/identity/limits.hpp"
#include "core/notification/notification_sender.hpp"

#include "support/identity_fixture.hpp"
#include "support/recording_notifier.hpp"

#include <gtest/gtest.h>

#include <barrier>
#include <thread>

namespace rb::core {
namespace {

using test::IdentityFixture;
using test::RecordingNotifier;

class RegistrationTest : public testing::Test, protected IdentityFixture {
protected:
    static Registration form(const std::string& name, std::string code = {}) {
        return {.username = name,
                .email = name + "@example.com",
                .password = password,
                .verification_code = std::move(code)};
    }
    // From now on codes are asked for.
    std::shared_ptr<RecordingNotifier> enable_mail() {
        auto notifier = std::make_shared<RecordingNotifier>("mail", NotifierChannel::email);
        plugins.add(notifier);
        return notifier;
    }
    CodeRequestOutcome ask_for_code(const std::string& email) {
        auto outcome = registration.send_verification_code(email, "registration");
        EXPECT_TRUE(outcome.has_value());
        return *outcome;
    }
    // What the newest mail would say.
    std::string code_for(const std::string& email) {
        const auto id = db.value("SELECT id FROM verification_codes WHERE email = '" + email +
                                 "' ORDER BY created_at DESC LIMIT 1");
        return derive_code(digester, *Uuid::parse(id), email);
    }
    std::string count(const std::string& table) {
        return db.value("SELECT count(*) FROM " + table);
    }
};

TEST_F(RegistrationTest, makes_a_user_a_customer_and_a_membership) {
    auto request = form("alice");
    request.display_name = "Alice Ltd";
    const auto profile = registration.register_customer(request, {});
    ASSERT_TRUE(profile.has_value());
    EXPECT_EQ(profile->user.role, "customer");
    EXPECT_TRUE(profile->user.password_hash.empty());
    EXPECT_EQ(
        db.value(
            "SELECT c.name || ' ' || c.email || ' ' || c.balance || ' ' || m.role FROM customers c "
            "JOIN memberships m ON m.customer_id = c.id JOIN users u ON u.id = m.user_id "
            "WHERE u.username = 'alice'"),
        "Alice Ltd alice@example.com 0.00 owner");
}

TEST_F(RegistrationTest, says_which_of_the_names_is_taken) {
    customer("alice");
    auto same_name = form("ALICE");
    same_name.email = "other@example.com";
    EXPECT_EQ(registration.register_customer(same_name, {}).error().field, "username");
    auto same_address = form("other");
    same_address.email = "Alice@Example.com";
    const auto refused = registration.register_customer(same_address, {});
    EXPECT_EQ(refused.error().field, "email");
    EXPECT_EQ(refused.error().code, ErrorCode::already_exists);
    EXPECT_EQ(count("customers"), "1");
}

// Past the courtesy check both are let through: the unique index decides, and the loser leaves
// nothing.
TEST_F(RegistrationTest, lets_one_of_two_take_a_name_at_once) {
    std::barrier together(2);
    std::optional<Result<Profile>> outcomes[2];
    {
        std::vector<std::jthread> threads;
        for (auto& outcome : outcomes) {
            threads.emplace_back([&] {
                together.arrive_and_wait();
                outcome = registration.register_customer(form("alice"), {});
            });
        }
    }
    EXPECT_NE(outcomes[0]->has_value(), outcomes[1]->has_value());
    const auto& loser = outcomes[0]->has_value() ? *outcomes[1] : *outcomes[0];
    EXPECT_EQ(loser.error().code, ErrorCode::already_exists);
    EXPECT_EQ(count("users"), "1");
    EXPECT_EQ(count("customers"), "1");
}

TEST_F(RegistrationTest, names_the_field_that_breaks_its_rule) {
    auto bad = form("a b");
    EXPECT_EQ(registration.register_customer(bad, {}).error().field, "username");
    bad = form("alice");
    bad.email = "nowhere";
    EXPECT_EQ(registration.register_customer(bad, {}).error().field, "email");
    bad = form("alice");
    bad.password = "short";
    EXPECT_EQ(registration.register_customer(bad, {}).error().field, "password");
    bad = form("alice");
    bad.display_name = std::string(101, 'a');
    EXPECT_EQ(registration.register_customer(bad, {}).error().field, "display_name");
    EXPECT_EQ(count("users"), "0");
}

TEST_F(RegistrationTest, asks_for_no_code_while_no_mail_can_be_sent) {
    EXPECT_FALSE(*registration.needs_code());
    const auto outcome = ask_for_code("alice@example.com");
    EXPECT_FALSE(outcome.sent);
    EXPECT_EQ(count("verification_codes"), "0");
    plugins.add(std::make_shared<RecordingNotifier>("hook", NotifierChannel::webhook));
    EXPECT_FALSE(*registration.needs_code());
}

// It may be the one that sends the codes, without which nobody proves to read his address.
TEST_F(RegistrationTest, is_closed_while_an_enabled_notifier_cannot_be_used) {
    plugins.add(std::make_shared<RecordingNotifier>("hook", NotifierChannel::webhook));
    plugins.notifier_failure = Error{ErrorCode::plugin_failed, "its script does not compile"};
    const auto refused = registration.register_customer(form("alice"), {});
    ASSERT_TRUE(refused.has_error());
    EXPECT_EQ(refused.error().code, ErrorCode::plugin_failed);
    EXPECT_EQ(refused.error().message.find("compile"), std::string::npos) << "for operators alone";
    EXPECT_TRUE(
        registration.send_verification_code("alice@example.com", "registration").has_error());
    EXPECT_EQ(count("users"), "0");
    plugins.notifier_failure.reset();
    EXPECT_TRUE(registration.register_customer(form("alice"), {}).has_value());
}

TEST_F(RegistrationTest, asks_for_a_code_once_mail_can_be_sent_and_takes_it_once) {
    enable_mail();
    const auto without = registration.register_customer(form("alice"), {});
    EXPECT_EQ(without.error().code, ErrorCode::failed_precondition);
    EXPECT_EQ(without.error().field, "verification_code");

    EXPECT_TRUE(ask_for_code("alice@example.com").sent);
    const auto code = code_for("alice@example.com");
    ASSERT_TRUE(registration.register_customer(form("alice", code), {}).has_value());
    auto again = form("bob", code);
    again.email = "alice@example.com";
    EXPECT_EQ(registration.register_customer(again, {}).error().field, "verification_code");
}

TEST_F(RegistrationTest, keeps_the_code_secret_in_the_database) {
    enable_mail();
    ask_for_code("alice@example.com");
    const auto code = code_for("alice@example.com");
    EXPECT_EQ(db.value("SELECT count(*) FROM events WHERE payload::text LIKE '%" + code + "%'"),
              "0");
    EXPECT_NE(db.value("SELECT encode(code_hash, 'hex') FROM verification_codes"),
              db.value("SELECT encode(sha256('" + code + "'), 'hex')"));
}

TEST_F(RegistrationTest, takes_a_code_until_it_expires) {
    enable_mail();
    ask_for_code("alice@example.com");
    const auto code = code_for("alice@example.com");
    clock.advance(limits::verification_code_lifetime);
    EXPECT_EQ(registration.register_customer(form("alice", code), {}).error().field,
              "verification_code");
    ask_for_code("alice@example.com");
    clock.advance(limits::verification_code_lifetime - std::chrono::seconds(1));
    EXPECT_TRUE(registration.register_customer(form("alice", code_for("alice@example.com")), {})
                    .has_value());
}

TEST_F(RegistrationTest, bears_four_wrong_tries_and_not_five) {
    enable_mail();
    const auto wrong = [&](const std::string& name) {
        const auto right = code_for(name + "@example.com");
        return registration.register_customer(form(name, right == "000000" ? "111111" : "000000"),
                                              {});
    };
    ask_for_code("alice@example.com");
    for (int i = 0; i < limits::verification_attempts_max - 1; ++i) {
        EXPECT_EQ(wrong("alice").error().code, ErrorCode::failed_precondition);
    }
    EXPECT_TRUE(registration.register_customer(form("alice", code_for("alice@example.com")), {})
                    .has_value());

    ask_for_code("bob@example.com");
    for (int i = 0; i < limits::verification_attempts_max; ++i) wrong("bob");
    EXPECT_EQ(
        registration.register_customer(form("bob", code_for("bob@example.com")), {}).error().field,
        "verification_code");
}

TEST_F(RegistrationTest, sends_another_code_only_after_a_minute) {
    enable_mail();
    EXPECT_TRUE(ask_for_code("alice@example.com").sent);
    clock.advance(std::chrono::seconds(59));
    const auto early = ask_for_code("Alice@example.com");
    EXPECT_FALSE(early.sent);
    EXPECT_EQ(early.retry_after, std::chrono::seconds(1));
    clock.advance(std::chrono::seconds(1));
    EXPECT_TRUE(ask_for_code("alice@example.com").sent);
    EXPECT_EQ(count("verification_codes"), "2");
}

TEST_F(RegistrationTest, sends_one_code_when_asked_twice_at_once) {
    enable_mail();
    std::barrier together(4);
    std::atomic<int> sent{0};
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                together.arrive_and_wait();
                sent += ask_for_code("alice@example.com").sent ? 1 : 0;
            });
        }
    }
    EXPECT_EQ(sent, 1);
    EXPECT_EQ(count("events"), "1");
}

// A stranger learns nothing; the owner is told.
TEST_F(RegistrationTest, answers_alike_for_a_known_address) {
    customer("alice");
    const auto mail = enable_mail();
    const auto known = ask_for_code("alice@example.com");
    const auto unknown = ask_for_code("carol@example.com");
    EXPECT_EQ(known.sent, unknown.sent);
    EXPECT_EQ(known.message, unknown.message);
    EXPECT_EQ(known.retry_after, unknown.retry_after);
    EXPECT_EQ(db.value("SELECT string_agg(payload ->> 'template', ' ' ORDER BY id) FROM events"),
              "registration.known verification.code");

    // Guessing codes does not tell either: the refusal is that of any wrong code.
    auto attempt = form("mallory", "000000");
    attempt.email = "alice@example.com";
    const auto refused_known = registration.register_customer(attempt, {});
    attempt.email = "dave@example.com";
    const auto refused_unknown = registration.register_customer(attempt, {});
    EXPECT_EQ(refused_known.error().message, refused_unknown.error().message);
}

TEST_F(RegistrationTest, mails_the_code_after_the_commit) {
    const auto mail = enable_mail();
    ask_for_code("alice@example.com");
    NotificationSender sender({.database = db.database(),
                               .plugins = plugins,
                               .digester = digester,
                               .clock = clock,
                               .ids = ids},
                              "");
    const Notice notice{.which = NotificationTemplate::verification_code,
                        .subject = *Uuid::parse(db.value("SELECT subject_id FROM events")),
                        .recipient = "alice@example.com"};
    ASSERT_TRUE(sender.deliver(notice).has_value());
    ASSERT_EQ(mail->sent().size(), 1u);
    EXPECT_EQ(mail->sent()[0].recipient, "alice@example.com");
    EXPECT_NE(mail->sent()[0].text.find(code_for("alice@example.com")), std::string::npos);
}

}  // namespace
}  // namespace rb::core
