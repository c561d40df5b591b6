#include "core/order/order_closing.hpp"
#include "core/order/order_store.hpp"

#include "support/shop.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace rb::test {
namespace {

using core::OrderStatus;
using core::RefundDestination;

class Refunds : public testing::Test {
protected:
    Refunds() { owner_ = shop_.add_customer("100.00"); }

    // An order whose server stands: what provisioning commits, without a provider.
    core::OrderId active_order(const std::string& gateway) {
        const auto order = shop_.order(owner_);
        const auto start = shop_.orders.pay(shop_.customer(owner_), order.id, gateway, "");
        EXPECT_TRUE(start.has_value()) << start.error().message;
        if (!gateway.empty()) {
            shop_.payments.receive_callback(gateway, shop_.gateway->pay(start->payment, "e1"), "");
        }
        const auto opened = core::in_transaction(
            shop_.database, "test", [&](core::UnitOfWork& unit) -> Result<bool> {
                auto locked = TRY(unit.orders().find_for_update(order.id));
                locked->status = OrderStatus::provisioning;
                TRY(unit.orders().save(*locked));
                TRY(core::activate_order(unit, shop_.ids, *locked, shop_.clock.now()));
                return true;
            });
        EXPECT_TRUE(opened.has_value()) << opened.error().detail;
        EXPECT_EQ(shop_.first_fault(), "");
        return order.id;
    }
    Result<core::Order> refund(core::OrderId id, const std::string& amount,
                               RefundDestination destination, const std::string& key) {
        std::optional<core::Money> money;
        if (!amount.empty()) {
            money = *core::Money::parse(amount, core::Currency::cny(), "amount");
        }
        return shop_.orders.refund(shop_.admin(), id,
                                   {.amount = money,
                                    .destination = destination,
                                    .reason = "asked",
                                    .idempotency_key = key});
    }
    Shop shop_;
    core::CustomerId owner_;
};

TEST_F(Refunds, in_part_and_then_the_rest_end_the_order) {
    const auto id = active_order("");
    const auto part = refund(id, "5.00", RefundDestination::balance, "a");
    ASSERT_TRUE(part.has_value()) << part.error().message << part.error().detail;
    EXPECT_EQ(part->status, OrderStatus::active);
    EXPECT_EQ(shop_.balance(owner_), "93.00");
    EXPECT_EQ(refund(id, "7.01", RefundDestination::balance, "b").error().field, "amount");
    EXPECT_EQ(refund(id, "", RefundDestination::balance, "c")->status, OrderStatus::refunded);
    EXPECT_EQ(shop_.balance(owner_), "100.00");
    EXPECT_EQ(refund(id, "", RefundDestination::balance, "d").error().code,
              ErrorCode::failed_precondition);
    EXPECT_EQ(shop_.first_fault(), "");
}

// A client that shows the answer shows the order as GetOrder would.
TEST_F(Refunds, and_cancellations_answer_the_whole_order) {
    const auto id = active_order("gateway-test");
    const auto refunded = refund(id, "5.00", RefundDestination::balance, "a");
    ASSERT_TRUE(refunded.has_value()) << refunded.error().message;
    const auto read = shop_.orders.find(shop_.admin(), id);
    EXPECT_FALSE(read->gateway_payment_id.empty());
    EXPECT_EQ(refunded->gateway_payment_id, read->gateway_payment_id);
    EXPECT_EQ(refunded->instance, read->instance);
    EXPECT_EQ(refunded->refunded_amount, read->refunded_amount);
    const auto again = refund(id, "5.00", RefundDestination::balance, "a");
    EXPECT_EQ(again->gateway_payment_id, read->gateway_payment_id);

    const auto unpaid = shop_.order(owner_);
    ASSERT_TRUE(
        shop_.orders.pay(shop_.customer(owner_), unpaid.id, "gateway-test", "").has_value());
    for (int call = 0; call < 2; ++call) {
        const auto cancelled = shop_.orders.cancel(shop_.customer(owner_), unpaid.id, "");
        ASSERT_TRUE(cancelled.has_value()) << cancelled.error().message;
        EXPECT_EQ(cancelled->status, OrderStatus::cancelled);
        EXPECT_FALSE(cancelled->gateway_payment_id.empty());
    }
}

TEST_F(Refunds, with_the_same_key_happen_once) {
    const auto id = active_order("");
    ASSERT_TRUE(refund(id, "5.00", RefundDestination::balance, "once").has_value());
    ASSERT_TRUE(refund(id, "5.00", RefundDestination::balance, "once").has_value());
    EXPECT_EQ(shop_.balance(owner_), "93.00");
}

TEST_F(Refunds, with_the_same_key_and_another_content_clash) {
    const auto id = active_order("");
    ASSERT_TRUE(refund(id, "5.00", RefundDestination::balance, "once").has_value());
    for (const auto* amount : {"5.01", "7.00", ""}) {
        const auto other = refund(id, amount, RefundDestination::balance, "once");
        ASSERT_TRUE(other.has_error()) << amount;
        EXPECT_EQ(other.error().code, ErrorCode::idempotency_conflict) << amount;
    }
    const auto dollars = core::Money(500, *core::Currency::parse("USD"));
    EXPECT_EQ(shop_.orders
                  .refund(shop_.admin(), id,
                          {.amount = dollars, .reason = "asked", .idempotency_key = "once"})
                  .error()
                  .code,
              ErrorCode::idempotency_conflict);
    EXPECT_EQ(shop_.balance(owner_), "93.00");
    // All that is left, and the same again when nothing is.
    ASSERT_TRUE(refund(id, "", RefundDestination::balance, "rest").has_value());
    ASSERT_TRUE(refund(id, "", RefundDestination::balance, "rest").has_value());
    ASSERT_TRUE(refund(id, "7.00", RefundDestination::balance, "rest").has_value());
    EXPECT_EQ(refund(id, "6.00", RefundDestination::balance, "rest").error().code,
              ErrorCode::idempotency_conflict);
    EXPECT_EQ(shop_.balance(owner_), "100.00");
    EXPECT_EQ(shop_.first_fault(), "");
}

TEST_F(Refunds, of_a_payment_with_the_same_key_and_another_content_clash) {
    active_order("gateway-test");
    const auto payment = *core::PaymentId::parse(shop_.db.value("SELECT id FROM payments"), "id");
    const auto give_back = [&](std::int64_t cents, RefundDestination destination) {
        return shop_.payments.refund(shop_.admin(), payment,
                                     {.amount = core::Money(cents, core::Currency::cny()),
                                      .destination = destination,
                                      .idempotency_key = "once"});
    };
    ASSERT_TRUE(give_back(500, RefundDestination::gateway).has_value());
    ASSERT_TRUE(give_back(500, RefundDestination::gateway).has_value());
    EXPECT_EQ(give_back(600, RefundDestination::gateway).error().code,
              ErrorCode::idempotency_conflict);
    EXPECT_EQ(give_back(500, RefundDestination::balance).error().code,
              ErrorCode::idempotency_conflict);
    // One that the gateway refused is still the first of its key.
    shop_.gateway->script("refund", {Script::refuse});
    EXPECT_EQ(shop_.refund_worker.run_once(10)->done, 1);
    ASSERT_TRUE(give_back(500, RefundDestination::gateway).has_value());
    EXPECT_EQ(shop_.db.value("SELECT count(*) FROM refunds"), "1");
}

TEST_F(Refunds, eight_at_once_give_back_once) {
    const auto id = active_order("");
    core::NoFaultPoint quiet;
    store_pg::PgDatabase database(shop_.db.pool(), quiet);
    core::OrderService service({.database = database,
                                .plugins = shop_.plugins,
                                .payments = shop_.payments,
                                .clock = shop_.clock,
                                .ids = shop_.ids,
                                .digester = shop_.digester,
                                .log = shop_.log});
    std::vector<std::thread> clerks;
    for (int clerk = 0; clerk < 8; ++clerk) {
        clerks.emplace_back([&] {
            (void)service.refund(shop_.admin(), id, {.destination = RefundDestination::balance});
        });
    }
    for (auto& clerk : clerks) clerk.join();
    EXPECT_EQ(shop_.balance(owner_), "100.00");
    EXPECT_EQ(shop_.first_fault(), "");
}

TEST_F(Refunds, through_the_gateway_go_out_after_the_commit) {
    const auto id = active_order("gateway-test");
    ASSERT_TRUE(refund(id, "", RefundDestination::gateway, "a").has_value());
    EXPECT_EQ(shop_.gateway->paid_back(), 0);
    EXPECT_EQ(shop_.first_fault(), "");
    EXPECT_EQ(shop_.refund_worker.run_once(10)->done, 1);
    EXPECT_EQ(shop_.gateway->paid_back(), 1200);
    EXPECT_EQ(shop_.orders.find(shop_.admin(), id)->status, OrderStatus::refunded);
    EXPECT_EQ(shop_.balance(owner_), "100.00");
    EXPECT_EQ(shop_.first_fault(), "");
}

TEST_F(Refunds, whose_answer_was_lost_are_paid_out_once) {
    const auto id = active_order("gateway-test");
    ASSERT_TRUE(refund(id, "", RefundDestination::gateway, "a").has_value());
    shop_.gateway->script("refund", {Script::lose_answer, Script::fail});
    EXPECT_EQ(shop_.refund_worker.run_once(10)->retried, 1);
    EXPECT_EQ(shop_.first_fault(), "");
    shop_.clock.advance(std::chrono::minutes(1));
    EXPECT_EQ(shop_.refund_worker.run_once(10)->retried, 1);
    shop_.clock.advance(std::chrono::minutes(1));
    EXPECT_EQ(shop_.refund_worker.run_once(10)->done, 1);
    EXPECT_EQ(shop_.gateway->paid_back(), 1200);
    EXPECT_EQ(shop_.first_fault(), "");
}

TEST_F(Refunds, that_the_gateway_refuses_leave_the_money_where_it_was) {
    const auto id = active_order("gateway-test");
    ASSERT_TRUE(refund(id, "5.00", RefundDestination::gateway, "a").has_value());
    shop_.gateway->script("refund", {Script::refuse});
    EXPECT_EQ(shop_.refund_worker.run_once(10)->done, 1);
    const auto order = *shop_.orders.find(shop_.admin(), id);
    EXPECT_EQ(order.refunded_amount.to_string(), "0.00");
    EXPECT_EQ(order.status, OrderStatus::active);
    EXPECT_EQ(shop_.log.count(core::LogLevel::error), 1);
    EXPECT_EQ(shop_.first_fault(), "");
    EXPECT_EQ(refund(id, "", RefundDestination::balance, "b")->status, OrderStatus::refunded);
    EXPECT_EQ(shop_.first_fault(), "");
}

// A first look-up compiles the plugin's script, which may take seconds.
TEST_F(Refunds, and_confirmations_look_plugins_up_while_they_hold_no_connection) {
    int lookups = 0;
    shop_.plugins.before_find = [&] {
        const auto pool = shop_.db.pool().statistics();
        EXPECT_EQ(pool.open - pool.idle, 0);
        ++lookups;
    };
    const auto id = active_order("gateway-test");
    ASSERT_TRUE(refund(id, "5.00", RefundDestination::gateway, "a").has_value());
    EXPECT_EQ(shop_.refund_worker.run_once(10)->done, 1);
    const auto ten = core::Money(1000, core::Currency::cny());
    const auto start = shop_.payments.recharge(shop_.customer(owner_), {}, ten, "bank-test", "");
    ASSERT_TRUE(start.has_value());
    const auto before = lookups;
    ASSERT_TRUE(shop_.payments.confirm(shop_.admin(), start->payment, ten, "b1").has_value());
    EXPECT_EQ(lookups, before + 1);
    EXPECT_EQ(
        shop_.payments
            .refund(shop_.admin(), start->payment, {.destination = RefundDestination::gateway})
            .error()
            .code,
        ErrorCode::unsupported);
    EXPECT_GE(lookups, 6);
}

TEST_F(Refunds, to_a_gateway_of_an_order_paid_from_the_balance_are_refused) {
    const auto id = active_order("");
    EXPECT_EQ(refund(id, "", RefundDestination::gateway, "a").error().field, "destination");
}

TEST_F(Refunds, of_a_recharge_take_it_off_the_balance) {
    const auto start = shop_.payments.recharge(
        shop_.customer(owner_), {}, core::Money(2000, core::Currency::cny()), "gateway-test", "");
    shop_.payments.receive_callback("gateway-test", shop_.gateway->pay(start->payment, "r"), "");
    EXPECT_EQ(shop_.balance(owner_), "120.00");
    ASSERT_TRUE(shop_.payments
                    .refund(shop_.admin(), start->payment,
                            {.destination = RefundDestination::gateway, .reason = "asked"})
                    .has_value());
    EXPECT_EQ(shop_.refund_worker.run_once(10)->done, 1);
    EXPECT_EQ(shop_.balance(owner_), "100.00");
    EXPECT_EQ(shop_.gateway->paid_back(), 2000);
    EXPECT_EQ(shop_.first_fault(), "");
}

}  // namespace
}  // namespace rb::test
