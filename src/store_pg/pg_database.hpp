// core::Database on a Pool, and the unit of work it hands out.
//
// To add a store: its port in core/<area>, an accessor in core/unit_of_work.hpp, its implementation
// in <noun>_store.hpp/.cpp here (a class that keeps a Transaction&, all SQL as named constants on
// top of the .cpp), and one member in PgUnitOfWork.

#pragma once

#include "core/ports/fault_point.hpp"
#include "core/unit_of_work.hpp"

#include "store_pg/announcer.hpp"
#include "store_pg/api_key_store.hpp"
#include "store_pg/callback_store.hpp"
#include "store_pg/catalogue_store.hpp"
#include "store_pg/credential_store.hpp"
#include "store_pg/customer_store.hpp"
#include "store_pg/event_store.hpp"
#include "store_pg/instance_store.hpp"
#include "store_pg/invoice_store.hpp"
#include "store_pg/ledger_audit_store.hpp"
#include "store_pg/ledger_store.hpp"
#include "store_pg/node_store.hpp"
#include "store_pg/notification_store.hpp"
#include "store_pg/operation_log_store.hpp"
#include "store_pg/order_store.hpp"
#include "store_pg/orphan_store.hpp"
#include "store_pg/payment_store.hpp"
#include "store_pg/pool.hpp"
#include "store_pg/product_store.hpp"
#include "store_pg/refund_store.hpp"
#include "store_pg/renewal_store.hpp"
#include "store_pg/second_factor_store.hpp"
#include "store_pg/session_store.hpp"
#include "store_pg/ticket_store.hpp"
#include "store_pg/transaction.hpp"
#include "store_pg/user_store.hpp"

namespace rb::store_pg {

class PgUnitOfWork final : public core::UnitOfWork {
public:
    PgUnitOfWork(Pool::Lease lease, core::FaultPoint& faults, Announcer& announcer,
                 Isolation isolation)
        : faults_(faults), announcer_(announcer), transaction_(std::move(lease), isolation) {}

    core::InstanceStore& instances() override { return instances_; }
    core::InvoiceStore& invoices() override { return invoices_; }
    core::RenewalStore& renewals() override { return renewals_; }
    core::ApiKeyStore& api_keys() override { return api_keys_; }
    core::CategoryStore& categories() override { return categories_; }
    core::CredentialStore& credentials() override { return credentials_; }
    core::CustomerStore& customers() override { return customers_; }
    core::GroupStore& groups() override { return groups_; }
    core::NotificationStore& notifications() override { return notifications_; }
    core::OperationLogStore& operation_log() override { return operation_log_; }
    core::ProductStore& products() override { return products_; }
    core::RefreshTokenStore& refresh_tokens() override { return refresh_tokens_; }
    core::SecondFactorStore& second_factors() override { return second_factors_; }
    core::SessionStore& sessions() override { return sessions_; }
    core::TicketStore& tickets() override { return tickets_; }
    core::UserStore& users() override { return users_; }
    core::VerificationCodeStore& verification_codes() override { return verification_codes_; }
    core::OrderStore& orders() override { return orders_; }
    core::OrphanStore& orphans() override { return orphans_; }
    core::PaymentStore& payments() override { return payments_; }
    core::RefundStore& refunds() override { return refunds_; }
    core::CallbackStore& callbacks() override { return callbacks_; }
    core::LedgerStore& ledger() override { return ledger_; }
    core::LedgerAuditStore& ledger_audit() override { return ledger_audit_; }
    core::EventStore& events() override { return events_; }
    core::NodeStore& nodes() override { return nodes_; }
    core::LeaseStore& leases() override { return leases_; }

    Result<> commit(std::string_view point) override;

private:
    core::FaultPoint& faults_;
    Announcer& announcer_;
    Transaction transaction_;
    PgInstanceStore instances_{transaction_};
    PgInvoiceStore invoices_{transaction_};
    PgRenewalStore renewals_{transaction_};
    PgApiKeyStore api_keys_{transaction_};
    PgCategoryStore categories_{transaction_};
    PgCredentialStore credentials_{transaction_};
    PgCustomerStore customers_{transaction_};
    PgGroupStore groups_{transaction_};
    PgNotificationStore notifications_{transaction_};
    PgOperationLogStore operation_log_{transaction_};
    PgProductStore products_{transaction_};
    PgRefreshTokenStore refresh_tokens_{transaction_};
    PgSecondFactorStore second_factors_{transaction_};
    PgSessionStore sessions_{transaction_};
    PgTicketStore tickets_{transaction_};
    PgUserStore users_{transaction_};
    PgVerificationCodeStore verification_codes_{transaction_};
    PgOrderStore orders_{transaction_};
    PgOrphanStore orphans_{transaction_};
    PgPaymentStore payments_{transaction_};
    PgRefundStore refunds_{transaction_};
    PgCallbackStore callbacks_{transaction_};
    PgLedgerStore ledger_{transaction_};
    PgLedgerAuditStore ledger_audit_{transaction_};
    PgEventStore events_{transaction_};
    PgNodeStore nodes_{transaction_};
    PgLeaseStore leases_{transaction_};
};

class PgDatabase final : public core::Database {
public:
    // Both must outlive it.
    PgDatabase(Pool& pool, core::FaultPoint& faults)
        : pool_(pool), faults_(faults), announcer_(pool) {}

    Result<std::unique_ptr<core::UnitOfWork>> begin() override;
    Result<std::unique_ptr<core::UnitOfWork>> read() override;

    // Hears of every commit that makes work for the event workers.
    [[nodiscard]] Announcer& announcer() { return announcer_; }

private:
    Pool& pool_;
    core::FaultPoint& faults_;
    Announcer announcer_;
};

}  // namespace rb::store_pg
