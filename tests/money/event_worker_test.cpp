#include "core/node/node_store.hpp"

#include "store_pg/listener.hpp"

#include "support/shop.hpp"

#include <gtest/gtest.h>

#include <set>
#include <thread>

namespace rb::test {
namespace {

using core::Event;
using core::EventKind;
using core::EventProgress;

class CountingHandler final : public core::EventHandler {
public:
    Result<EventProgress> handle(const Event& event) override {
        const std::lock_guard lock(mutex_);
        ++handled[event.subject];
        if (poisoned == event.subject) return Error{ErrorCode::plugin_failed, "poisoned"};
        if (again_left > 0) {
            --again_left;
            return EventProgress::again(std::chrono::seconds(2));
        }
        return EventProgress::done();
    }
    Result<> give_up(const Event&, const Error& last) override {
        ++given_up;
        if (can_give_up) return {};
        return last;
    }
    [[nodiscard]] int attempts_max() const override { return 3; }

    std::map<Uuid, int> handled;
    std::optional<Uuid> poisoned;
    int again_left = 0;
    int given_up = 0;
    bool can_give_up = false;

private:
    std::mutex mutex_;
};

class Events : public testing::Test {
protected:
    Uuid enqueue(std::optional<std::string> dedupe_key = {}) {
        const auto subject = shop_.ids.next();
        const auto done = core::in_transaction(
            shop_.database, "test", [&](core::UnitOfWork& unit) -> Result<bool> {
                TRY(unit.events().enqueue({.id = shop_.ids.next_id<core::EventId>(),
                                           .kind = EventKind::notify,
                                           .subject = subject,
                                           .payload = {{"template", "test \"quoted\""}},
                                           .run_at = shop_.clock.now(),
                                           .dedupe_key = dedupe_key,
                                           .created_at = shop_.clock.now()}));
                return true;
            });
        EXPECT_TRUE(done.has_value()) << done.error().detail;
        return subject;
    }
    core::EventWorker worker(const std::string& name = "w/1") {
        return {shop_.database, shop_.clock, shop_.log, {{EventKind::notify, &handler_}}, name};
    }
    Shop shop_;
    CountingHandler handler_;
};

TEST_F(Events, are_done_once_and_gone) {
    const auto subject = enqueue();
    EXPECT_EQ(worker().run_once(10)->done, 1);
    EXPECT_EQ(worker().run_once(10)->taken(), 0);
    EXPECT_EQ(handler_.handled[subject], 1);
    EXPECT_EQ(shop_.db.value("SELECT count(*) FROM events"), "0");
}

// Pain 12: one bad item.
TEST_F(Events, Pain12_a_failing_event_stops_no_other_and_ends_as_a_dead_letter) {
    const auto bad = enqueue();
    enqueue();
    enqueue();
    handler_.poisoned = bad;
    auto report = *worker().run_once(10);
    EXPECT_EQ(report.done, 2);
    EXPECT_EQ(report.retried, 1);
    for (int attempt = 0; attempt < 2; ++attempt) {
        shop_.clock.advance(std::chrono::hours(4));
        report = *worker().run_once(10);
    }
    EXPECT_EQ(report.buried, 1);
    EXPECT_EQ(handler_.handled[bad], 3);
    shop_.clock.advance(std::chrono::hours(24));
    EXPECT_EQ(worker().run_once(10)->taken(), 0);

    core::EventService service(shop_.database, shop_.clock, shop_.ids);
    const auto dead = *service.list_dead({});
    ASSERT_EQ(dead.total, 1U);
    EXPECT_EQ(dead.items.front().last_error, "poisoned");
    EXPECT_EQ(dead.items.front().payload.at("template"), "test \"quoted\"");
    handler_.poisoned.reset();
    ASSERT_TRUE(service.replay(shop_.admin(), dead.items.front().id).has_value());
    EXPECT_EQ(shop_.db.value("SELECT actor_kind || ' ' || object_id FROM operation_logs "
                             "WHERE action = 'event.replay'"),
              "admin " + dead.items.front().id.to_string());
    EXPECT_EQ(worker().run_once(10)->done, 1);
    EXPECT_EQ(service.replay(shop_.admin(), dead.items.front().id).error().code,
              ErrorCode::not_found);
}

// Pain 11: mail that cannot be sent is mail's trouble.
TEST_F(Events, Pain11_a_notice_that_fails_for_ever_takes_no_payment_back) {
    const auto owner = shop_.add_customer("100.00");
    const auto order = shop_.order(owner);
    ASSERT_TRUE(shop_.orders.pay(shop_.customer(owner), order.id, "", "").has_value());
    handler_.poisoned = enqueue();
    for (int attempt = 0; attempt < 3; ++attempt) {
        ASSERT_TRUE(worker().run_once(10).has_value());
        shop_.clock.advance(std::chrono::hours(4));
    }
    EXPECT_EQ(shop_.db.value("SELECT count(*) FROM events WHERE dead"), "1");
    EXPECT_EQ(shop_.orders.find(shop_.admin(), order.id)->status, core::OrderStatus::paid);
    EXPECT_EQ(shop_.balance(owner), "88.00");
    EXPECT_EQ(shop_.first_fault(), "");
}

TEST_F(Events, that_wait_use_up_no_attempt) {
    enqueue();
    handler_.again_left = 10;
    for (int round = 0; round < 10; ++round) {
        EXPECT_EQ(worker().run_once(10)->waiting, 1);
        EXPECT_EQ(worker().run_once(10)->taken(), 0);
        shop_.clock.advance(std::chrono::seconds(2));
    }
    EXPECT_EQ(worker().run_once(10)->done, 1);
}

TEST_F(Events, whose_handler_gives_up_cleanly_are_finished) {
    handler_.poisoned = enqueue();
    handler_.can_give_up = true;
    for (int attempt = 0; attempt < 3; ++attempt) {
        ASSERT_TRUE(worker().run_once(10).has_value());
        shop_.clock.advance(std::chrono::hours(4));
    }
    EXPECT_EQ(handler_.given_up, 1);
    EXPECT_EQ(shop_.db.value("SELECT count(*) FROM events"), "0");
}

TEST_F(Events, of_the_same_key_are_one) {
    enqueue("reminder-1");
    enqueue("reminder-1");
    EXPECT_EQ(worker().run_once(10)->done, 1);
}

TEST_F(Events, of_a_worker_that_died_are_done_by_another_when_its_lease_runs_out) {
    const auto subject = enqueue();
    shop_.faults.kill_at("after:lease_events");
    EXPECT_THROW((void)worker("w/dead").run_once(10), Killed);
    EXPECT_EQ(worker("w/2").run_once(10)->taken(), 0);
    shop_.clock.advance(core::limits::event_lease);
    EXPECT_EQ(worker("w/2").run_once(10)->done, 1);
    EXPECT_EQ(handler_.handled[subject], 1);
}

TEST_F(Events, taken_by_many_workers_at_once_are_each_done_once) {
    std::vector<Uuid> subjects;
    for (int event = 0; event < 100; ++event) subjects.push_back(enqueue());
    core::NoFaultPoint quiet;
    store_pg::PgDatabase database(shop_.db.pool(), quiet);
    std::vector<std::thread> threads;
    for (int number = 0; number < 4; ++number) {
        threads.emplace_back([&, number] {
            core::EventWorker one(database, shop_.clock, shop_.log,
                                  {{EventKind::notify, &handler_}}, "w/" + std::to_string(number));
            while (one.run_once(7)->taken() > 0) {
            }
        });
    }
    for (auto& thread : threads) thread.join();
    for (const auto& subject : subjects) EXPECT_EQ(handler_.handled[subject], 1);
    EXPECT_EQ(shop_.db.value("SELECT count(*) FROM events"), "0");
}

TEST_F(Events, wake_who_listens_once_they_are_committed) {
    store_pg::Listener listener(shop_.db.connection_options(), store_pg::events_channel);
    ASSERT_TRUE(listener.wait(std::chrono::milliseconds(0)).value());
    EXPECT_FALSE(listener.wait(std::chrono::milliseconds(0)).value());
    enqueue();
    EXPECT_FALSE(listener.wait(std::chrono::milliseconds(0)).value());
    EXPECT_TRUE(shop_.database.announcer().send(std::chrono::milliseconds(0)).value());
    EXPECT_TRUE(listener.wait(std::chrono::seconds(10)).value());
}

TEST_F(Events, that_were_rolled_back_wake_nobody) {
    {
        auto unit = *shop_.database.begin();
        ASSERT_TRUE(unit->events()
                        .enqueue({.id = shop_.ids.next_id<core::EventId>(),
                                  .kind = EventKind::notify,
                                  .subject = shop_.ids.next(),
                                  .payload = {},
                                  .run_at = shop_.clock.now(),
                                  .created_at = shop_.clock.now()})
                        .has_value());
    }
    EXPECT_FALSE(shop_.database.announcer().send(std::chrono::milliseconds(0)).value());
}

TEST_F(Events, Leases_have_one_holder_and_a_term_that_rises_with_each_change) {
    const core::NodeId first(shop_.ids.next());
    const core::NodeId second(shop_.ids.next());
    const std::chrono::seconds lease(60);
    const auto take = [&](core::NodeId node) {
        return *core::in_transaction(
            shop_.database, "test",
            [&](core::UnitOfWork& unit) -> Result<std::optional<std::int64_t>> {
                return unit.leases().take(core::LeaderRole::billing, node, shop_.clock.now(),
                                          lease);
            });
    };
    EXPECT_EQ(take(first), 1);
    EXPECT_EQ(take(second), std::nullopt);
    EXPECT_EQ(take(first), 1);
    shop_.clock.advance(lease);
    EXPECT_EQ(take(second), 2);
    EXPECT_EQ(take(first), std::nullopt);
    auto unit = *shop_.database.begin();
    EXPECT_FALSE(*unit->leases().holds(core::LeaderRole::billing, first, 1, shop_.clock.now()));
    EXPECT_TRUE(*unit->leases().holds(core::LeaderRole::billing, second, 2, shop_.clock.now()));
}

}  // namespace
}  // namespace rb::test
