#include "core/ticket/ticket_service.hpp"

#include "core/customer/customer_store.hpp"
#include "core/identity/user_store.hpp"
#include "core/notification/notice.hpp"
#include "core/operation_log/operation_log.hpp"
#include "core/text.hpp"
#include "core/unit_of_work.hpp"

namespace rb::core {

namespace {

Error ticket_not_found() {
    return Error{
        .code = ErrorCode::not_found, .message = "id: there is no such ticket", .field = "id"};
}

Error customer_not_found() {
    return Error{.code = ErrorCode::not_found,
                 .message = "customer_id: there is no such customer",
                 .field = "customer_id"};
}

Result<> check_content(const std::string& text, std::string_view field, std::size_t chars_min) {
    return check_text(text, {.field = field,
                             .chars_min = chars_min,
                             .chars_max = limits::ticket_text_chars_max,
                             .line_breaks = LineBreaks::allowed});
}

Result<> check_step(TicketStatus from, TicketStatus to) {
    if (is_transition_allowed(from, to)) return {};
    return Error{.code = ErrorCode::illegal_transition,
                 .message = "status: a ticket may not go from " + std::string(name_of(from)) +
                            " to " + std::string(name_of(to)),
                 .field = "status"};
}

// An assignee is an administrator who can sign in.
Result<> check_assignee(UnitOfWork& unit, UserId id) {
    const auto user = TRY(unit.users().find(id));
    if (!user || user->type != UserType::admin || !user->is_active) {
        return invalid_field("assignee_user_id", "must be an active administrator");
    }
    return {};
}

// Tells the old and the new assignee. `step` makes each change a notice of its own, so that going
// back and forth is told each time.
Result<> tell_assignees(UnitOfWork& unit, IdSource& ids, const Ticket& before, const Ticket& after,
                        Timestamp now) {
    const auto step = std::to_string(now.time_since_epoch().count());
    const auto tell = [&](NotificationTemplate which, std::optional<UserId> user) -> Result<> {
        if (!user) return {};
        return enqueue_notice(
            unit, ids,
            {.which = which,
             .subject = after.id.uuid(),
             .step = step,
             .user = user,
             .values = {{"ticket_id", after.id.to_string()}, {"title", after.title}}},
            now);
    };
    TRY(tell(NotificationTemplate::ticket_unassigned, before.assignee));
    return tell(NotificationTemplate::ticket_assigned, after.assignee);
}

Result<Ticket> applied(Ticket ticket, const TicketChange& change) {
    if (change.status) {
        const auto status = TRY(parse_enum<TicketStatus>(*change.status, "status"));
        TRY(check_step(ticket.status, status));
        ticket.status = status;
    }
    if (change.priority) {
        ticket.priority = TRY(parse_enum<TicketPriority>(*change.priority, "priority"));
    }
    if (change.assignee_user_id) {
        ticket.assignee = std::nullopt;
        if (!change.assignee_user_id->empty()) {
            ticket.assignee = TRY(UserId::parse(*change.assignee_user_id, "assignee_user_id"));
        }
    }
    return ticket;
}

std::string text_of(const std::optional<UserId>& user) {
    return user ? user->to_string() : "";
}

Changes changes_between(const Ticket& before, const Ticket& after) {
    Changes changes;
    note_change(changes, "status", std::string(name_of(before.status)),
                std::string(name_of(after.status)));
    note_change(changes, "priority", std::string(name_of(before.priority)),
                std::string(name_of(after.priority)));
    note_change(changes, "assignee_user_id", text_of(before.assignee), text_of(after.assignee));
    return changes;
}

Operation operation_on(IdSource& ids, const Actor& actor, const Ticket& ticket, std::string action,
                       Changes changes, Timestamp now) {
    return {.id = ids.next_id<OperationId>(),
            .by = ActorStamp::of(actor),
            .customer = ticket.customer,
            .action = std::move(action),
            .object_type = "ticket",
            .object_id = ticket.id.to_string(),
            .changes = std::move(changes),
            .at = now};
}

TicketStatus status_after_reply(TicketStatus status, const Actor& actor, bool is_internal) {
    if (is_internal) return status;
    if (actor.is_staff()) {
        return status == TicketStatus::pending ? TicketStatus::processing : status;
    }
    const bool is_done = status == TicketStatus::resolved || status == TicketStatus::closed;
    return is_done ? TicketStatus::processing : status;
}

// Who did not write the reply is told of it: the customer, or the administrator who keeps the
// ticket.
Result<> tell_of_reply(UnitOfWork& unit, IdSource& ids, const Actor& actor, const Ticket& ticket,
                       const TicketReply& reply) {
    if (reply.is_internal) return {};
    Notice notice{.which = NotificationTemplate::ticket_reply,
                  .subject = ticket.id.uuid(),
                  .step = reply.id.to_string(),
                  .values = {{"ticket_id", ticket.id.to_string()},
                             {"title", ticket.title},
                             {"content", reply.content}}};
    if (actor.is_staff()) {
        notice.customer = ticket.customer;
    } else if (ticket.assignee) {
        notice.user = ticket.assignee;
    } else {
        notice.to_operator = true;
    }
    return enqueue_notice(unit, ids, notice, reply.created_at);
}

// REQUIRES: the customer is locked, so that two calls cannot both open the last one
Result<> check_pace(UnitOfWork& unit, CustomerId customer, Timestamp now) {
    const auto opened =
        TRY(unit.tickets().count_opened(customer, now - limits::tickets_opened_window));
    if (opened < limits::tickets_opened_max) return {};
    return Error{ErrorCode::too_many_requests,
                 "that many tickets were opened within a day; add to one of them"};
}

}  // namespace

Result<Ticket> TicketService::create(const Actor& actor, const NewTicket& request) {
    if (!request.customer && actor.is_staff()) {
        return invalid_field("customer_id", "must name a customer");
    }
    const auto customer = request.customer.value_or(actor.customer);
    if (!actor.may_see(customer)) return customer_not_found();

    const auto now = clock_.now();
    Ticket ticket{.id = ids_.next_id<TicketId>(),
                  .customer = customer,
                  .title = std::string(trimmed(request.title)),
                  .description = request.description,
                  .created_at = now,
                  .updated_at = now};
    TRY(check_text(
        ticket.title,
        {.field = "title", .chars_min = 1, .chars_max = limits::ticket_title_chars_max}));
    TRY(check_content(ticket.description, "description", 0));
    if (!request.priority.empty()) {
        ticket.priority = TRY(parse_enum<TicketPriority>(request.priority, "priority"));
    }
    if (!actor.user.is_nil()) ticket.creator = actor.user;

    return in_transaction(database_, "create_ticket", [&](UnitOfWork& unit) -> Result<Ticket> {
        if (!TRY(unit.customers().find_for_update(customer))) return customer_not_found();
        if (!actor.is_staff()) TRY(check_pace(unit, customer, now));
        TRY(unit.tickets().insert(ticket));
        TRY(enqueue_notice(
            unit, ids_,
            {.which = NotificationTemplate::ticket_created,
             .subject = ticket.id.uuid(),
             .to_operator = true,
             .values = {{"ticket_id", ticket.id.to_string()}, {"title", ticket.title}}},
            now));
        if (actor.is_staff()) {
            TRY(unit.operation_log().append(
                operation_on(ids_, actor, ticket, "ticket.create", {}, now)));
        }
        return ticket;
    });
}

Result<Page<Ticket>> TicketService::list(const Actor& actor, const TicketQuery& query,
                                         PageRequest page) {
    TicketFilter filter{.customer = query.customer, .assignee = query.assignee};
    if (!query.status.empty())
        filter.status = TRY(parse_enum<TicketStatus>(query.status, "status"));
    if (!query.priority.empty()) {
        filter.priority = TRY(parse_enum<TicketPriority>(query.priority, "priority"));
    }
    if (!actor.is_staff()) {
        // Naming somebody else finds nothing, as if he had no tickets.
        if (query.customer && !actor.may_see(*query.customer)) return Page<Ticket>{};
        filter.customer = actor.customer;
    }
    auto unit = TRY(database_.begin());
    return unit->tickets().list(filter, page);
}

Result<TicketWithReplies> TicketService::get(const Actor& actor, TicketId id) {
    auto unit = TRY(database_.begin());
    auto ticket = TRY(unit->tickets().find(id));
    if (!ticket || !actor.may_see(ticket->customer)) return ticket_not_found();
    const auto notes = actor.is_staff() ? InternalNotes::included : InternalNotes::hidden;
    return TicketWithReplies{.ticket = *std::move(ticket),
                             .replies = TRY(unit->tickets().replies_of(id, notes))};
}

Result<TicketReply> TicketService::reply(const Actor& actor, TicketId id,
                                         const std::string& content, bool is_internal) {
    TRY(check_content(content, "content", 1));
    if (is_internal && !actor.is_staff()) {
        return invalid_field("is_internal", "is for administrators only");
    }
    return in_transaction(database_, "reply_ticket", [&](UnitOfWork& unit) -> Result<TicketReply> {
        auto ticket = TRY(unit.tickets().find_for_update(id));
        if (!ticket || !actor.may_see(ticket->customer)) return ticket_not_found();
        if (TRY(unit.tickets().count_replies(id)) >= limits::ticket_replies_max) {
            return Error{.code = ErrorCode::failed_precondition,
                         .message = "a ticket takes at most " +
                                    std::to_string(limits::ticket_replies_max) +
                                    " replies; open another one"};
        }
        const auto now = clock_.now();
        TicketReply reply{.id = ids_.next_id<TicketReplyId>(),
                          .ticket = id,
                          .customer = ticket->customer,
                          .content = content,
                          .is_internal = is_internal,
                          .created_at = now};
        if (!actor.user.is_nil()) reply.author = actor.user;
        TRY(unit.tickets().add_reply(reply));
        ticket->status = status_after_reply(ticket->status, actor, is_internal);
        ticket->updated_at = now;
        TRY(unit.tickets().save(*ticket));
        TRY(tell_of_reply(unit, ids_, actor, *ticket, reply));
        if (actor.is_staff()) {
            TRY(unit.operation_log().append(
                operation_on(ids_, actor, *ticket, "ticket.reply", {}, now)));
        }
        return reply;
    });
}

Result<Ticket> TicketService::update(const Actor& actor, TicketId id, const TicketChange& change) {
    return in_transaction(database_, "update_ticket", [&](UnitOfWork& unit) -> Result<Ticket> {
        const auto before = TRY(unit.tickets().find_for_update(id));
        if (!before || !actor.is_staff()) return ticket_not_found();
        auto after = TRY(applied(*before, change));
        auto changes = changes_between(*before, after);
        if (changes.empty()) return *before;

        const auto now = clock_.now();
        if (after.assignee != before->assignee) {
            if (after.assignee) TRY(check_assignee(unit, *after.assignee));
            TRY(tell_assignees(unit, ids_, *before, after, now));
        }
        after.updated_at = now;
        TRY(unit.tickets().save(after));
        TRY(unit.operation_log().append(
            operation_on(ids_, actor, after, "ticket.update", std::move(changes), now)));
        return after;
    });
}

}  // namespace rb::core
