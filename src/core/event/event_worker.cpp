#include "core/event/event_worker.hpp"

#include "core/limits.hpp"
#include "core/operation_log/operation_log.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace rb::core {
namespace {

constexpr std::string_view target = "rustbill_server::event_worker";

std::chrono::seconds backoff(const Event& event, const EventHandler& handler) {
    const int doublings = std::clamp(event.attempts - 1, 0, 20);
    return std::min<std::chrono::seconds>(limits::event_backoff_first * (1L << doublings),
                                          handler.backoff_max());
}

}  // namespace

int EventHandler::attempts_max() const {
    return limits::event_attempts_max;
}

std::chrono::seconds EventHandler::backoff_max() const {
    return limits::event_backoff_max;
}

Result<std::vector<Event>> EventWorker::lease(int batch) {
    // What this server has no handler for is left to one that has (an upgrade runs both).
    std::vector<EventKind> kinds;
    for (const auto& [kind, handler] : handlers_) kinds.push_back(kind);
    return in_transaction(
        database_, "lease_events", [&](UnitOfWork& unit) -> Result<std::vector<Event>> {
            return unit.events().lease(name_, kinds, clock_.now(), limits::event_lease, batch);
        });
}

Result<bool> EventWorker::hold(const Event& event, Timestamp leased_at) {
    const auto now = clock_.now();
    if (now - leased_at <= limits::event_lease_fresh) return true;
    return in_transaction(database_, "renew_event_lease", [&](UnitOfWork& unit) -> Result<bool> {
        return unit.events().renew_lease(event.id, name_, now + limits::event_lease);
    });
}

Result<EventReport> EventWorker::run_once(int batch) {
    const auto leased_at = clock_.now();
    const auto events = TRY(lease(batch));
    EventReport report;
    for (const auto& event : events) {
        const auto ending = run_one(event, leased_at);
        if (ending.has_error()) {
            // The event's own row could not be written: its lease runs out and it is met again.
            ++report.retried;
            log_.warn(target, "an event could not be concluded",
                      {{"event_id", event.id.to_string()}, {"error", ending.error().message}});
            continue;
        }
        note_taken(event, *ending);
        switch (*ending) {
            case Ending::done:
                ++report.done;
                break;
            case Ending::waiting:
                ++report.waiting;
                break;
            case Ending::retried:
                ++report.retried;
                break;
            case Ending::buried:
                ++report.buried;
                break;
            case Ending::lost:
                ++report.lost;
                break;
        }
    }
    return report;
}

// Operations manual 7.3: events are told of at DEBUG.
void EventWorker::note_taken(const Event& event, Ending ending) {
    if (!log_.is_on(LogLevel::debug, target)) return;
    constexpr std::array<std::string_view, 5> words{"done", "waiting", "retried", "buried", "lost"};
    log_.debug(target, "event taken",
               {{"event_id", event.id.to_string()},
                {"kind", name_of(event.kind)},
                {"subject", event.subject.to_string()},
                {"attempt", event.attempts},
                {"outcome", words[static_cast<std::size_t>(ending)]}});
}

Result<EventWorker::Ending> EventWorker::run_one(const Event& event, Timestamp leased_at) {
    if (!TRY(hold(event, leased_at))) return Ending::lost;
    auto& handler = *handlers_.at(event.kind);
    if (event.attempts > handler.attempts_max() * limits::event_unconcluded_factor) {
        return bury(event, Error{ErrorCode::internal,
                                 "begun again and again and never concluded: whoever takes it up "
                                 "seems to die of it"});
    }
    const auto progress = handler.handle(event);
    if (progress.has_error()) return fail(event, handler, progress.error());
    if (!progress->again_after) return finish(event);
    const auto run_at = clock_.now() + *progress->again_after;
    return in_transaction(database_, "postpone_event", [&](UnitOfWork& unit) -> Result<Ending> {
        TRY(unit.events().postpone(event.id, name_, run_at, "", EventStore::Counts::no));
        return Ending::waiting;
    });
}

Result<EventWorker::Ending> EventWorker::fail(const Event& event, EventHandler& handler,
                                              const Error& error) {
    log_.warn(target, "an event failed",
              {{"event_id", event.id.to_string()},
               {"kind", name_of(event.kind)},
               {"subject", event.subject.to_string()},
               {"attempt", event.attempts},
               {"error", error.message},
               {"detail", error.detail}});
    if (event.attempts >= handler.attempts_max()) {
        const auto ended = handler.give_up(event, error);
        if (ended.has_value()) return finish(event);
        return bury(event, ended.error());
    }
    const auto run_at = clock_.now() + backoff(event, handler);
    return in_transaction(database_, "retry_event", [&](UnitOfWork& unit) -> Result<Ending> {
        TRY(unit.events().postpone(event.id, name_, run_at, error.message,
                                   EventStore::Counts::yes));
        return Ending::retried;
    });
}

Result<EventWorker::Ending> EventWorker::finish(const Event& event) {
    return in_transaction(database_, "finish_event", [&](UnitOfWork& unit) -> Result<Ending> {
        TRY(unit.events().finish(event.id, name_));
        return Ending::done;
    });
}

Result<EventWorker::Ending> EventWorker::bury(const Event& event, const Error& error) {
    log_.error(target, "an event is a dead letter now",
               {{"event_id", event.id.to_string()},
                {"kind", name_of(event.kind)},
                {"subject", event.subject.to_string()},
                {"error", error.message}});
    return in_transaction(database_, "bury_event", [&](UnitOfWork& unit) -> Result<Ending> {
        TRY(unit.events().bury(event.id, name_, error.message));
        return Ending::buried;
    });
}

Result<Page<Event>> EventService::list_dead(PageRequest page) {
    auto unit = TRY(database_.read());
    return unit->events().list_dead(page);
}

Result<Event> EventService::replay(const Actor& actor, EventId id) {
    const auto now = clock_.now();
    return in_transaction(database_, "replay_event", [&](UnitOfWork& unit) -> Result<Event> {
        auto replayed = TRY(unit.events().replay(id, now));
        if (!replayed) return Error{ErrorCode::not_found, "there is no such dead letter"};
        TRY(unit.operation_log().append({.id = ids_.next_id<OperationId>(),
                                         .by = ActorStamp::of(actor),
                                         .customer = replayed->customer,
                                         .action = "event.replay",
                                         .object_type = "event",
                                         .object_id = id.to_string(),
                                         .at = now}));
        return *std::move(replayed);
    });
}

Result<EventStore::Backlog> EventService::backlog() {
    auto unit = TRY(database_.read());
    return unit->events().backlog(clock_.now());
}

}  // namespace rb::core
