// Tickets: customers ask, administrators answer. Thread-safe.
//
// A customer sees his own tickets without internal notes; another's ticket does not exist for him.
// Every change an administrator makes is in the operation log of the same commit, and whoever is to
// hear of it (the customer of a reply, the old and the new assignee) is told through the outbox.

#pragma once

#include "base/result.hpp"

#include "core/identity/actor.hpp"
#include "core/page.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/id_source.hpp"
#include "core/ticket/ticket.hpp"
#include "core/ticket/ticket_store.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace rb::core {

class Database;

namespace limits {
constexpr std::size_t ticket_title_chars_max = 200;
constexpr std::size_t ticket_text_chars_max = 20'000;
// A conversation longer than this is two problems: open another ticket.
constexpr std::size_t ticket_replies_max = 500;
// A customer opens at most so many within the window. The operator gets a mail of each.
constexpr std::size_t tickets_opened_max = 50;
constexpr std::chrono::hours tickets_opened_window{24};
}  // namespace limits

struct NewTicket {
    // Nothing: the actor's own.
    std::optional<CustomerId> customer = {};
    std::string title;
    std::string description = {};
    // Empty: medium.
    std::string priority = {};
};

struct TicketChange {
    std::optional<std::string> status = {};
    std::optional<std::string> priority = {};
    // An empty text takes the assignee away.
    std::optional<std::string> assignee_user_id = {};
};

struct TicketQuery {
    std::optional<CustomerId> customer = {};
    std::string status = {};
    std::string priority = {};
    std::optional<UserId> assignee = {};
};

struct TicketWithReplies {
    Ticket ticket;
    std::vector<TicketReply> replies;
};

class TicketService {
public:
    TicketService(Database& database, const Clock& clock, IdSource& ids)
        : database_(database), clock_(clock), ids_(ids) {}

    // ERRORS: invalid_argument  title, description, priority, customer_id (an administrator names
    //                           one)
    //         not_found         no such customer, or not the actor's
    //         too_many_requests a customer has opened tickets_opened_max within the window
    Result<Ticket> create(const Actor& actor, const NewTicket& request);
    // ERRORS: invalid_argument  status or priority is none of its words
    Result<Page<Ticket>> list(const Actor& actor, const TicketQuery& query, PageRequest page);
    // ERRORS: not_found  no such ticket, or not the actor's
    Result<TicketWithReplies> get(const Actor& actor, TicketId id);

    // A customer's reply to a resolved or closed ticket opens it again; an administrator's first
    // reply to a pending one sets it to processing. An internal note changes no state.
    //
    // ERRORS: invalid_argument     content; is_internal from a customer
    //         not_found            no such ticket, or not the actor's
    //         failed_precondition  it has ticket_replies_max replies
    Result<TicketReply> reply(const Actor& actor, TicketId id, const std::string& content,
                              bool is_internal);

    // ERRORS: invalid_argument    a word is unknown; the assignee is no active administrator
    //         illegal_transition  the table does not have that step
    //         not_found
    Result<Ticket> update(const Actor& actor, TicketId id, const TicketChange& change);

private:
    Database& database_;
    const Clock& clock_;
    IdSource& ids_;
};

}  // namespace rb::core
