// core::TicketStore: the tables tickets and ticket_replies.

#pragma once

#include "core/ticket/ticket_store.hpp"

#include "store_pg/transaction.hpp"

namespace rb::store_pg {

class PgTicketStore final : public core::TicketStore {
public:
    explicit PgTicketStore(Transaction& transaction) : transaction_(transaction) {}

    Result<> insert(const core::Ticket& ticket) override;
    Result<> save(const core::Ticket& ticket) override;
    Result<std::optional<core::Ticket>> find(core::TicketId id) override;
    Result<std::optional<core::Ticket>> find_for_update(core::TicketId id) override;
    Result<std::size_t> count_opened(core::CustomerId customer, core::Timestamp since) override;
    Result<core::Page<core::Ticket>> list(const core::TicketFilter& filter,
                                          core::PageRequest page) override;
    Result<> add_reply(const core::TicketReply& reply) override;
    Result<std::vector<core::TicketReply>> replies_of(core::TicketId id,
                                                      core::InternalNotes notes) override;
    Result<std::size_t> count_replies(core::TicketId id) override;

private:
    Transaction& transaction_;
};

}  // namespace rb::store_pg
