// Who is told of money: once, in both languages, after the commit that made it true.

#include "core/notification/notification_sender.hpp"

#include "support/recording_notifier.hpp"
#include "support/shop.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace rb::test {
namespace {

using core::NotifierChannel;
using core::OrderStatus;
using core::RefundDestination;

constexpr char customer_address[] = "zhang@example.com";
constexpr char operator_address[] = "ops@example.com";

class Delivery final : public core::EventHandler {
public:
    explicit Delivery(core::NotificationSender& sender) : sender_(sender) {}
    Result<core::EventProgress> handle(const core::Event& event) override {
        TRY(sender_.deliver(TRY(core::notice_from(event.subject, event.payload))));
        return core::EventProgress::done();
    }

private:
    core::NotificationSender& sender_;
};

class MoneyNotices : public testing::Test {
protected:
    MoneyNotices() {
        shop_.plugins.add(mail_);
        owner_ = shop_.add_customer("100.00");
        shop_.db.run("UPDATE customers SET email = '" + std::string(customer_address) + "'");
    }
    // Sends what the outbox holds; answers what reached `address`, by template, sorted.
    std::vector<std::string> told(const std::string& address) {
        EXPECT_EQ(worker_.run_once(100)->retried, 0);
        std::vector<std::string> names;
        for (const auto& one : mail_->sent()) {
            if (one.recipient == address) names.push_back(one.template_name);
        }
        std::ranges::sort(names);
        return names;
    }
    core::OrderId paid_order() {
        const auto order = shop_.order(owner_);
        EXPECT_TRUE(shop_.orders.pay(shop_.customer(owner_), order.id, "", "").has_value());
        return order.id;
    }
    // Opened by the provider; whatever was told on the way is not what the test asks about.
    core::OrderId active_order(const std::string& gateway) {
        const auto order = shop_.order(owner_);
        const auto start = shop_.orders.pay(shop_.customer(owner_), order.id, gateway, "");
        if (!gateway.empty()) {
            shop_.payments.receive_callback(gateway, shop_.gateway->pay(start->payment, "e1"), "");
        }
        while (shop_.worker.run_once(10)->taken() > 0) {
        }
        EXPECT_EQ(shop_.orders.find(shop_.admin(), order.id)->status, OrderStatus::active);
        (void)worker_.run_once(100);
        mail_->forget();
        return order.id;
    }
    Result<core::Order> refund(core::OrderId id, std::int64_t fen, RefundDestination destination,
                               const std::string& key) {
        return shop_.orders.refund(shop_.admin(), id,
                                   {.amount = core::Money(fen, core::Currency::cny()),
                                    .destination = destination,
                                    .idempotency_key = key});
    }

