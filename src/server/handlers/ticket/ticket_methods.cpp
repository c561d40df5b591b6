#include "server/handlers/ticket/ticket_methods.hpp"

#include "server/handlers/caller.hpp"
#include "server/handlers/wire_values.hpp"

#include <rustbill/ticket.pb.h>

namespace rb::server {

namespace ticket_wire = rustbill::ticket;
using transport::CallContext;

namespace {

void fill(const core::Ticket& ticket, ticket_wire::TicketInfo& info) {
    info.set_id(ticket.id.to_string());
    info.set_customer_id(ticket.customer.to_string());
    info.set_title(ticket.title);
    info.set_description(ticket.description);
    info.set_status(std::string(core::name_of(ticket.status)));
    info.set_priority(std::string(core::name_of(ticket.priority)));
    info.set_assignee_user_id(id_text(ticket.assignee));
    info.set_creator_user_id(id_text(ticket.creator));
    info.set_created_at(time_text(ticket.created_at));
    info.set_updated_at(time_text(ticket.updated_at));
}

void fill(const core::TicketReply& reply, ticket_wire::TicketReplyInfo& info) {
    info.set_id(reply.id.to_string());
    info.set_ticket_id(reply.ticket.to_string());
    info.set_user_id(id_text(reply.author));
    info.set_customer_id(reply.customer.to_string());
    info.set_content(reply.content);
    info.set_is_internal(reply.is_internal);
    info.set_created_at(time_text(reply.created_at));
}

Result<ticket_wire::CreateTicketResponse> create(core::TicketService& tickets,
                                                 const CallContext& call,
                                                 const ticket_wire::CreateTicketRequest& request) {
    const core::NewTicket ticket{
        .customer = TRY(parse_optional_id<core::CustomerId>(request.customer_id(), "customer_id")),
        .title = request.title(),
        .description = request.description(),
        .priority = request.priority()};
    ticket_wire::CreateTicketResponse response;
    fill(TRY(tickets.create(actor_of(call), ticket)), *response.mutable_ticket());
    return response;
}

Result<ticket_wire::ListTicketsResponse> list(core::TicketService& tickets, const CallContext& call,
                                              const ticket_wire::ListTicketsRequest& request) {
    const auto page = TRY(page_of(request.pagination()));
    const core::TicketQuery query{
        .customer = TRY(parse_optional_id<core::CustomerId>(request.customer_id(), "customer_id")),
        .status = request.status(),
        .priority = request.priority(),
        .assignee =
            TRY(parse_optional_id<core::UserId>(request.assignee_user_id(), "assignee_user_id"))};
    const auto found = TRY(tickets.list(actor_of(call), query, page));
    ticket_wire::ListTicketsResponse response;
    for (const auto& ticket : found.items) fill(ticket, *response.add_tickets());
    fill_meta(found.total, page, *response.mutable_meta());
    return response;
}

Result<ticket_wire::GetTicketResponse> get(core::TicketService& tickets, const CallContext& call,
                                           const ticket_wire::GetTicketRequest& request) {
    const auto id = TRY(core::TicketId::parse(request.id(), "id"));
    const auto found = TRY(tickets.get(actor_of(call), id));
    ticket_wire::GetTicketResponse response;
    auto& info = *response.mutable_ticket();
    fill(found.ticket, info);
    for (const auto& reply : found.replies) fill(reply, *info.add_replies());
    return response;
}

Result<ticket_wire::UpdateTicketResponse> update(core::TicketService& tickets,
                                                 const CallContext& call,
                                                 const ticket_wire::UpdateTicketRequest& request) {
    const auto id = TRY(core::TicketId::parse(request.id(), "id"));
    const core::TicketChange change{
        .status = when(request.has_status(), request.status()),
        .priority = when(request.has_priority(), request.priority()),
        .assignee_user_id = when(request.has_assignee_user_id(), request.assignee_user_id())};
    ticket_wire::UpdateTicketResponse response;
    fill(TRY(tickets.update(actor_of(call), id, change)), *response.mutable_ticket());
    return response;
}

}  // namespace

void add_ticket_methods(transport::MethodRegistry& registry, core::TicketService& tickets) {
    registry.unary<ticket_wire::CreateTicketRequest, ticket_wire::CreateTicketResponse>(
        "/rustbill.ticket.TicketService/CreateTicket",
        [&](CallContext& call, const auto& request) { return create(tickets, call, request); });
    registry.unary<ticket_wire::ListTicketsRequest, ticket_wire::ListTicketsResponse>(
        "/rustbill.ticket.TicketService/ListTickets",
        [&](CallContext& call, const auto& request) { return list(tickets, call, request); });
    registry.unary<ticket_wire::GetTicketRequest, ticket_wire::GetTicketResponse>(
        "/rustbill.ticket.TicketService/GetTicket",
        [&](CallContext& call, const auto& request) { return get(tickets, call, request); });
    registry.unary<ticket_wire::CreateReplyRequest, ticket_wire::CreateReplyResponse>(
        "/rustbill.ticket.TicketService/CreateReply",
        [&](CallContext& call, const auto& request) -> Result<ticket_wire::CreateReplyResponse> {
            const auto id = TRY(core::TicketId::parse(request.ticket_id(), "ticket_id"));
            ticket_wire::CreateReplyResponse response;
            fill(TRY(tickets.reply(actor_of(call), id, request.content(), request.is_internal())),
                 *response.mutable_reply());
            return response;
        });
    registry.unary<ticket_wire::UpdateTicketRequest, ticket_wire::UpdateTicketResponse>(
        "/rustbill.ticket.TicketService/UpdateTicket",
        [&](CallContext& call, const auto& request) { return update(tickets, call, request); });
}

}  // namespace rb::server
