#include "core/limits.hpp"

#include "support/shop.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace rb::test {
namespace {

using core::OrderStatus;
using core::PaymentStatus;

class PayOrder : public testing::Test {
protected:
    core::Order read(core::OrderId id) { return *shop_.orders.find(shop_.admin(), id); }
    Result<core::PaymentStart> pay(const core::Order& order, const std::string& gateway = "") {
        return shop_.orders.pay(shop_.customer(order.customer), order.id, gateway, "");
    }
    std::string count(const std::string& from) {
        return shop_.db.value("SELECT count(*) FROM " + from);
    }
    Shop shop_;
};

TEST_F(PayOrder, from_the_balance_moves_the_money_and_asks_for_the_server_in_one_commit) {
    const auto owner = shop_.add_customer("100.00");
    const auto order = shop_.order(owner);
    const auto paid = pay(order);
    ASSERT_TRUE(paid.has_value()) << paid.error().detail;
    EXPECT_EQ(paid->status, PaymentStatus::success);
    EXPECT_EQ(read(order.id).status, OrderStatus::paid);
    EXPECT_EQ(shop_.balance(owner), "88.00");
    EXPECT_EQ(count("events WHERE kind = 'provision_order'"), "1");
    EXPECT_EQ(shop_.first_fault(), "");
}

TEST_F(PayOrder, leaves_the_order_pending_when_funds_are_short) {
    const auto owner = shop_.add_customer("11.99");
    const auto order = shop_.order(owner);
    const auto paid = pay(order);
    ASSERT_TRUE(paid.has_error());
    EXPECT_EQ(paid.error().code, ErrorCode::insufficient_funds);
    EXPECT_EQ(read(order.id).status, OrderStatus::pending);
    EXPECT_EQ(shop_.balance(owner), "11.99");
    EXPECT_EQ(shop_.first_fault(), "");
}

TEST_F(PayOrder, may_use_the_credit_limit_and_not_a_cent_more) {
    const auto owner = shop_.add_customer("2.00", "10.00");
    const auto first = shop_.order(owner);
    ASSERT_TRUE(pay(first).has_value());
    EXPECT_EQ(shop_.balance(owner), "-10.00");
    EXPECT_EQ(pay(shop_.order(owner)).error().code, ErrorCode::insufficient_funds);
    EXPECT_EQ(shop_.first_fault(), "");
}

// "As much as he likes": the limit alone fills the range of Money.
TEST_F(PayOrder, the_largest_credit_limit_beside_a_balance_is_no_overflow) {
    const auto owner = shop_.add_customer("100.00", "9999999999.99");
    ASSERT_TRUE(pay(shop_.order(owner)).has_value());
    EXPECT_EQ(shop_.balance(owner), "88.00");
    EXPECT_EQ(shop_.first_fault(), "");
}

TEST_F(PayOrder, a_repeat_answers_the_first_payment_and_takes_nothing) {
    const auto owner = shop_.add_customer("100.00");
    const auto order = shop_.order(owner);
    const auto first = pay(order);
    const auto second = pay(order);
    ASSERT_TRUE(second.has_value());
    EXPECT_EQ(second->payment, first->payment);
    EXPECT_EQ(shop_.balance(owner), "88.00");
}

TEST_F(PayOrder, a_strangers_order_does_not_exist) {
    const auto order = shop_.order(shop_.add_customer("100.00"));
    const auto stranger = shop_.add_customer("100.00");
    const auto paid = shop_.orders.pay(shop_.customer(stranger), order.id, "", "");
    EXPECT_EQ(paid.error().code, ErrorCode::not_found);
    EXPECT_EQ(shop_.orders.find(shop_.customer(stranger), order.id).error().code,
              ErrorCode::not_found);
}

TEST_F(PayOrder, a_stranger_who_names_an_order_holds_up_nobodys_money) {
    const auto owner = shop_.add_customer("100.00");
    const auto order = shop_.order(owner);
    const auto stranger = shop_.customer(shop_.add_customer("100.00"));
    auto unit = *shop_.database.begin();
    const auto locked =
        *unit->ledger().find_payer_for_update_later(order.id, stranger.customer).get();
    EXPECT_FALSE(locked.has_value());
    // Staff and the owner himself do.
    for (const auto who : {std::optional<core::CustomerId>(), std::optional(owner)}) {
        const auto payer = *unit->ledger().find_payer_for_update_later(order.id, who).get();
        ASSERT_TRUE(payer.has_value());
        EXPECT_EQ(payer->customer, owner);
    }
}

TEST_F(PayOrder, eight_clicks_at_once_pay_once) {
    const auto owner = shop_.add_customer("100.00");
    const auto order = shop_.order(owner);
    shop_.faults.forget();
    core::NoFaultPoint quiet;
    store_pg::PgDatabase database(shop_.db.pool(), quiet);
    core::OrderService orders({.database = database,
                               .plugins = shop_.plugins,
                               .payments = shop_.payments,
                               .clock = shop_.clock,
                               .ids = shop_.ids,
                               .digester = shop_.digester,
                               .log = shop_.log});
    std::vector<std::thread> clicks;
    std::atomic<int> answered{0};
    for (int click = 0; click < 8; ++click) {
        clicks.emplace_back([&] {
            const auto paid = orders.pay(shop_.customer(owner), order.id, "", "");
            answered += paid.has_value() ? 1 : 0;
        });
    }
    for (auto& click : clicks) click.join();
    EXPECT_EQ(answered, 8);
    EXPECT_EQ(shop_.balance(owner), "88.00");
    EXPECT_EQ(count("payments"), "1");
    EXPECT_EQ(count("events"), "1");
    EXPECT_EQ(shop_.first_fault(), "");
}

TEST_F(PayOrder, two_orders_at_once_with_funds_for_one_pay_one) {
    const auto owner = shop_.add_customer("12.00");
    const std::array orders = {shop_.order(owner), shop_.order(owner)};
    core::NoFaultPoint quiet;
    store_pg::PgDatabase database(shop_.db.pool(), quiet);
    core::OrderService service({.database = database,
                                .plugins = shop_.plugins,
                                .payments = shop_.payments,
                                .clock = shop_.clock,
                                .ids = shop_.ids,
                                .digester = shop_.digester,
                                .log = shop_.log});
    std::atomic<int> paid{0};
    std::vector<std::thread> threads;
    for (const auto& order : orders) {
        threads.emplace_back([&, id = order.id] {
            paid += service.pay(shop_.customer(owner), id, "", "").has_value() ? 1 : 0;
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(paid, 1);
    EXPECT_EQ(shop_.balance(owner), "0.00");
    EXPECT_EQ(shop_.first_fault(), "");
}

TEST_F(PayOrder, through_a_gateway_answers_its_instructions_and_the_same_ones_again) {
    const auto order = shop_.order(shop_.add_customer("0.00"));
    const auto first = pay(order, "gateway-test");
    ASSERT_TRUE(first.has_value()) << first.error().message;
    EXPECT_EQ(first->status, PaymentStatus::pending);
    EXPECT_EQ(first->instructions.payment_url, "https://pay.example/gateway-test");
    shop_.clock.advance(std::chrono::minutes(1));
    const auto second = pay(order, "gateway-test");
    ASSERT_TRUE(second.has_value());
    EXPECT_EQ(second->payment, first->payment);
    EXPECT_EQ(shop_.gateway->payments_made(), 1);
    EXPECT_EQ(read(order.id).status, OrderStatus::pending);
}

TEST_F(PayOrder, an_unknown_gateway_is_named) {
    const auto order = shop_.order(shop_.add_customer("0.00"));
    EXPECT_EQ(pay(order, "nobody").error().field, "gateway_id");
}

// Pain 4: the answer was lost, the money may be under way.
TEST_F(PayOrder, Pain04_an_unknown_outcome_blocks_every_second_attempt_until_the_query_settles_it) {
    const auto owner = shop_.add_customer("100.00");
    const auto order = shop_.order(owner);
    shop_.gateway->script("create_payment", {Script::lose_answer});
    shop_.gateway->script("query", {Script::fail});
    const auto first = pay(order, "gateway-test");
    ASSERT_TRUE(first.has_error());
    EXPECT_EQ(first.error().code, ErrorCode::outcome_unknown);
    // Neither the balance nor another gateway may pay it now.
    EXPECT_EQ(pay(order, "balance").error().code, ErrorCode::outcome_unknown);
    EXPECT_EQ(pay(order, "bank-test").error().code, ErrorCode::outcome_unknown);
    EXPECT_EQ(shop_.balance(owner), "100.00");
    // The payer did pay. The poller's next question settles it.
    const auto payment = shop_.payments.list(shop_.admin(), {}, {})->items.front();
    EXPECT_EQ(payment.status, PaymentStatus::unknown);
    shop_.gateway->pay(payment.id, "late");
    shop_.clock.advance(std::chrono::hours(1));
    ASSERT_TRUE(shop_.payments.poll_due(10).has_value());
    shop_.clock.advance(std::chrono::hours(1));
    ASSERT_TRUE(shop_.payments.poll_due(10).has_value());
    EXPECT_EQ(read(order.id).status, OrderStatus::paid);
    EXPECT_EQ(shop_.gateway->payments_made(), 1);
    EXPECT_EQ(shop_.balance(owner), "100.00");
    EXPECT_EQ(shop_.first_fault(), "");
}

TEST_F(PayOrder, an_attempt_the_gateway_never_saw_is_made_again_under_the_same_id) {
    const auto order = shop_.order(shop_.add_customer("0.00"));
    shop_.gateway->script("create_payment", {Script::never_arrive});
    EXPECT_EQ(pay(order, "gateway-test").error().code, ErrorCode::outcome_unknown);
    shop_.clock.advance(std::chrono::minutes(1));
    const auto second = pay(order, "gateway-test");
    ASSERT_TRUE(second.has_value()) << second.error().message;
    EXPECT_EQ(second->status, PaymentStatus::pending);
    EXPECT_EQ(count("payments"), "1");
    EXPECT_EQ(shop_.gateway->payments_made(), 1);
}

TEST_F(PayOrder, a_refusal_frees_the_way_for_another_attempt) {
    const auto owner = shop_.add_customer("100.00");
    const auto order = shop_.order(owner);
    shop_.gateway->script("create_payment", {Script::refuse});
    EXPECT_EQ(pay(order, "gateway-test").error().code, ErrorCode::plugin_refused);
    ASSERT_TRUE(pay(order, "balance").has_value());
    EXPECT_EQ(shop_.balance(owner), "88.00");
}

// Pain 21: what cannot be settled must not stand there for ever, and hold its stock.
TEST_F(PayOrder, an_attempt_the_gateway_never_saw_is_over_after_an_hour_and_its_order_may_end) {
    shop_.product = shop_.add_product("12.00", 1);
    const auto owner = shop_.add_customer("0.00");
    const auto order = shop_.order(owner);
    shop_.gateway->script("create_payment", {Script::never_arrive});
    EXPECT_EQ(pay(order, "gateway-test").error().code, ErrorCode::outcome_unknown);
    shop_.clock.advance(core::limits::payment_not_found_after - std::chrono::seconds(1));
    ASSERT_TRUE(shop_.payments.poll_due(10).has_value());
    EXPECT_EQ(shop_.db.value("SELECT status FROM payments"), "unknown");
    shop_.clock.advance(std::chrono::hours(24));
    EXPECT_EQ(shop_.orders.cancel_expired(10)->cancelled, 1);
    EXPECT_EQ(shop_.db.value("SELECT status FROM payments"), "failed");
    EXPECT_EQ(read(order.id).status, OrderStatus::cancelled);
    EXPECT_TRUE(shop_.orders.create(shop_.customer(owner), {.product = shop_.product}).has_value());
}

TEST_F(PayOrder, a_click_after_an_attempt_that_came_to_nothing_begins_another) {
    const auto order = shop_.order(shop_.add_customer("0.00"));
    shop_.gateway->script("create_payment", {Script::never_arrive});
    EXPECT_EQ(pay(order, "gateway-test").error().code, ErrorCode::outcome_unknown);
    shop_.clock.advance(core::limits::payment_not_found_after);
    const auto second = pay(order, "gateway-test");
    ASSERT_TRUE(second.has_value()) << second.error().message;
    EXPECT_EQ(second->status, PaymentStatus::pending);
    EXPECT_EQ(second->instructions.instructions, "pay here");
    EXPECT_EQ(count("payments WHERE status = 'failed'"), "1");
}

TEST_F(PayOrder, an_attempt_nobody_finishes_is_asked_about_for_a_week_and_no_longer) {
    const auto owner = shop_.add_customer("0.00");
    const auto order = shop_.order(owner);
    const auto start = pay(order, "gateway-test");
    ASSERT_TRUE(start.has_value());
    shop_.clock.advance(core::limits::payment_open_max - std::chrono::seconds(1));
    ASSERT_TRUE(shop_.payments.poll_due(10).has_value());
    EXPECT_EQ(shop_.db.value("SELECT status FROM payments"), "pending");
    shop_.clock.advance(std::chrono::hours(2));
    EXPECT_EQ(shop_.payments.poll_due(10)->settled, 1);
    EXPECT_EQ(shop_.db.value("SELECT status FROM payments"), "failed");
    const auto asked = shop_.gateway->calls("query");
    shop_.clock.advance(std::chrono::hours(24));
    EXPECT_EQ(shop_.payments.poll_due(10)->asked, 0);
    EXPECT_EQ(shop_.gateway->calls("query"), asked);

    // Money that comes all the same is the customer's.
    ASSERT_EQ(shop_.orders.cancel_expired(10)->cancelled, 1);
    shop_.payments.receive_callback("gateway-test", shop_.gateway->pay(start->payment, "late"), "");
    EXPECT_EQ(shop_.balance(owner), "12.00");
    EXPECT_EQ(shop_.first_fault(), "");
}

// Where there is nobody to ask, looking again each minute would keep the poller from those it can
// ask.
TEST_F(PayOrder, a_bank_transfer_is_looked_at_less_and_less_often_and_ends_too) {
    shop_.bank->set_capabilities(
        {core::GatewayCapability::create_payment, core::GatewayCapability::manual_confirmation});
    const auto order = shop_.order(shop_.add_customer("0.00"));
    const auto start = pay(order, "bank-test");
    ASSERT_TRUE(start.has_value());
    int looks = 0;
    for (int minute = 0; minute < 120; ++minute) {
        shop_.clock.advance(std::chrono::minutes(1));
        looks += shop_.payments.poll_due(10)->asked;
    }
    EXPECT_LE(looks, 10);
    EXPECT_EQ(shop_.db.value("SELECT status FROM payments"), "pending");
    shop_.clock.advance(core::limits::payment_open_max);
    EXPECT_EQ(shop_.payments.poll_due(10)->settled, 1);
    const auto confirmed = shop_.payments.confirm(
        shop_.admin(), start->payment, core::Money(1200, core::Currency::cny()), "bank-1");
    ASSERT_TRUE(confirmed.has_value()) << confirmed.error().message;
    EXPECT_EQ(confirmed->status, PaymentStatus::success);
    EXPECT_EQ(shop_.first_fault(), "");
}

// Pain 3: the webhook never came.
TEST_F(PayOrder, Pain03_a_payment_whose_callback_never_comes_is_found_by_asking) {
    const auto order = shop_.order(shop_.add_customer("0.00"));
    const auto start = pay(order, "gateway-test");
    shop_.gateway->pay(start->payment, "silent");
    shop_.clock.advance(std::chrono::seconds(16));
    const auto poll = shop_.payments.poll_due(10);
    ASSERT_TRUE(poll.has_value());
    EXPECT_EQ(poll->settled, 1);
    EXPECT_EQ(read(order.id).status, OrderStatus::paid);
    EXPECT_EQ(shop_.first_fault(), "");
}

TEST_F(PayOrder, the_poller_asks_less_and_less_often) {
    const auto order = shop_.order(shop_.add_customer("0.00"));
    ASSERT_TRUE(pay(order, "gateway-test").has_value());
    for (int minute = 0; minute < 60; ++minute) {
        shop_.clock.advance(std::chrono::minutes(1));
        ASSERT_TRUE(shop_.payments.poll_due(10).has_value());
    }
    EXPECT_GE(shop_.gateway->calls("query"), 4);
    EXPECT_LE(shop_.gateway->calls("query"), 9);
}

TEST_F(PayOrder, after_24_hours_ends_and_frees_its_stock) {
    shop_.product = shop_.add_product("12.00", 1);
    const auto owner = shop_.add_customer("100.00");
    const auto order = shop_.order(owner);
    shop_.clock.advance(std::chrono::hours(24) - std::chrono::seconds(1));
    EXPECT_EQ(shop_.orders.cancel_expired(10)->cancelled, 0);
    shop_.clock.advance(std::chrono::seconds(1));
    EXPECT_EQ(pay(order).error().code, ErrorCode::order_not_payable);
    EXPECT_EQ(shop_.orders.cancel_expired(10)->cancelled, 1);
    EXPECT_EQ(read(order.id).status, OrderStatus::cancelled);
    EXPECT_TRUE(shop_.orders.create(shop_.customer(owner), {.product = shop_.product}).has_value());
}

TEST_F(PayOrder, whose_money_is_under_way_is_not_ended_by_the_clock) {
    const auto order = shop_.order(shop_.add_customer("0.00"));
    const auto start = pay(order, "gateway-test");
    shop_.gateway->pay(start->payment, "at the last moment");
    shop_.clock.advance(std::chrono::hours(25));
    ASSERT_TRUE(shop_.orders.cancel_expired(10).has_value());
    EXPECT_EQ(read(order.id).status, OrderStatus::paid);
    EXPECT_EQ(shop_.first_fault(), "");
}

TEST_F(PayOrder, waits_when_the_gateway_cannot_tell_at_the_end_of_its_time) {
    const auto order = shop_.order(shop_.add_customer("0.00"));
    ASSERT_TRUE(pay(order, "gateway-test").has_value());
    shop_.gateway->script("query", {Script::fail});
    shop_.clock.advance(std::chrono::hours(25));
    EXPECT_EQ(shop_.orders.cancel_expired(10)->waiting, 1);
    EXPECT_EQ(read(order.id).status, OrderStatus::pending);
    shop_.clock.advance(core::limits::order_payment_grace);
    EXPECT_EQ(shop_.orders.cancel_expired(10)->cancelled, 1);
}

TEST_F(PayOrder, cancelled_before_its_server_is_opened_gives_all_back) {
    const auto owner = shop_.add_customer("100.00");
    const auto order = shop_.order(owner);
    ASSERT_TRUE(pay(order).has_value());
    const auto cancelled = shop_.orders.cancel(shop_.customer(owner), order.id, "changed my mind");
    ASSERT_TRUE(cancelled.has_value()) << cancelled.error().detail;
    EXPECT_EQ(cancelled->status, OrderStatus::cancelled);
    EXPECT_EQ(shop_.balance(owner), "100.00");
    ASSERT_TRUE(shop_.orders.cancel(shop_.customer(owner), order.id, "again").has_value());
    EXPECT_EQ(shop_.balance(owner), "100.00");
    EXPECT_EQ(pay(order).error().code, ErrorCode::order_not_payable);
    EXPECT_EQ(shop_.first_fault(), "");
}

TEST_F(PayOrder, cancelled_while_its_server_is_being_opened_gives_all_back_and_orphans_nothing) {
    const auto owner = shop_.add_customer("100.00");
    const auto order = shop_.order(owner);
    ASSERT_TRUE(pay(order).has_value());
    shop_.provider->on_open(BadDay::accept);
    EXPECT_EQ(shop_.worker.run_once(10)->waiting, 1);
    EXPECT_EQ(read(order.id).status, OrderStatus::provisioning);
    const auto cancelled = shop_.orders.cancel(shop_.customer(owner), order.id, "too slow");
    ASSERT_TRUE(cancelled.has_value()) << cancelled.error().detail;
    EXPECT_EQ(shop_.balance(owner), "100.00");
    for (int round = 0; round < 5; ++round) {
        shop_.clock.advance(std::chrono::minutes(1));
        ASSERT_TRUE(shop_.worker.run_once(10).has_value());
    }
    EXPECT_EQ(shop_.provider->server_count(), 0U);
    EXPECT_EQ(shop_.db.value("SELECT status FROM instances"), "terminated");
    EXPECT_EQ(shop_.balance(owner), "100.00");
    EXPECT_EQ(shop_.first_fault(), "");
}

TEST_F(PayOrder, ends_in_a_running_server_whose_money_is_earned) {
    const auto owner = shop_.add_customer("100.00");
    const auto order = shop_.order(owner);
    ASSERT_TRUE(pay(order).has_value());
    EXPECT_EQ(shop_.worker.run_once(10)->done, 1);
    EXPECT_EQ(read(order.id).status, OrderStatus::active);
    EXPECT_EQ(shop_.provider->server_count(), 1U);
    EXPECT_EQ(shop_.db.value("SELECT sum(-amount) FROM ledger_postings WHERE account = 'revenue'"),
              "12.00");
    EXPECT_EQ(shop_.first_fault(), "");
}

}  // namespace
}  // namespace rb::test
