// The port to tickets and their replies. Lifetime and threads as in user_store.hpp.

#pragma once

#include "base/result.hpp"

#include "core/page.hpp"
#include "core/ticket/ticket.hpp"

#include <vector>

namespace rb::core {

struct TicketFilter {
    std::optional<CustomerId> customer = {};
    std::optional<TicketStatus> status = {};
    std::optional<TicketPriority> priority = {};
    std::optional<UserId> assignee = {};
};

// Whether internal notes are among what is read. Decided by who asks, and so by SQL: what a
// customer must not see never leaves the database.
enum class InternalNotes { included, hidden };

class TicketStore {
public:
    virtual ~TicketStore() = default;

    virtual Result<> insert(const Ticket& ticket) = 0;
    // Status, priority, assignee and updated_at.
    virtual Result<> save(const Ticket& ticket) = 0;
    virtual Result<std::optional<Ticket>> find(TicketId id) = 0;
    virtual Result<std::optional<Ticket>> find_for_update(TicketId id) = 0;
    // The customer's tickets that were opened at or after `since`.
    virtual Result<std::size_t> count_opened(CustomerId customer, Timestamp since) = 0;
    // Newest first.
    virtual Result<Page<Ticket>> list(const TicketFilter& filter, PageRequest page) = 0;

    virtual Result<> add_reply(const TicketReply& reply) = 0;
    // Oldest first.
    virtual Result<std::vector<TicketReply>> replies_of(TicketId id, InternalNotes notes) = 0;
    virtual Result<std::size_t> count_replies(TicketId id) = 0;
};

}  // namespace rb::core
