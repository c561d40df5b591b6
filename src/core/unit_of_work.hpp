// A unit of work: one transaction, with the stores that act inside it.
//
//     return in_transaction(database_, "cancel_order", [&](UnitOfWork& unit) -> Result<Order> {
//         auto order = TRY(unit.orders().find_for_update(id));
//         …
//         return order;
//     });
//
// One unit serves one use case on one thread, and its stores must not outlive it. What is not
// committed is rolled back when the unit ends. A unit is never held across a call to a plugin or to
// the network: it holds locks and one connection of a small pool.

#pragma once

#include "base/result.hpp"

#include "core/limits.hpp"

#include <memory>
#include <string_view>
#include <type_traits>

namespace rb::core {

// One port per aggregate; each is declared in core/<area>/<noun>_store.hpp.
class CallbackStore;
class EventStore;
class InstanceStore;
class InvoiceStore;
class LeaseStore;
class LedgerAuditStore;
class LedgerStore;
class NodeStore;
class OrderStore;
class OrphanStore;
class PaymentStore;
class RefundStore;
class RenewalStore;
class ApiKeyStore;
class CategoryStore;
class CredentialStore;
class CustomerStore;
class GroupStore;
class NotificationStore;
class OperationLogStore;
class ProductStore;
class RefreshTokenStore;
class SecondFactorStore;
class SessionStore;
class TicketStore;
class UserStore;
class VerificationCodeStore;

class UnitOfWork {
public:
    virtual ~UnitOfWork() = default;

    virtual InstanceStore& instances() = 0;
    virtual InvoiceStore& invoices() = 0;
    virtual RenewalStore& renewals() = 0;
    virtual ApiKeyStore& api_keys() = 0;
    virtual CategoryStore& categories() = 0;
    virtual CredentialStore& credentials() = 0;
    virtual CustomerStore& customers() = 0;
    virtual GroupStore& groups() = 0;
    virtual NotificationStore& notifications() = 0;
    virtual OperationLogStore& operation_log() = 0;
    virtual ProductStore& products() = 0;
    virtual RefreshTokenStore& refresh_tokens() = 0;
    virtual SecondFactorStore& second_factors() = 0;
    virtual SessionStore& sessions() = 0;
    virtual TicketStore& tickets() = 0;
    virtual UserStore& users() = 0;
    virtual VerificationCodeStore& verification_codes() = 0;
    virtual OrderStore& orders() = 0;
    virtual OrphanStore& orphans() = 0;
    virtual PaymentStore& payments() = 0;
    virtual RefundStore& refunds() = 0;
    virtual CallbackStore& callbacks() = 0;
    virtual LedgerStore& ledger() = 0;
    virtual LedgerAuditStore& ledger_audit() = 0;
    virtual EventStore& events() = 0;
    virtual NodeStore& nodes() = 0;
    virtual LeaseStore& leases() = 0;

    // Makes everything durable. `point` names the commit for fault injection and for the log.
    // ERRORS: unavailable  the answer was lost: it may or may not have happened, so every use case
    //                      can be repeated
    //         conflict     lost a race; nothing happened
    //         and those of the writes the unit has put off until now
    // Nothing may be called after it.
    virtual Result<> commit(std::string_view point) = 0;
};

class Database {
public:
    virtual ~Database() = default;
    // Thread-safe. The unit borrows a connection when it is first used.
    // ERRORS: unavailable  no connection came free in time, or the database does not answer
    virtual Result<std::unique_ptr<UnitOfWork>> begin() = 0;
    // A unit that only reads: each read sees its own moment and takes one round trip. Nothing may
    // be locked or written with it, and it is not committed. ERRORS: as begin
    virtual Result<std::unique_ptr<UnitOfWork>> read() = 0;
};

// Runs `work(unit)`, which returns a Result, and commits when it succeeded. A race that PostgreSQL
// decided against us (conflict) is run again from the start, up to transaction_attempts_max times,
// so `work` must have no effect outside of the unit.
template <typename Work>
auto in_transaction(Database& database, std::string_view point, Work work)
    -> std::invoke_result_t<Work, UnitOfWork&> {
    for (int attempt = 1;; ++attempt) {
        const bool is_last = attempt == transaction_attempts_max;
        auto unit = TRY(database.begin());
        auto result = work(*unit);
        if (result.has_error()) {
            if (result.error().code == ErrorCode::conflict && !is_last) continue;
            return result;
        }
        if (auto committed = unit->commit(point); committed.has_error()) {
            if (committed.error().code == ErrorCode::conflict && !is_last) continue;
            return committed.error();
        }
        return result;
    }
}

}  // namespace rb::core