    Shop shop_;
    core::CustomerId owner_;
    std::shared_ptr<RecordingNotifier> mail_ =
        std::make_shared<RecordingNotifier>("mail", NotifierChannel::email);
    core::NotificationSender sender_{{.database = shop_.database,
                                      .plugins = shop_.plugins,
                                      .digester = shop_.digester,
                                      .clock = shop_.clock,
                                      .ids = shop_.ids},
                                     operator_address};
    Delivery delivery_{sender_};
    core::EventWorker worker_{shop_.database,
                              shop_.clock,
                              shop_.log,
                              {{core::EventKind::notify, &delivery_}},
                              "notices/1"};
};

using Names = std::vector<std::string>;

TEST_F(MoneyNotices, a_paid_order_is_told_once_to_its_customer_and_to_the_operator) {
    const auto id = paid_order();
    ASSERT_TRUE(shop_.orders.pay(shop_.customer(owner_), id, "", "").has_value());
    EXPECT_EQ(told(customer_address), Names{"order.paid"});
    EXPECT_EQ(told(operator_address), Names{"order.paid"});
    const auto text = mail_->sent().front().text;
    EXPECT_NE(text.find("我们已收到 12.00"), std::string::npos) << text;
    EXPECT_NE(text.find("We have received 12.00"), std::string::npos) << text;
    EXPECT_NE(text.find(id.to_string()), std::string::npos) << text;
}

TEST_F(MoneyNotices, a_payment_through_a_gateway_has_its_receipt_however_often_it_reports) {
    const auto order = shop_.order(owner_);
    const auto start = shop_.orders.pay(shop_.customer(owner_), order.id, "gateway-test", "");
    const auto callback = shop_.gateway->pay(start->payment, "e1");
    for (int i = 0; i < 3; ++i) shop_.payments.receive_callback("gateway-test", callback, "");
    EXPECT_EQ(told(customer_address), (Names{"order.paid", "payment.received"}));
    EXPECT_EQ(told(operator_address), Names{"order.paid"});
}

TEST_F(MoneyNotices, money_that_came_too_late_is_confirmed_all_the_same) {
    const auto order = shop_.order(owner_);
    const auto start = shop_.orders.pay(shop_.customer(owner_), order.id, "gateway-test", "");
    ASSERT_TRUE(shop_.orders.cancel(shop_.customer(owner_), order.id, "").has_value());
    shop_.payments.receive_callback("gateway-test", shop_.gateway->pay(start->payment, "e1"), "");
    EXPECT_EQ(told(customer_address), (Names{"order.cancelled", "payment.received"}));
}

TEST_F(MoneyNotices, money_taken_back_or_paid_twice_is_told_to_the_operator_once) {
    const auto order = shop_.order(owner_);
    const auto start = shop_.orders.pay(shop_.customer(owner_), order.id, "gateway-test", "");
    shop_.payments.receive_callback("gateway-test", shop_.gateway->pay(start->payment, "e1"), "");
    (void)told(operator_address);
    mail_->forget();
    using core::CallbackKind;
    const auto second = ScriptedGateway::callback(CallbackKind::paid, start->payment, "e2", "12.00",
                                                  "CNY", "tx-other");
    const auto taken =
        ScriptedGateway::callback(CallbackKind::charged_back, start->payment, "cb", "5.00");
    for (int i = 0; i < 2; ++i) {
        shop_.payments.receive_callback("gateway-test", second, "");
        shop_.payments.receive_callback("gateway-test", taken, "");
    }
    EXPECT_EQ(told(operator_address), (Names{"payment.attention", "payment.attention"}));
    EXPECT_EQ(told(customer_address), Names{});
    ASSERT_FALSE(mail_->sent().empty());
    const auto text = mail_->sent().back().text;
    EXPECT_NE(text.find("charged back: 5.00"), std::string::npos) << text;
}

TEST_F(MoneyNotices, a_recharge_is_told_with_the_new_balance) {
    const auto start = shop_.payments.recharge(
        shop_.customer(owner_), {}, core::Money(2000, core::Currency::cny()), "gateway-test", "");
    shop_.payments.receive_callback("gateway-test", shop_.gateway->pay(start->payment, "e1"), "");
    EXPECT_EQ(told(customer_address), Names{"recharge.received"});
    EXPECT_EQ(told(operator_address), Names{"recharge.received"});
    EXPECT_EQ(mail_->sent().front().data.at("balance"), "120.00");
}

TEST_F(MoneyNotices, an_order_that_ends_unpaid_says_why) {
    const auto order = shop_.order(owner_);
    shop_.clock.advance(std::chrono::hours(25));
    ASSERT_EQ(shop_.orders.cancel_expired(10)->cancelled, 1);
    EXPECT_EQ(told(customer_address), Names{"order.cancelled"});
    EXPECT_EQ(told(operator_address), Names{"order.cancelled"});
    const auto reason = mail_->sent().front().data.at("reason");
    EXPECT_NE(reason.find("未在规定时间内付款"), std::string::npos);
    EXPECT_NE(reason.find("not paid in time"), std::string::npos);
}

TEST_F(MoneyNotices, a_paid_order_that_is_cancelled_says_what_was_given_back) {
    const auto id = paid_order();
    ASSERT_TRUE(shop_.orders.cancel(shop_.customer(owner_), id, "changed my mind").has_value());
    ASSERT_TRUE(shop_.orders.cancel(shop_.customer(owner_), id, "changed my mind").has_value());
    EXPECT_EQ(told(customer_address), (Names{"order.cancelled", "order.paid", "order.refunded"}));
}

TEST_F(MoneyNotices, each_refund_of_an_order_is_told_once) {
    const auto id = active_order("");
    ASSERT_TRUE(refund(id, 500, RefundDestination::balance, "a").has_value());
    ASSERT_TRUE(refund(id, 500, RefundDestination::balance, "a").has_value());
    EXPECT_EQ(told(customer_address), Names{"order.refunded"});
    ASSERT_TRUE(refund(id, 300, RefundDestination::balance, "b").has_value());
    EXPECT_EQ(told(customer_address), (Names{"order.refunded", "order.refunded"}));
    EXPECT_EQ(mail_->sent().front().data.at("amount"), "5.00");
}

TEST_F(MoneyNotices, a_refund_through_a_gateway_is_told_when_it_has_been_paid_out) {
    const auto id = active_order("gateway-test");
    ASSERT_TRUE(refund(id, 500, RefundDestination::gateway, "a").has_value());
    EXPECT_EQ(told(customer_address), Names{});
    shop_.gateway->script("refund", {Script::refuse});
    ASSERT_EQ(shop_.refund_worker.run_once(10)->done, 1);
    EXPECT_EQ(told(customer_address), Names{});
    ASSERT_TRUE(refund(id, 500, RefundDestination::gateway, "b").has_value());
    ASSERT_EQ(shop_.refund_worker.run_once(10)->done, 1);
    EXPECT_EQ(told(customer_address), Names{"order.refunded"});
}

TEST_F(MoneyNotices, a_payment_that_was_not_committed_is_told_to_nobody) {
    const auto order = shop_.order(owner_);
    shop_.faults.kill_at("before:pay_order");
    EXPECT_THROW((void)shop_.orders.pay(shop_.customer(owner_), order.id, "", ""), Killed);
    EXPECT_EQ(told(customer_address), Names{});
}

TEST_F(MoneyNotices, a_notifier_that_fails_takes_no_money_back_and_is_tried_again) {
    mail_->fail_for({customer_address, operator_address});
    const auto id = paid_order();
    EXPECT_EQ(worker_.run_once(100)->retried, 1);
    EXPECT_EQ(shop_.orders.find(shop_.admin(), id)->status, OrderStatus::paid);
    EXPECT_EQ(shop_.balance(owner_), "88.00");
    EXPECT_EQ(shop_.first_fault(), "");
    mail_->fail_for({});
    shop_.clock.advance(std::chrono::minutes(1));
    EXPECT_EQ(told(customer_address), Names{"order.paid"});
    EXPECT_EQ(told(operator_address), Names{"order.paid"});
}

TEST(MoneyNotice, is_not_even_written_while_no_notifier_is_enabled) {
    Shop shop;
    const auto owner = shop.add_customer("100.00");
    const auto order = shop.order(owner);
    ASSERT_TRUE(shop.orders.pay(shop.customer(owner), order.id, "", "").has_value());
    EXPECT_EQ(shop.db.value("SELECT count(*) FROM events WHERE kind = 'notify'"), "0");
}

}  // namespace
}  // namespace rb::test
