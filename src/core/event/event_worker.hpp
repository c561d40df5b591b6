// Takes due events from the outbox and has each done by its handler. Any number of workers on any
// number of servers may run at once.
//
// One thread per worker. Each event has its own transactions: one that fails stops no other.

#pragma once

#include "core/event/event.hpp"
#include "core/event/event_store.hpp"
#include "core/identity/actor.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/id_source.hpp"
#include "core/ports/log.hpp"
#include "core/unit_of_work.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>

namespace rb::core {

// What became of one attempt that did not fail.
struct EventProgress {
    // Set: not finished, ask again then. That is waiting, not failing, and uses up no attempt.
    std::optional<std::chrono::seconds> again_after = {};

    static EventProgress done() { return {}; }
    static EventProgress again(std::chrono::seconds after) { return {.again_after = after}; }
};

class EventHandler {
public:
    virtual ~EventHandler() = default;
    // Must bear being called again for the same event: a worker may die right after it.
    virtual Result<EventProgress> handle(const Event& event) = 0;
    // The attempts are used up. What must not stay half done is ended here (an opening is
    // refunded); then the event is finished. An error buries it as a dead letter.
    virtual Result<> give_up(const Event& event, const Error& last) {
        (void)event;
        return last;
    }
    [[nodiscard]] virtual int attempts_max() const;
    [[nodiscard]] virtual std::chrono::seconds backoff_max() const;
};

struct EventReport {
    int done = 0;
    int waiting = 0;
    int retried = 0;
    int buried = 0;
    // Waited for the others of the batch until another worker took it over.
    int lost = 0;
    [[nodiscard]] int taken() const { return done + waiting + retried + buried + lost; }
};

class EventWorker {
public:
    using Handlers = std::map<EventKind, EventHandler*>;

    // `name` is unique among workers ("<node id>/3").
    EventWorker(Database& database, const Clock& clock, Log& log, Handlers handlers,
                std::string name)
        : database_(database),
          clock_(clock),
          log_(log),
          handlers_(std::move(handlers)),
          name_(std::move(name)) {}

    // Takes up to `batch` due events and does them. Zero taken: sleep until woken.
    Result<EventReport> run_once(int batch);

private:
    enum class Ending { done, waiting, retried, buried, lost };
    Result<std::vector<Event>> lease(int batch);
    // Keeps the event for as long as its handler may take. False: another worker has it.
    Result<bool> hold(const Event& event, Timestamp leased_at);
    Result<Ending> run_one(const Event& event, Timestamp leased_at);
    void note_taken(const Event& event, Ending ending);
    Result<Ending> fail(const Event& event, EventHandler& handler, const Error& error);
    Result<Ending> finish(const Event& event);
    Result<Ending> bury(const Event& event, const Error& error);

    Database& database_;
    const Clock& clock_;
    Log& log_;
    const Handlers handlers_;
    const std::string name_;
};

// Operators' view of dead letters.
class EventService {
public:
    EventService(Database& database, const Clock& clock, IdSource& ids)
        : database_(database), clock_(clock), ids_(ids) {}
    Result<Page<Event>> list_dead(PageRequest page);
    // Answers it as it is now. Who did it is in the operation log.
    // ERRORS: not_found  no such dead letter
    Result<Event> replay(const Actor& actor, EventId id);
    Result<EventStore::Backlog> backlog();

private:
    Database& database_;
    const Clock& clock_;
    IdSource& ids_;
};

}  // namespace rb::core
