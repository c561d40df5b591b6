// Support tickets and the table of their states.
//
//   pending → processing → resolved → closed
//   resolved and closed open again (processing) when somebody writes; pending may close at once.

#pragma once

#include "base/result.hpp"

#include "core/ids.hpp"
#include "core/ports/clock.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace rb::core {

// Both spelled as on the wire and in the database.
enum class TicketStatus { pending, processing, resolved, closed };
enum class TicketPriority { low, medium, high, urgent };

// Staying is allowed.
bool is_transition_allowed(TicketStatus from, TicketStatus to);

struct Ticket {
    TicketId id;
    CustomerId customer;
    std::optional<UserId> creator = {};
    std::optional<UserId> assignee = {};
    std::string title;
    std::string description = {};
    TicketStatus status = TicketStatus::pending;
    TicketPriority priority = TicketPriority::medium;
    Timestamp created_at = {};
    Timestamp updated_at = {};
};

struct TicketReply {
    TicketReplyId id;
    TicketId ticket;
    CustomerId customer;
    // Who wrote it; nothing when he was deleted since.
    std::optional<UserId> author = {};
    std::string content;
    // For administrators' eyes; never reaches a customer.
    bool is_internal = false;
    Timestamp created_at = {};
};

}  // namespace rb::core
