#include "core/notification/notification_sender.hpp"

#include "core/notification/notice.hpp"
#include "core/unit_of_work.hpp"

#include "support/identity_fixture.hpp"
#include "support/recording_notifier.hpp"

#include <gtest/gtest.h>

namespace rb::core {
namespace {

using test::RecordingNotifier;

class NotificationSenderTest : public testing::Test, protected test::IdentityFixture {
protected:
    NotificationSenderTest() {
        owner = *customer("alice").customer;
        db.run("UPDATE customers SET email = 'billing@example.com'");
        plugins.add(mail);
        plugins.add(hook);
    }
    Notice refunded() {
        return {.which = NotificationTemplate::order_refunded,
                .subject = order,
                .customer = owner,
                .values = {{"order_id", "1"}, {"product", "Small"}, {"amount", "29.00"}}};
    }
    static std::vector<std::string> recipients(const RecordingNotifier& notifier) {
        std::vector<std::string> all;
        for (const auto& one : notifier.sent()) all.push_back(one.recipient);
        return all;
    }

    CustomerId owner;
    Uuid order = ids.next();
    std::shared_ptr<RecordingNotifier> mail =
        std::make_shared<RecordingNotifier>("mail", NotifierChannel::email);
    std::shared_ptr<RecordingNotifier> hook =
        std::make_shared<RecordingNotifier>("hook", NotifierChannel::webhook);
    NotificationSender sender{{.database = db.database(),
                               .plugins = plugins,
                               .digester = digester,
                               .clock = clock,
                               .ids = ids},
                              "ops@example.com"};
};

TEST_F(NotificationSenderTest, reaches_every_address_of_a_customer_and_each_webhook_once) {
    ASSERT_TRUE(sender.deliver(refunded()).has_value());
    EXPECT_EQ(recipients(*mail),
              (std::vector<std::string>{"alice@example.com", "billing@example.com"}));
    ASSERT_EQ(hook->sent().size(), 1u);
    EXPECT_EQ(hook->sent()[0].data.at("amount"), "29.00");
    EXPECT_EQ(hook->sent()[0].template_name, "order.refunded");
}

TEST_F(NotificationSenderTest, tells_nobody_twice) {
    ASSERT_TRUE(sender.deliver(refunded()).has_value());
    ASSERT_TRUE(sender.deliver(refunded()).has_value());
    EXPECT_EQ(mail->sent().size(), 2u);
    EXPECT_EQ(hook->sent().size(), 1u);
    auto next_step = refunded();
    next_step.step = "second refund";
    ASSERT_TRUE(sender.deliver(next_step).has_value());
    EXPECT_EQ(mail->sent().size(), 4u);
}

TEST_F(NotificationSenderTest, repeats_only_for_whom_it_did_not_reach) {
    mail->fail_for({"alice@example.com"});
    const auto failed = sender.deliver(refunded());
    EXPECT_EQ(failed.error().code, ErrorCode::plugin_failed);
    EXPECT_EQ(recipients(*mail), (std::vector<std::string>{"billing@example.com"}));
    EXPECT_EQ(db.value("SELECT status || ' ' || attempts || ' ' || last_error FROM notifications "
                       "WHERE recipient = 'alice@example.com'"),
              "failed 1 told to fail");
    mail->fail_for({});
    ASSERT_TRUE(sender.deliver(refunded()).has_value());
    EXPECT_EQ(recipients(*mail),
              (std::vector<std::string>{"billing@example.com", "alice@example.com"}));
    EXPECT_EQ(db.value("SELECT count(*) FROM notifications WHERE status = 'sent'"), "3");
}

// An enabled notifier that is broken, or a database that could not say which there are, is not
// nobody to tell: the notice is kept until it is told.
TEST_F(NotificationSenderTest, is_tried_again_while_an_enabled_notifier_cannot_be_used) {
    plugins.notifier_failure = Error{ErrorCode::plugin_failed, "its script does not compile"};
    const auto failed = sender.deliver(refunded());
    ASSERT_TRUE(failed.has_error());
    EXPECT_EQ(failed.error().code, ErrorCode::plugin_failed);
    EXPECT_EQ(mail->sent().size(), 2u) << "the others are served";
    plugins.notifier_failure.reset();
    ASSERT_TRUE(sender.deliver(refunded()).has_value());
    EXPECT_EQ(mail->sent().size(), 2u);
}

TEST_F(NotificationSenderTest, writes_to_the_operator_where_there_is_one) {
    const Notice created{.which = NotificationTemplate::ticket_created,
                         .subject = order,
                         .to_operator = true,
                         .values = {{"ticket_id", "1"}, {"title", "x"}}};
    ASSERT_TRUE(sender.deliver(created).has_value());
    EXPECT_EQ(recipients(*mail), (std::vector<std::string>{"ops@example.com"}));
}

TEST_F(NotificationSenderTest, sends_a_code_to_its_address_alone_and_not_when_it_has_expired) {
    ASSERT_TRUE(
        registration.send_verification_code("carol@example.com", "registration").has_value());
    const Notice notice{.which = NotificationTemplate::verification_code,
                        .subject = *Uuid::parse(db.value("SELECT id FROM verification_codes")),
                        .recipient = "carol@example.com"};
    ASSERT_TRUE(sender.deliver(notice).has_value());
    EXPECT_EQ(recipients(*mail), (std::vector<std::string>{"carol@example.com"}));
    EXPECT_TRUE(hook->sent().empty());

    db.run("DELETE FROM notifications");
    clock.advance(std::chrono::minutes(10));
    ASSERT_TRUE(sender.deliver(notice).has_value());
    EXPECT_EQ(mail->sent().size(), 1u);
}

TEST_F(NotificationSenderTest, is_queued_once_as_an_event) {
    const auto notice = refunded();
    {
        auto unit = *db.database().begin();
        ASSERT_TRUE(enqueue_notice(*unit, ids, notice, clock.now()).has_value());
        ASSERT_TRUE(enqueue_notice(*unit, ids, notice, clock.now()).has_value());
        ASSERT_TRUE(unit->commit("test").has_value());
    }
    EXPECT_EQ(db.value("SELECT count(*) FROM events"), "1");
    EXPECT_EQ(db.value("SELECT subject_id FROM events"), notice.subject.to_string());
    EXPECT_EQ(db.value("SELECT customer_id FROM events"), owner.to_string());
    EXPECT_TRUE(notice_from(order, {{"template", "no.such"}}).has_error());
    EXPECT_TRUE(notice_from(order, {}).has_error());
    EXPECT_TRUE(
        notice_from(order, {{"template", "order.paid"}, {"user", "not an id"}}).has_error());
}

TEST(Notice, survives_its_payload) {
    const Notice notice{
        .which = NotificationTemplate::ticket_reply,
        .subject = *Uuid::parse("01890000-0000-7000-8000-000000000001"),
        .step = "s",
        .recipient = "a@b.cn",
        .user = UserId(*Uuid::parse("01890000-0000-7000-8000-000000000002")),
        .customer = CustomerId(*Uuid::parse("01890000-0000-7000-8000-000000000003")),
        .to_operator = true,
        .values = {{"title", "x"}, {"template", "not this"}}};
    const auto read = notice_from(notice.subject, payload_of(notice));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->which, notice.which);
    EXPECT_EQ(read->step, notice.step);
    EXPECT_EQ(read->recipient, notice.recipient);
    EXPECT_EQ(read->user, notice.user);
    EXPECT_EQ(read->customer, notice.customer);
    EXPECT_TRUE(read->to_operator);
    EXPECT_EQ(read->values, notice.values);
}

}  // namespace
}  // namespace rb::core
