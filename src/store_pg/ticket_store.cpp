#include "store_pg/ticket_store.hpp"

#include "store_pg/sql_text.hpp"

namespace rb::store_pg {

namespace {

constexpr char columns[] =
    "id, customer_id, creator_user_id, assignee_user_id, title, description, status, priority, "
    "created_at, updated_at";
constexpr char matches[] =
    " FROM tickets WHERE ($1::uuid IS NULL OR customer_id = $1) "
    "AND ($2::text IS NULL OR status = $2) AND ($3::text IS NULL OR priority = $3) "
    "AND ($4::uuid IS NULL OR assignee_user_id = $4)";

constexpr auto insert_ticket_sql = sql_text("INSERT INTO tickets (", columns,
                                            ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
constexpr Statement insert_ticket{"ticket_insert", insert_ticket_sql.data()};
constexpr Statement update_ticket{
    "ticket_save",
    "UPDATE tickets SET status = $2, priority = $3, assignee_user_id = $4, updated_at = $5 "
    "WHERE id = $1"};
constexpr auto select_ticket_sql = sql_text("SELECT ", columns, " FROM tickets WHERE id = $1");
constexpr Statement select_ticket{"ticket_find", select_ticket_sql.data()};
constexpr auto lock_ticket_sql =
    sql_text("SELECT ", columns, " FROM tickets WHERE id = $1 FOR NO KEY UPDATE");
constexpr Statement lock_ticket{"ticket_lock", lock_ticket_sql.data()};
constexpr auto select_page_sql =
    sql_text("SELECT ", columns, matches, " ORDER BY created_at DESC, id DESC LIMIT $5 OFFSET $6");
constexpr Statement select_page{"ticket_list", select_page_sql.data()};
constexpr auto count_sql = sql_text("SELECT count(*)", matches);
constexpr Statement count_matches{"ticket_count", count_sql.data()};

constexpr Statement count_opened_tickets{
    "ticket_count_opened",
    "SELECT count(*) FROM tickets WHERE customer_id = $1 AND created_at >= $2"};

constexpr Statement insert_reply{
    "ticket_reply_insert",
    "INSERT INTO ticket_replies (id, ticket_id, customer_id, user_id, content, is_internal, "
    "created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)"};
constexpr Statement select_replies{
    "ticket_reply_list",
    "SELECT id, ticket_id, customer_id, user_id, content, is_internal, created_at "
    "FROM ticket_replies WHERE ticket_id = $1 AND ($2 OR NOT is_internal) ORDER BY created_at, id"};
constexpr Statement count_of_replies{"ticket_reply_count",
                                     "SELECT count(*) FROM ticket_replies WHERE ticket_id = $1"};

core::Ticket ticket_from(const Row& row) {
    return {.id = row.get<core::TicketId>(0),
            .customer = row.get<core::CustomerId>(1),
            .creator = row.optional<core::UserId>(2),
            .assignee = row.optional<core::UserId>(3),
            .title = row.get<std::string>(4),
            .description = row.get<std::string>(5),
            .status = row.get<core::TicketStatus>(6),
            .priority = row.get<core::TicketPriority>(7),
            .created_at = row.timestamp(8),
            .updated_at = row.timestamp(9)};
}

core::TicketReply reply_from(const Row& row) {
    return {.id = row.get<core::TicketReplyId>(0),
            .ticket = row.get<core::TicketId>(1),
            .customer = row.get<core::CustomerId>(2),
            .author = row.optional<core::UserId>(3),
            .content = row.get<std::string>(4),
            .is_internal = row.boolean(5),
            .created_at = row.timestamp(6)};
}

std::optional<core::Ticket> first_ticket(const Rows& rows) {
    if (rows.empty()) return std::nullopt;
    return ticket_from(rows.front());
}

}  // namespace

Result<> PgTicketStore::insert(const core::Ticket& ticket) {
    transaction_.defer(insert_ticket,
                       Parameters::of(ticket.id, ticket.customer, ticket.creator, ticket.assignee,
                                      ticket.title, ticket.description, ticket.status,
                                      ticket.priority, ticket.created_at, ticket.updated_at));
    return {};
}

Result<> PgTicketStore::save(const core::Ticket& ticket) {
    transaction_.defer(update_ticket, Parameters::of(ticket.id, ticket.status, ticket.priority,
                                                     ticket.assignee, ticket.updated_at));
    return {};
}

Result<std::optional<core::Ticket>> PgTicketStore::find(core::TicketId id) {
    return first_ticket(TRY(transaction_.query(select_ticket, Parameters::of(id))));
}

Result<std::optional<core::Ticket>> PgTicketStore::find_for_update(core::TicketId id) {
    return first_ticket(TRY(transaction_.query(lock_ticket, Parameters::of(id))));
}

Result<std::size_t> PgTicketStore::count_opened(core::CustomerId customer, core::Timestamp since) {
    return TRY(transaction_.query(count_opened_tickets, Parameters::of(customer, since)))
        .front()
        .get<std::size_t>(0);
}

Result<core::Page<core::Ticket>> PgTicketStore::list(const core::TicketFilter& filter,
                                                     core::PageRequest page) {
    const auto total =
        TRY(transaction_.query(count_matches, Parameters::of(filter.customer, filter.status,
                                                             filter.priority, filter.assignee)));
    const auto rows = TRY(transaction_.query(
        select_page, Parameters::of(filter.customer, filter.status, filter.priority,
                                    filter.assignee, page.page_size, page.offset())));
    return core::Page<core::Ticket>{.items = rows.mapped(ticket_from),
                                    .total = total.front().get<std::uint64_t>(0)};
}

Result<> PgTicketStore::add_reply(const core::TicketReply& reply) {
    transaction_.defer(insert_reply,
                       Parameters::of(reply.id, reply.ticket, reply.customer, reply.author,
                                      reply.content, reply.is_internal, reply.created_at));
    return {};
}

Result<std::vector<core::TicketReply>> PgTicketStore::replies_of(core::TicketId id,
                                                                 core::InternalNotes notes) {
    const bool included = notes == core::InternalNotes::included;
    const auto rows = TRY(transaction_.query(select_replies, Parameters::of(id, included)));
    return rows.mapped(reply_from);
}

Result<std::size_t> PgTicketStore::count_replies(core::TicketId id) {
    return TRY(transaction_.query(count_of_replies, Parameters::of(id)))
        .front()
        .get<std::size_t>(0);
}

}  // namespace rb::store_pg
