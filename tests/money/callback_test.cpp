#include "support/shop.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace rb::test {
namespace {

using core::CallbackKind;
using core::CallbackOutcome;
using core::OrderStatus;
using core::PaymentStatus;

class Callbacks : public testing::Test {
protected:
    Callbacks() {
        owner_ = shop_.add_customer("0.00");
        order_ = shop_.order(owner_);
        payment_ =
            shop_.orders.pay(shop_.customer(owner_), order_->id, "gateway-test", "")->payment;
    }
    core::CallbackReply send(const core::RawCallback& callback) {
        return shop_.payments.receive_callback("gateway-test", callback, "203.0.113.9");
    }
    core::RawCallback paid(const std::string& external = "e1", const std::string& amount = "12.00",
                           const std::string& currency = "CNY") {
        return ScriptedGateway::callback(CallbackKind::paid, payment_, external, amount, currency,
                                         "tx-1");
    }
    core::Payment payment() { return *shop_.payments.find(shop_.admin(), payment_); }
    OrderStatus order_status() { return shop_.orders.find(shop_.admin(), order_->id)->status; }
    std::string outcomes() {
        return shop_.db.value(
            "SELECT string_agg(outcome, ' ' ORDER BY received_at, id) FROM gateway_callbacks");
    }

    // "applied 1, rejected 2"
    std::string outcomes_of(const std::string& gateway) {
        return shop_.db.value(
            "SELECT string_agg(outcome || ' ' || number, ', ' ORDER BY outcome) FROM (SELECT "
            "outcome, count(*) AS number FROM gateway_callbacks WHERE gateway_id = '" +
            gateway + "' GROUP BY outcome) AS counted");
    }

