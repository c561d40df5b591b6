#include "store_pg/event_store.hpp"

#include "store_pg/json_text.hpp"

#include <algorithm>
#include <tuple>

namespace rb::store_pg {
namespace {

#define EVENT_COLUMNS                                                                  \
    "id, kind, subject_id, customer_id, payload, attempts, run_at, last_error, dead, " \
    "dedupe_key, created_at"

constexpr Statement insert_event{
    "insert_event",
    "INSERT INTO events (id, kind, subject_id, customer_id, payload, run_at, dedupe_key, "
    "created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (dedupe_key) DO NOTHING"};

constexpr Statement lease_events{
    "lease_events",
    "UPDATE events SET leased_until = $2, leased_by = $3, attempts = attempts + 1 "
    "WHERE id IN (SELECT id FROM events WHERE NOT dead AND run_at <= $1 AND kind = ANY ($5) "
    "AND (leased_until IS NULL OR leased_until <= $1) "
    "ORDER BY run_at, id LIMIT $4 FOR UPDATE SKIP LOCKED) RETURNING " EVENT_COLUMNS};

constexpr Statement renew_event_lease{
    "renew_event_lease", "UPDATE events SET leased_until = $3 WHERE id = $1 AND leased_by = $2"};

constexpr Statement release_event_leases{
    "release_event_leases",
    "UPDATE events SET leased_until = NULL, leased_by = '' "
    "WHERE leased_until IS NOT NULL AND split_part(leased_by, '/', 1) = ANY ($1)"};

constexpr Statement delete_event{"delete_event",
                                 "DELETE FROM events WHERE id = $1 AND leased_by = $2"};

constexpr Statement postpone_event{
    "postpone_event",
    "UPDATE events SET leased_until = NULL, leased_by = '', run_at = $3, last_error = $4, "
    "attempts = attempts - $5 WHERE id = $1 AND leased_by = $2 AND NOT dead"};

constexpr Statement bury_event{
    "bury_event",
    "UPDATE events SET leased_until = NULL, leased_by = '', dead = TRUE, last_error = $3 "
    "WHERE id = $1 AND leased_by = $2 AND NOT dead"};

constexpr Statement replay_event{"replay_event",
                                 "UPDATE events SET dead = FALSE, attempts = 0, run_at = $2 "
                                 "WHERE id = $1 AND dead RETURNING " EVENT_COLUMNS};

constexpr Statement find_outstanding_event{
    "find_outstanding_event",
    "SELECT EXISTS (SELECT 1 FROM events WHERE subject_id = $1 AND kind = $2 AND NOT dead)"};

constexpr Statement list_dead_events{
    "list_dead_events", "SELECT " EVENT_COLUMNS
                        " FROM events WHERE dead ORDER BY created_at DESC, id LIMIT $1 OFFSET $2"};

constexpr Statement count_dead_events{"count_dead_events",
                                      "SELECT count(*) FROM events WHERE dead"};

constexpr Statement select_backlog{
    "select_event_backlog",
    "SELECT count(*) FILTER (WHERE NOT dead AND run_at <= $1), count(*) FILTER (WHERE dead), "
    "min(run_at) FILTER (WHERE NOT dead AND run_at <= $1) FROM events"};

core::Event read_event(const Row& row) {
    return {.id = row.get<core::EventId>(0),
            .kind = row.get<core::EventKind>(1),
            .subject = row.uuid(2),
            .customer = row.optional<core::CustomerId>(3),
            .payload = string_map_of(row.text(4)),
            .attempts = row.get<int>(5),
            .run_at = row.timestamp(6),
            .last_error = row.get<std::string>(7),
            .dead = row.boolean(8),
            .dedupe_key = row.optional<std::string>(9),
            .created_at = row.timestamp(10)};
}

}  // namespace

Result<> PgEventStore::enqueue(const core::Event& event) {
    transaction_.defer(
        insert_event,
        Parameters::of(event.id, event.kind, event.subject, event.customer, to_json(event.payload),
                       event.run_at, event.dedupe_key, event.created_at));
    transaction_.make_work();
    return {};
}

Result<std::vector<core::Event>> PgEventStore::lease(std::string_view worker,
                                                     const std::vector<core::EventKind>& kinds,
                                                     core::Timestamp now,
                                                     std::chrono::seconds duration, int limit) {
    std::vector<std::string> words;
    for (const auto kind : kinds) words.emplace_back(core::name_of(kind));
    const auto rows = TRY(transaction_.query(
        lease_events, Parameters::of(now, now + duration, worker, limit, words)));
    auto events = rows.mapped(read_event);
    // RETURNING promises no order.
    std::ranges::sort(events, {},
                      [](const auto& event) { return std::tie(event.run_at, event.id); });
    return events;
}

Result<bool> PgEventStore::touched(const Statement& statement, Parameters parameters) {
    const auto rows = TRY(transaction_.query(statement, std::move(parameters)));
    return rows.affected() == 1;
}

Result<bool> PgEventStore::renew_lease(core::EventId id, std::string_view worker,
                                       core::Timestamp until) {
    return touched(renew_event_lease, Parameters::of(id, worker, until));
}

Result<int> PgEventStore::release_leases_of(const std::vector<core::NodeId>& nodes) {
    std::vector<std::string> words;
    words.reserve(nodes.size());
    for (const auto node : nodes) words.push_back(node.to_string());
    const auto rows = TRY(transaction_.query(release_event_leases, Parameters::of(words)));
    if (rows.affected() > 0) transaction_.make_work();
    return static_cast<int>(rows.affected());
}

Result<bool> PgEventStore::finish(core::EventId id, std::string_view worker) {
    return touched(delete_event, Parameters::of(id, worker));
}

Result<bool> PgEventStore::postpone(core::EventId id, std::string_view worker,
                                    core::Timestamp run_at, std::string_view error, Counts counts) {
    return touched(postpone_event,
                   Parameters::of(id, worker, run_at, error, counts == Counts::yes ? 0 : 1));
}

Result<bool> PgEventStore::bury(core::EventId id, std::string_view worker, std::string_view error) {
    return touched(bury_event, Parameters::of(id, worker, error));
}

Result<std::optional<core::Event>> PgEventStore::replay(core::EventId id, core::Timestamp now) {
    transaction_.make_work();
    const auto rows = TRY(transaction_.query(replay_event, Parameters::of(id, now)));
    if (rows.empty()) return std::optional<core::Event>();
    return std::optional(read_event(rows.front()));
}

Result<bool> PgEventStore::is_outstanding(core::EventKind kind, Uuid subject) {
    return TRY(transaction_.query(find_outstanding_event, Parameters::of(subject, kind)))
        .front()
        .boolean(0);
}

Result<core::Page<core::Event>> PgEventStore::list_dead(core::PageRequest page) {
    const auto count = TRY(transaction_.query(count_dead_events));
    const auto rows =
        TRY(transaction_.query(list_dead_events, Parameters::of(page.page_size, page.offset())));
    return core::Page<core::Event>{.items = rows.mapped(read_event),
                                   .total = static_cast<std::uint64_t>(count.front().integer(0))};
}

Result<core::EventStore::Backlog> PgEventStore::backlog(core::Timestamp now) {
    const auto rows = TRY(transaction_.query(select_backlog, Parameters::of(now)));
    const auto row = rows.front();
    return Backlog{.waiting = row.get<std::uint64_t>(0),
                   .dead = row.get<std::uint64_t>(1),
                   .oldest = row.optional<core::Timestamp>(2)};
}

}  // namespace rb::store_pg
