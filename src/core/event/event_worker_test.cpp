// The outbox and its workers on a real database.

#include "core/event/event_worker.hpp"

#include "core/limits.hpp"

#include "support/fake_ports.hpp"
#include "support/test_database.hpp"
#include "support/twins.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <set>
#include <thread>

namespace rb::core {
namespace {

using namespace std::chrono_literals;

// Does what the test says for each subject, and counts.
class ScriptedHandler final : public EventHandler {
public:
    Result<EventProgress> handle(const Event& event) override {
        if (on_event_) on_event_(event.subject);
        const std::scoped_lock lock(mutex_);
        ++seen_[event.subject];
        if (failing_.contains(event.subject)) return Error{ErrorCode::plugin_failed, "down"};
        if (waiting_.erase(event.subject) > 0) return EventProgress::again(10s);
        return EventProgress::done();
    }
    [[nodiscard]] int attempts_max() const override { return 3; }

    int seen(Uuid subject) {
        const std::scoped_lock lock(mutex_);
        return seen_[subject];
    }
    std::function<void(Uuid)> on_event_;
    std::set<Uuid> failing_;
    std::set<Uuid> waiting_;

private:
    std::mutex mutex_;
    std::map<Uuid, int> seen_;
};

class EventWorkerTest : public testing::Test {
protected:
    Uuid enqueue() {
        const auto subject = ids_.next();
        const auto done =
            in_transaction(db_.database(), "enqueue", [&](UnitOfWork& unit) -> Result<> {
                return unit.events().enqueue({.id = ids_.next_id<EventId>(),
                                              .kind = EventKind::reconcile_instance,
                                              .subject = subject,
                                              .run_at = clock_.now(),
                                              .created_at = clock_.now()});
            });
        EXPECT_TRUE(done.has_value());
        return subject;
    }
    EventWorker worker(std::string name) {
        return {db_.database(),
                clock_,
                log_,
                {{EventKind::reconcile_instance, &handler_}},
                std::move(name)};
    }

