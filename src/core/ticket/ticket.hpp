// Support tickets and the table of their states.
//
//   pending → processing → resolved → closed
//
// A step may be left out, and resolved and closed open again (processing) when somebody writes;
// back to pending, or from closed to resolved, there is no way.

#pragma once

#include "base/result.hpp"

#include "core/ids.hpp"
#include "core/named_enum.hpp"
#include "core/ports/clock.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace rb::core {

// Both spelled as on the wire and in the database.
enum class TicketStatus { pending, processing, resolved, closed };
enum class TicketPriority { low, medium, high, urgent };

template <>
struct EnumNames<TicketStatus> {
    static constexpr std::array<std::string_view, 4> names = {"pending", "processing", "resolved",
                                                              "closed"};
};
template <>
struct EnumNames<TicketPriority> {
    static constexpr std::array<std::string_view, 4> names = {"low", "medium", "high", "urgent"};
};

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