    Shop shop_;
    core::CustomerId owner_;
    std::optional<core::Order> order_;
    core::PaymentId payment_;
};

TEST_F(Callbacks, pay_the_order_and_are_kept_as_they_came) {
    const auto reply = send(paid());
    EXPECT_EQ(reply.body, "success");
    EXPECT_EQ(payment().status, PaymentStatus::success);
    EXPECT_EQ(payment().gateway_tx_id, "tx-1");
    EXPECT_EQ(order_status(), OrderStatus::paid);
    EXPECT_EQ(outcomes(), "applied");
    EXPECT_EQ(shop_.db.value("SELECT convert_from(body, 'UTF8') FROM gateway_callbacks"),
              "callback e1");
    EXPECT_EQ(shop_.first_fault(), "");
}

// Pain 2: the same event again.
TEST_F(Callbacks, Pain02_a_repeat_is_accepted_and_changes_nothing) {
    EXPECT_EQ(send(paid()).body, "success");
    EXPECT_EQ(send(paid()).body, "success");
    EXPECT_EQ(send(paid("e2")).body, "success");
    EXPECT_EQ(outcomes(), "applied duplicate duplicate");
    EXPECT_EQ(shop_.db.value("SELECT count(*) FROM ledger_entries"), "1");
    EXPECT_EQ(shop_.db.value("SELECT count(*) FROM events"), "1");
    EXPECT_EQ(shop_.first_fault(), "");
}

// Pain 22: a cheap currency, a smaller amount, a forged signature.
TEST_F(Callbacks, Pain22_that_do_not_match_move_nothing_and_are_loud) {
    EXPECT_EQ(send(paid("e1", "12.00", "IDR")).status, 400);
    EXPECT_EQ(send(paid("e2", "0.01")).status, 400);
    auto forged = paid("e3");
    forged.headers["signature"] = "bad";
    EXPECT_EQ(send(forged).status, 400);
    const auto stranger = ScriptedGateway::callback(
        CallbackKind::paid, core::PaymentId(shop_.ids.next()), "e4", "12.00");
    EXPECT_EQ(send(stranger).status, 400);
    EXPECT_EQ(shop_.payments.receive_callback("bank-test", paid("e5"), "").status, 400);
    EXPECT_EQ(outcomes(), "rejected rejected rejected rejected rejected");
    EXPECT_EQ(payment().status, PaymentStatus::pending);
    EXPECT_EQ(order_status(), OrderStatus::pending);
    EXPECT_EQ(shop_.log.count(core::LogLevel::error), 5);
    EXPECT_EQ(shop_.db.value("SELECT count(*) FROM ledger_entries"), "0");
}

// Pain 5: events in the wrong order.
TEST_F(Callbacks, Pain05_a_late_failed_never_turns_back_what_was_paid) {
    send(paid());
    const auto failed = ScriptedGateway::callback(CallbackKind::failed, payment_, "e9", "12.00");
    EXPECT_EQ(send(failed).body, "success");
    EXPECT_EQ(payment().status, PaymentStatus::success);
    EXPECT_EQ(order_status(), OrderStatus::paid);
    EXPECT_EQ(outcomes(), "applied ignored");
}

TEST_F(Callbacks, Pain05_paid_after_failed_still_pays) {
    send(ScriptedGateway::callback(CallbackKind::failed, payment_, "e0", "12.00"));
    EXPECT_EQ(payment().status, PaymentStatus::failed);
    send(paid());
    EXPECT_EQ(order_status(), OrderStatus::paid);
    EXPECT_EQ(shop_.first_fault(), "");
}

TEST_F(Callbacks, that_come_after_the_order_was_cancelled_put_the_money_on_the_balance) {
    ASSERT_TRUE(shop_.orders.cancel(shop_.customer(owner_), order_->id, "").has_value());
    EXPECT_EQ(send(paid()).body, "success");
    EXPECT_EQ(order_status(), OrderStatus::cancelled);
    EXPECT_EQ(shop_.balance(owner_), "12.00");
    EXPECT_EQ(shop_.first_fault(), "");
}

TEST_F(Callbacks, of_two_payments_of_one_order_the_second_goes_to_the_balance) {
    const auto second =
        shop_.orders.pay(shop_.customer(owner_), order_->id, "bank-test", "")->payment;
    send(paid());
    const auto confirmed = shop_.payments.confirm(
        shop_.admin(), second, core::Money(1200, core::Currency::cny()), "bank-77");
    ASSERT_TRUE(confirmed.has_value()) << confirmed.error().detail;
    EXPECT_EQ(shop_.balance(owner_), "12.00");
    EXPECT_EQ(order_status(), OrderStatus::paid);
    EXPECT_EQ(shop_.first_fault(), "");
}

TEST_F(Callbacks, whose_gateway_transaction_settled_another_payment_are_rejected) {
    send(paid());
    const auto other = shop_.order(owner_);
    const auto second =
        shop_.orders.pay(shop_.customer(owner_), other.id, "gateway-test", "")->payment;
    const auto reply =
        send(ScriptedGateway::callback(CallbackKind::paid, second, "e2", "12.00", "CNY", "tx-1"));
    EXPECT_EQ(reply.status, 400);
    EXPECT_EQ(outcomes(), "applied rejected");
    EXPECT_EQ(shop_.payments.find(shop_.admin(), second)->status, PaymentStatus::pending);
    EXPECT_EQ(shop_.first_fault(), "");
}

// A gateway that tells of two payments under one id has made a mistake, or its plugin has: as a
// repeat it would pass in silence, and the second customer would have paid for nothing.
TEST_F(Callbacks, Pain02_that_tell_of_another_payment_under_a_known_id_are_rejected_loudly) {
    const auto other = shop_.order(owner_);
    const auto second =
        shop_.orders.pay(shop_.customer(owner_), other.id, "gateway-test", "")->payment;
    EXPECT_EQ(send(paid()).body, "success");
    const auto clash = ScriptedGateway::callback(CallbackKind::paid, second, "e1", "12.00");
    EXPECT_EQ(send(clash).status, 400);
    EXPECT_EQ(outcomes(), "applied rejected");
    EXPECT_EQ(shop_.log.count(core::LogLevel::error), 1);
    EXPECT_EQ(send(ScriptedGateway::callback(CallbackKind::paid, second, "e2", "12.00")).body,
              "success");
    EXPECT_EQ(shop_.first_fault(), "");
}

TEST_F(Callbacks, can_be_replayed_once_their_cause_of_failure_is_gone) {
    // The plugin is away: stored, answered 500, not applied.
    const auto id = [&] {
        shop_.db.run("UPDATE payments SET gateway_id = 'gateway-test'");
        auto broken = paid();
        broken.headers.erase("signature");
        EXPECT_EQ(send(broken).status, 400);
        return *core::CallbackId::parse(shop_.db.value("SELECT id FROM gateway_callbacks"), "id");
    }();
    shop_.db.run("UPDATE gateway_callbacks SET headers = headers || '{\"signature\": \"good\"}'");
    const auto replayed = shop_.payments.replay_callback(shop_.admin(), id);
    ASSERT_TRUE(replayed.has_value()) << replayed.error().detail;
    EXPECT_EQ(replayed->outcome, CallbackOutcome::applied);
    EXPECT_EQ(order_status(), OrderStatus::paid);
    // And once more harms nothing.
    ASSERT_TRUE(shop_.payments.replay_callback(shop_.admin(), id).has_value());
    EXPECT_EQ(outcomes(), "applied");
    EXPECT_EQ(shop_.first_fault(), "");
}

TEST_F(Callbacks, of_a_charge_back_are_booked_once) {
    send(paid());
    const auto charge_back =
        ScriptedGateway::callback(CallbackKind::charged_back, payment_, "cb", "12.00");
    send(charge_back);
    send(charge_back);
    EXPECT_EQ(outcomes(), "applied applied duplicate");
    EXPECT_EQ(payment().status, PaymentStatus::refunded);
    EXPECT_EQ(shop_.log.count(core::LogLevel::error), 1) << "once, and loud";
    EXPECT_EQ(shop_.first_fault(), "");
}

TEST_F(Callbacks, of_money_that_a_balance_cannot_hold_are_kept_for_people) {
    shop_.db.run("UPDATE orders SET status = 'cancelled'");
    const auto full = shop_.balances.adjust(shop_.admin(), owner_, "9999999999.99", "a rich one");
    ASSERT_TRUE(full.has_value());
    EXPECT_EQ(send(paid()).status, 500);
    EXPECT_EQ(payment().status, PaymentStatus::pending);
    EXPECT_EQ(outcomes(), "received");
    EXPECT_EQ(shop_.first_fault(), "");
}

TEST_F(Callbacks, larger_than_the_limit_are_not_stored) {
    auto large = paid();
    large.body.assign(core::limits::callback_body_bytes_max, 'x');
    EXPECT_EQ(send(large).body, "success");
    large.body += 'x';
    EXPECT_EQ(send(large).status, 413);
    EXPECT_EQ(shop_.db.value("SELECT count(*) FROM gateway_callbacks"), "1");
}

TEST_F(Callbacks, for_what_is_no_gateway_are_answered_404_and_not_stored) {
    EXPECT_EQ(shop_.payments.receive_callback("nobody", paid(), "").status, 404);
    EXPECT_EQ(shop_.payments.receive_callback("provider-test", paid(), "").status, 404);
    EXPECT_EQ(shop_.db.value("SELECT count(*) FROM gateway_callbacks"), "0");
}

TEST_F(Callbacks, of_a_disabled_gateway_are_kept_and_applied_once_it_is_enabled) {
    shop_.plugins.disabled.insert("gateway-test");
    EXPECT_EQ(send(paid()).status, 500);
    EXPECT_EQ(outcomes(), "received");
    EXPECT_EQ(order_status(), OrderStatus::pending);
    const auto id =
        *core::CallbackId::parse(shop_.db.value("SELECT id FROM gateway_callbacks"), "id");
    EXPECT_EQ(shop_.payments.replay_callback(shop_.admin(), id)->outcome,
              CallbackOutcome::received);
    shop_.plugins.disabled.clear();
    EXPECT_EQ(shop_.payments.replay_callback(shop_.admin(), id)->outcome, CallbackOutcome::applied);
    EXPECT_EQ(order_status(), OrderStatus::paid);
    EXPECT_EQ(shop_.first_fault(), "");
}

TEST_F(Callbacks, that_are_forged_fill_no_disk_and_keep_out_none_that_is_genuine) {
    constexpr auto kept_max = core::limits::unverified_callbacks_max;
    auto forged = paid();
    forged.headers["signature"] = "bad";
    for (int sent = 0; sent < kept_max + 20; ++sent) EXPECT_EQ(send(forged).status, 400);
    const auto kept = std::to_string(kept_max);
    EXPECT_EQ(shop_.db.value("SELECT count(*) FROM gateway_callbacks"), kept);
    // One record for each that is kept, and one for all that are not.
    EXPECT_EQ(shop_.log.count(core::LogLevel::error), kept_max + 1);
    // Another gateway has a bound of its own.
    EXPECT_EQ(shop_.payments.receive_callback("bank-test", forged, "").status, 400);
    EXPECT_EQ(outcomes_of("bank-test"), "rejected 1");

    EXPECT_EQ(send(paid()).body, "success");
    EXPECT_EQ(send(paid()).body, "success");
    EXPECT_EQ(order_status(), OrderStatus::paid);
    EXPECT_EQ(outcomes_of("gateway-test"), "applied 1, duplicate 1, rejected " + kept);
    EXPECT_EQ(shop_.db.value("SELECT count(*) FROM gateway_callbacks WHERE is_verified"), "2");
    EXPECT_EQ(shop_.first_fault(), "");

    shop_.clock.advance(core::limits::unverified_callbacks_window + std::chrono::seconds(1));
    EXPECT_EQ(send(forged).status, 400);
    EXPECT_EQ(outcomes_of("gateway-test"),
              "applied 1, duplicate 1, rejected " + std::to_string(kept_max + 1));
    // A day's flood is told of each day, by whichever server meets it.
    const auto told_before = shop_.log.count(core::LogLevel::error);
    for (int sent = 1; sent < kept_max + 20; ++sent) EXPECT_EQ(send(forged).status, 400);
    EXPECT_EQ(shop_.log.count(core::LogLevel::error), told_before + kept_max - 1 + 1);
}

TEST_F(Callbacks, past_the_bound_that_nobody_can_read_now_shall_come_again) {
    auto forged = paid();
    forged.headers["signature"] = "bad";
    for (int sent = 0; sent < core::limits::unverified_callbacks_max; ++sent) send(forged);
    shop_.plugins.callback_failure = Error{ErrorCode::plugin_failed, "it does not compile"};
    EXPECT_EQ(send(paid()).status, 500);
    EXPECT_EQ(outcomes_of("gateway-test"),
              "rejected " + std::to_string(core::limits::unverified_callbacks_max));
    shop_.plugins.callback_failure.reset();
    EXPECT_EQ(send(paid()).body, "success");
    EXPECT_EQ(order_status(), OrderStatus::paid);
}

TEST_F(Callbacks,
       that_are_genuine_do_not_count_towards_the_bound_and_their_repeats_have_their_own) {
    constexpr auto kept_max = core::limits::duplicate_callbacks_max;
    EXPECT_EQ(send(paid()).body, "success");
    for (int sent = 0; sent < kept_max; ++sent) EXPECT_EQ(send(paid()).body, "success");
    const auto full = "applied 1, duplicate " + std::to_string(kept_max);
    EXPECT_EQ(outcomes_of("gateway-test"), full);
    for (int sent = 0; sent < core::limits::unverified_callbacks_max; ++sent) {
        EXPECT_EQ(send(paid()).body, "success");
    }
    EXPECT_EQ(outcomes_of("gateway-test"), full);
    EXPECT_EQ(shop_.log.count(core::LogLevel::error), 0);
    EXPECT_EQ(shop_.db.value("SELECT count(*) FROM ledger_entries"), "1");
    EXPECT_EQ(shop_.first_fault(), "");
}

TEST_F(Callbacks, that_an_event_names_stay_past_the_bound_of_repeats) {
    send(paid());
    for (int sent = 0; sent < core::limits::duplicate_callbacks_max; ++sent) send(paid());
    // The same money under another name of the event: on record, so its callback stays.
    EXPECT_EQ(send(paid("e2")).body, "success");
    EXPECT_EQ(outcomes_of("gateway-test"),
              "applied 1, duplicate " + std::to_string(core::limits::duplicate_callbacks_max + 1));
    EXPECT_EQ(shop_.db.value("SELECT count(*) FROM payment_events"), "2");
}

TEST_F(Callbacks, are_on_record_with_the_amount_that_they_name) {
    send(paid());
    send(ScriptedGateway::callback(CallbackKind::charged_back, payment_, "cb", "5.00"));
    EXPECT_EQ(shop_.db.value("SELECT string_agg(kind || ' ' || amount || ' ' || currency, ', ' "
                             "ORDER BY kind) FROM payment_events"),
              "charged_back 5.00 CNY, paid 12.00 CNY");
}

TEST_F(Callbacks, whose_headers_are_no_text_are_stored_all_the_same) {
    auto odd = paid();
    odd.headers["x-odd"] = std::string("a\xff\x00z", 4);
    odd.query = "a=\xc3";
    EXPECT_EQ(send(odd).body, "success");
    EXPECT_EQ(shop_.db.value("SELECT headers ->> 'x-odd' FROM gateway_callbacks"), "a%FF%00z");
    EXPECT_EQ(shop_.db.value("SELECT query FROM gateway_callbacks"), "a=%C3");
}

TEST_F(Callbacks, two_at_once_apply_once) {
    core::NoFaultPoint quiet;
    store_pg::PgDatabase database(shop_.db.pool(), quiet);
    core::PaymentService service({.database = database,
                                  .plugins = shop_.plugins,
                                  .invoices = shop_.invoices,
                                  .clock = shop_.clock,
                                  .ids = shop_.ids,
                                  .faults = quiet,
                                  .log = shop_.log},
                                 {});
    std::atomic<int> accepted{0};
    std::vector<std::thread> senders;
    for (int sender = 0; sender < 8; ++sender) {
        senders.emplace_back([&, sender] {
            const auto reply =
                service.receive_callback("gateway-test", paid(sender % 2 == 0 ? "e1" : "e2"), "");
            accepted += reply.status == 200 ? 1 : 0;
        });
    }
    for (auto& sender : senders) sender.join();
    EXPECT_EQ(accepted, 8);
    EXPECT_EQ(shop_.db.value("SELECT count(*) FROM ledger_entries"), "1");
    EXPECT_EQ(shop_.db.value("SELECT count(*) FROM events"), "1");
    EXPECT_EQ(shop_.first_fault(), "");
}

TEST_F(Callbacks, against_the_timeout_never_lose_the_money) {
    core::NoFaultPoint quiet;
    store_pg::PgDatabase database(shop_.db.pool(), quiet);
    core::PaymentService service({.database = database,
                                  .plugins = shop_.plugins,
                                  .invoices = shop_.invoices,
                                  .clock = shop_.clock,
                                  .ids = shop_.ids,
                                  .faults = quiet,
                                  .log = shop_.log},
                                 {});
    core::OrderService orders({.database = database,
                               .plugins = shop_.plugins,
                               .payments = service,
                               .clock = shop_.clock,
                               .ids = shop_.ids,
                               .digester = shop_.digester,
                               .log = shop_.log});
    shop_.clock.advance(std::chrono::hours(25));
    std::thread timeout([&] { ASSERT_TRUE(orders.cancel_expired(10).has_value()); });
    const auto reply = service.receive_callback("gateway-test", paid(), "");
    timeout.join();
    EXPECT_EQ(reply.body, "success");
    const bool is_paid = order_status() == OrderStatus::paid;
    EXPECT_EQ(shop_.balance(owner_), is_paid ? "0.00" : "12.00");
    EXPECT_EQ(shop_.first_fault(), "");
}

class Recharges : public testing::Test {
protected:
    Recharges() { owner_ = shop_.add_customer("5.00"); }
    Result<core::PaymentStart> recharge(std::int64_t cents, const std::string& gateway,
                                        const std::optional<std::string>& key = {}) {
        return shop_.payments.recharge(shop_.customer(owner_), {},
                                       core::Money(cents, core::Currency::cny()), gateway, "", key);
    }
    Shop shop_;
    core::CustomerId owner_;
};

TEST_F(Recharges, of_ten_pass_and_of_a_cent_less_do_not) {
    EXPECT_EQ(recharge(999, "gateway-test").error().field, "amount");
    const auto start = recharge(1000, "gateway-test");
    ASSERT_TRUE(start.has_value());
    const auto callback = shop_.gateway->pay(start->payment, "r1");
    shop_.payments.receive_callback("gateway-test", callback, "");
    EXPECT_EQ(shop_.balance(owner_), "15.00");
    EXPECT_EQ(shop_.db.value("SELECT string_agg(transaction_type, ' ' ORDER BY sequence) "
                             "FROM balance_transactions"),
              "manual_adjust recharge");
    EXPECT_EQ(shop_.first_fault(), "");
}

TEST_F(Recharges, a_repeat_with_the_same_key_is_the_same_payment_whatever_became_of_it) {
    const auto first = recharge(1000, "gateway-test", "key-1");
    ASSERT_TRUE(first.has_value());
    const auto again = recharge(1000, "gateway-test", "key-1");
    EXPECT_EQ(again->payment, first->payment);
    EXPECT_EQ(again->instructions.payment_url, first->instructions.payment_url);
    shop_.payments.receive_callback("gateway-test", shop_.gateway->pay(first->payment, "r1"), "");
    const auto paid = recharge(1000, "gateway-test", "key-1");
    EXPECT_EQ(paid->payment, first->payment);
    EXPECT_EQ(paid->status, core::PaymentStatus::success);
    EXPECT_EQ(recharge(1001, "gateway-test", "key-1").error().code,
              ErrorCode::idempotency_conflict);
    EXPECT_EQ(recharge(1000, "bank-test", "key-1").error().code, ErrorCode::idempotency_conflict);
    EXPECT_NE(recharge(1000, "gateway-test", "key-2")->payment, first->payment);
    EXPECT_EQ(shop_.db.value("SELECT count(*) FROM payments WHERE purpose = 'recharge'"), "2");
    EXPECT_EQ(shop_.balance(owner_), "15.00");
}

TEST_F(Recharges, pressed_many_times_at_once_with_one_key_open_one_payment) {
    std::vector<std::thread> clicks;
    for (int click = 0; click < 8; ++click) {
        clicks.emplace_back([&] { (void)recharge(1000, "gateway-test", "key-1"); });
    }
    for (auto& click : clicks) click.join();
    EXPECT_EQ(shop_.db.value("SELECT count(*) FROM payments WHERE purpose = 'recharge'"), "1");
    EXPECT_EQ(recharge(1000, "gateway-test", "key-1")->status, core::PaymentStatus::pending);
}

TEST_F(Recharges, a_bank_transfer_is_confirmed_once_and_its_reference_used_once) {
    const auto first = recharge(1000, "bank-test");
    const auto second = recharge(1000, "bank-test");
    const auto ten = core::Money(1000, core::Currency::cny());
    EXPECT_EQ(shop_.payments
                  .confirm(shop_.admin(), first->payment, core::Money(999, ten.currency()), "b1")
                  .error()
                  .code,
              ErrorCode::amount_mismatch);
    ASSERT_TRUE(shop_.payments.confirm(shop_.admin(), first->payment, ten, "b1").has_value());
    ASSERT_TRUE(shop_.payments.confirm(shop_.admin(), first->payment, ten, "b1").has_value());
    const auto reused = shop_.payments.confirm(shop_.admin(), second->payment, ten, "b1");
    ASSERT_TRUE(reused.has_error());
    EXPECT_EQ(reused.error().code, ErrorCode::already_exists);
    EXPECT_EQ(shop_.balance(owner_), "15.00");
    EXPECT_EQ(shop_.first_fault(), "");
}

}  // namespace
}  // namespace rb::test
