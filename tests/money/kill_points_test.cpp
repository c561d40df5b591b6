// The process is killed once at every point it can be killed at: before and after each commit, and
// around each call to a gateway or provider. What starts anew must bring every order to its end,
// with the money moved once and one server opened.

#include "core/instance/instance_store.hpp"

#include "support/shop.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <set>

namespace rb::test {
namespace {

using core::OrderStatus;

class KillPoints : public testing::Test {
protected:
    core::Order read(core::OrderId id) { return *shop_.orders.find(shop_.admin(), id); }

    // Runs one life of the process after the other until `is_done`, each ended by a kill or by
    // having nothing left to do. A dead worker's lease must run out before the next life.
    void live_until(const std::function<bool()>& is_done, const std::function<void()>& life) {
        for (int lives = 0; lives < 40 && !is_done(); ++lives) {
            try {
                life();
                for (int round = 0; round < 5; ++round) {
                    ASSERT_TRUE(shop_.worker.run_once(10).has_value());
                    ASSERT_TRUE(shop_.payments.poll_due(10).has_value());
                }
            } catch (const Killed&) {
                ++kills_;
            }
            shop_.clock.advance(core::limits::event_lease + std::chrono::seconds(5));
        }
        EXPECT_TRUE(is_done());
    }

    // The points that one whole run without a kill reaches, but for those of what a test sets up.
    std::set<std::string> points_of(const std::function<void()>& run) {
        shop_.faults.forget();
        run();
        const auto& seen = shop_.faults.seen();
        std::set<std::string> points(seen.begin(), seen.end());
        for (const std::string name : {"adjust_balance", "create_order"}) {
            points.erase("before:" + name);
            points.erase("after:" + name);
        }
        return points;
    }

    void buy_from_balance(OrderStatus ending) {
        const auto owner = shop_.add_customer("100.00");
        const auto order = shop_.order(owner);
        live_until([&] { return read(order.id).status == ending; },
                   [&] { (void)shop_.orders.pay(shop_.customer(owner), order.id, "", ""); });
        EXPECT_EQ(shop_.balance(owner), ending == OrderStatus::active ? "88.00" : "100.00");
        const auto instance = read(order.id).instance;
        ASSERT_TRUE(instance.has_value());
        EXPECT_EQ(shop_.provider->opened_count(instance->to_string()),
                  ending == OrderStatus::active ? 1 : 0);
        EXPECT_EQ(shop_.first_fault(), "");
    }

    void buy_through_gateway() {
        const auto owner = shop_.add_customer("0.00");
        const auto order = shop_.order(owner);
        std::optional<core::RawCallback> callback;
        live_until([&] { return read(order.id).status == OrderStatus::active; },
                   [&] {
                       const auto start =
                           shop_.orders.pay(shop_.customer(owner), order.id, "gateway-test", "");
                       if (!callback && start.has_value() &&
                           start->status == core::PaymentStatus::pending) {
                           callback = shop_.gateway->pay(start->payment, order.id.to_string());
                       }
                       // The gateway sends until it hears that we have it.
                       if (callback) {
                           (void)shop_.payments.receive_callback("gateway-test", *callback, "");
                       }
                   });
        EXPECT_EQ(shop_.balance(owner), "0.00");
        EXPECT_EQ(shop_.db.value("SELECT count(*) FROM payments WHERE status = 'success' AND "
                                 "order_id = '" +
                                 order.id.to_string() + "'"),
                  "1");
        EXPECT_EQ(shop_.first_fault(), "");
    }

    void expect_survived_at_each(const std::set<std::string>& points,
                                 const std::function<void()>& run) {
        for (const auto& point : points) {
            SCOPED_TRACE(point);
            shop_.faults.kill_at(point);
            run();
            if (HasFatalFailure() || HasNonfatalFailure()) return;
        }
        EXPECT_EQ(kills_, static_cast<int>(points.size()));
        std::cout << kills_ << " kills survived\n";
    }

    Shop shop_;
    int kills_ = 0;
};

// Pain 13: billed and never opened, or opened twice.
TEST_F(KillPoints, Pain13_of_a_purchase_from_the_balance_leave_one_payment_and_one_server) {
    const auto buy = [&] { buy_from_balance(OrderStatus::active); };
    const auto points = points_of(buy);
    EXPECT_TRUE(points.contains("before:pay_order"));
    EXPECT_TRUE(points.contains("after:pay_order"));
    EXPECT_TRUE(points.contains("after-call:open"));
    expect_survived_at_each(points, buy);
}

TEST_F(KillPoints, of_a_purchase_through_a_gateway_leave_one_payment_and_one_server) {
    const auto buy = [&] { buy_through_gateway(); };
    const auto points = points_of(buy);
    EXPECT_TRUE(points.contains("after-call:create_payment"));
    EXPECT_TRUE(points.contains("before:apply_callback"));
    expect_survived_at_each(points, buy);
}

TEST_F(KillPoints, of_an_opening_that_is_refused_give_all_the_money_back_once) {
    const auto buy = [&] {
        for (int refusal = 0; refusal < 3; ++refusal) shop_.provider->on_open(BadDay::refuse);
        buy_from_balance(OrderStatus::cancelled);
    };
    // One refusal ends an order; those left over are for the next life.
    const auto points = points_of(buy);
    expect_survived_at_each(points, buy);
}

TEST_F(KillPoints, of_a_refund_through_the_gateway_pay_back_once) {
    const auto refund = [&] {
        const auto owner = shop_.add_customer("0.00");
        const auto start =
            shop_.payments.recharge(shop_.customer(owner), {},
                                    core::Money(2000, core::Currency::cny()), "gateway-test", "");
        ASSERT_TRUE(start.has_value());
        const auto before = shop_.gateway->paid_back();
        shop_.payments.receive_callback(
            "gateway-test", shop_.gateway->pay(start->payment, start->payment.to_string()), "");
        live_until(
            [&] {
                return shop_.payments.find(shop_.admin(), start->payment)->status ==
                       core::PaymentStatus::refunded;
            },
            [&] {
                (void)shop_.payments.refund(shop_.admin(), start->payment,
                                            {.destination = core::RefundDestination::gateway,
                                             .reason = "asked",
                                             .idempotency_key = "once"});
            });
        EXPECT_EQ(shop_.gateway->paid_back() - before, 2000);
        EXPECT_EQ(shop_.balance(owner), "0.00");
        EXPECT_EQ(shop_.first_fault(), "");
    };
    auto points = points_of(refund);
    // Those of the recharge before it have their own test.
    for (const std::string name :
         {"start_payment", "record_payment_answer", "store_callback", "apply_callback"}) {
        points.erase("before:" + name);
        points.erase("after:" + name);
    }
    points.erase("before-call:create_payment");
    points.erase("after-call:create_payment");
    expect_survived_at_each(points, refund);
}

}  // namespace
}  // namespace rb::test
