// rustbill.ticket.TicketService.

#pragma once

#include "core/ticket/ticket_service.hpp"

#include "transport/method_registry.hpp"

namespace rb::server {

// `tickets` must outlive the registry's methods.
void add_ticket_methods(transport::MethodRegistry& registry, core::TicketService& tickets);

}  // namespace rb::server