    test::TestDatabase db_;
    test::FakeClock clock_;
    test::CountingIds ids_;
    SilentLog log_;
    ScriptedHandler handler_;
};

TEST_F(EventWorkerTest, Pain12_OneBadItemStopsNoOther) {
    const auto good = enqueue();
    const auto bad = enqueue();
    const auto other = enqueue();
    handler_.failing_.insert(bad);
    const auto report = worker("a").run_once(10);
    ASSERT_TRUE(report.has_value());
    EXPECT_EQ(report->done, 2);
    EXPECT_EQ(report->retried, 1);
    EXPECT_EQ(handler_.seen(good) + handler_.seen(other), 2);
    EXPECT_EQ(db_.value("SELECT count(*) FROM events"), "1");
}

TEST_F(EventWorkerTest, a_failing_event_backs_off_then_is_parked_and_can_be_replayed) {
    const auto bad = enqueue();
    handler_.failing_.insert(bad);
    EXPECT_EQ(worker("a").run_once(10)->retried, 1);
    EXPECT_EQ(worker("a").run_once(10)->taken(), 0) << "it waits for its back-off";
    clock_.advance(2s);
    EXPECT_EQ(worker("a").run_once(10)->retried, 1);
    clock_.advance(4s);
    EXPECT_EQ(worker("a").run_once(10)->buried, 1);
    EXPECT_EQ(handler_.seen(bad), 3);
    clock_.advance(24h);
    EXPECT_EQ(worker("a").run_once(10)->taken(), 0);

    EventService service(db_.database(), clock_, ids_);
    const Actor admin{.kind = ActorKind::admin};
    const auto dead = service.list_dead({});
    ASSERT_EQ(dead->items.size(), 1U);
    EXPECT_EQ(dead->items[0].last_error, "down");
    handler_.failing_.clear();
    const auto replayed = service.replay(admin, dead->items[0].id);
    ASSERT_TRUE(replayed.has_value());
    EXPECT_EQ(replayed->id, dead->items[0].id);
    EXPECT_EQ(replayed->kind, dead->items[0].kind);
    EXPECT_EQ(replayed->subject, dead->items[0].subject);
    EXPECT_EQ(replayed->attempts, 0);
    EXPECT_FALSE(replayed->dead);
    EXPECT_EQ(worker("a").run_once(10)->done, 1);
    EXPECT_EQ(service.replay(admin, dead->items[0].id).error().code, ErrorCode::not_found);
}

TEST_F(EventWorkerTest, waiting_uses_up_no_attempt) {
    const auto subject = enqueue();
    for (int round = 0; round < 5; ++round) {
        handler_.waiting_.insert(subject);
        EXPECT_EQ(worker("a").run_once(10)->waiting, 1);
        clock_.advance(10s);
    }
    EXPECT_EQ(worker("a").run_once(10)->done, 1);
}

TEST_F(EventWorkerTest, a_dead_workers_event_is_taken_up_when_its_lease_runs_out) {
    enqueue();
    ASSERT_TRUE(in_transaction(db_.database(), "lease", [&](UnitOfWork& unit) {
                    return unit.events().lease("dead", {EventKind::reconcile_instance},
                                               clock_.now(), limits::event_lease, 10);
                }).has_value());
    EXPECT_EQ(worker("b").run_once(10)->taken(), 0);
    clock_.advance(limits::event_lease + 1s);
    EXPECT_EQ(worker("b").run_once(10)->done, 1);
}

// A handler that ends the process says nothing of it: only the count of beginnings tells.
TEST_F(EventWorkerTest, one_that_kills_whoever_takes_it_up_is_parked_and_stops_no_other) {
    const auto deadly = enqueue();
    const auto begun_max = handler_.attempts_max() * limits::event_unconcluded_factor;
    for (int death = 0; death < begun_max; ++death) {
        ASSERT_TRUE(in_transaction(db_.database(), "lease", [&](UnitOfWork& unit) {
                        return unit.events().lease("dead", {EventKind::reconcile_instance},
                                                   clock_.now(), limits::event_lease, 10);
                    }).has_value());
        clock_.advance(limits::event_lease + 1s);
    }
    const auto other = enqueue();
    const auto report = worker("b").run_once(10);
    EXPECT_EQ(report->buried, 1);
    EXPECT_EQ(report->done, 1);
    EXPECT_EQ(handler_.seen(deadly), 0);
    EXPECT_EQ(handler_.seen(other), 1);
    EXPECT_NE(db_.value("SELECT last_error FROM events WHERE dead"), "");
}

TEST_F(EventWorkerTest, what_a_dead_server_held_is_free_when_it_is_struck_off) {
    const auto dead = ids_.next_id<NodeId>();
    const auto alive = ids_.next_id<NodeId>();
    for (const auto node : {dead, alive}) {
        enqueue();
        ASSERT_TRUE(in_transaction(db_.database(), "lease", [&](UnitOfWork& unit) {
                        return unit.events().lease(node.to_string() + "/1",
                                                   {EventKind::reconcile_instance}, clock_.now(),
                                                   limits::event_lease, 1);
                    }).has_value());
    }
    const auto released = in_transaction(db_.database(), "release", [&](UnitOfWork& unit) {
        return unit.events().release_leases_of({dead});
    });
    EXPECT_EQ(*released, 1);
    EXPECT_EQ(worker("b").run_once(10)->done, 1);
    EXPECT_EQ(db_.value("SELECT leased_by FROM events"), alive.to_string() + "/1");
}

TEST_F(EventWorkerTest, one_that_waited_long_in_its_batch_is_leased_anew_or_left_to_who_has_it) {
    const auto slow = enqueue();
    const auto kept = enqueue();
    const auto taken = enqueue();
    handler_.on_event_ = [&](Uuid subject) {
        if (subject == slow) {
            clock_.advance(limits::event_lease_fresh + 1s);
            db_.run("UPDATE events SET leased_by = 'another' WHERE subject_id = '" +
                    taken.to_string() + "'");
        } else if (subject == kept) {
            EXPECT_EQ(db_.value("SELECT leased_until - run_at FROM events WHERE subject_id = '" +
                                kept.to_string() + "'"),
                      "00:05:01");
        }
    };
    const auto report = worker("a").run_once(10);
    ASSERT_TRUE(report.has_value());
    EXPECT_EQ(report->done, 2);
    EXPECT_EQ(report->lost, 1);
    EXPECT_EQ(handler_.seen(taken), 0);
}

TEST_F(EventWorkerTest, several_workers_share_the_work_and_do_each_event_once) {
    std::vector<Uuid> subjects;
    for (int event = 0; event < 200; ++event) subjects.push_back(enqueue());
    std::vector<std::thread> threads;
    for (int number = 0; number < 4; ++number) {
        threads.emplace_back([&, number] {
            auto mine = worker("w" + std::to_string(number));
            while (mine.run_once(7)->taken() > 0) {
            }
        });
    }
    for (auto& thread : threads) thread.join();
    for (const auto& subject : subjects) EXPECT_EQ(handler_.seen(subject), 1);
    EXPECT_EQ(db_.value("SELECT count(*) FROM events"), "0");
}

TEST_F(EventWorkerTest, Pain10_TheSameStepIsQueuedOnce) {
    for (int repeat = 0; repeat < 4; ++repeat) {
        ASSERT_TRUE(in_transaction(db_.database(), "enqueue", [&](UnitOfWork& unit) -> Result<> {
                        return unit.events().enqueue({.id = ids_.next_id<EventId>(),
                                                      .kind = EventKind::notify,
                                                      .subject = ids_.next(),
                                                      .run_at = clock_.now(),
                                                      .dedupe_key = "invoice.overdue/1",
                                                      .created_at = clock_.now()});
                    }).has_value());
    }
    EXPECT_EQ(db_.value("SELECT count(*) FROM events"), "1");
}

TEST_F(EventWorkerTest, says_at_debug_what_became_of_each_event) {
    test::RememberingLog log;
    EventWorker worker(db_.database(), clock_, log, {{EventKind::reconcile_instance, &handler_}},
                       "worker/1");
    const auto subject = enqueue();
    handler_.waiting_ = {enqueue()};
    ASSERT_EQ(worker.run_once(10)->taken(), 2);
    EXPECT_EQ(log.count(LogLevel::debug), 2);
    EXPECT_NE(log.text().find(subject.to_string()), std::string::npos) << log.text();
    EXPECT_NE(log.text().find("outcome=waiting"), std::string::npos) << log.text();
}

}  // namespace
}  // namespace rb::core
