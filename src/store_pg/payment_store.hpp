// Every statement that touches payments and payment_events. The contract is the port's
// (core/payment/payment_store.hpp).

#pragma once

#include "core/payment/payment_store.hpp"

#include "store_pg/transaction.hpp"

namespace rb::store_pg {

class PgPaymentStore final : public core::PaymentStore {
public:
    // REQUIRES: the transaction outlives the store
    explicit PgPaymentStore(Transaction& transaction) : transaction_(transaction) {}

    Result<> insert(const core::Payment& payment) override;
    Result<std::optional<core::Payment>> find(core::PaymentId id) override;
    Result<std::optional<core::Payment>> find_for_update(core::PaymentId id) override;
    Result<std::optional<core::Payment>> find_by_key(core::CustomerId customer,
                                                     std::string_view idempotency_key) override;
    Result<> save(const core::Payment& payment) override;
    Result<std::vector<core::Payment>> list_of_order(core::OrderId order) override;
    Result<std::vector<core::Payment>> list_of_invoice(core::InvoiceId invoice) override;
    Result<bool> has_in_flight_for_invoice(core::InvoiceId invoice) override;
    Result<core::Page<core::Payment>> list(const core::PaymentFilter& filter,
                                           core::PageRequest page) override;
    Result<std::vector<core::PaymentId>> lease_due(core::Timestamp now, std::chrono::seconds lease,
                                                   int limit) override;
    Result<core::EventIs> insert_event(const core::Payment& payment, std::string_view external_id,
                                       core::CallbackKind kind, std::optional<core::Money> amount,
                                       std::optional<core::CallbackId> callback,
                                       core::Timestamp now) override;

private:
    Transaction& transaction_;
};

}  // namespace rb::store_pg
