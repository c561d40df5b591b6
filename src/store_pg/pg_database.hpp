// core::Database on a Pool, and the unit of work it hands out.
//
// To add a store: its port in core/<area>, an accessor in core/unit_of_work.hpp, its implementation
// in <noun>_store.hpp/.cpp here (a class that keeps a Transaction&, all SQL as named constants on
// top of the .cpp), and one member in PgUnitOfWork.

#pragma once

#include "core/ports/fault_point.hpp"
#include "core/unit_of_work.hpp"

#include "store_pg/instance_store.hpp"
#include "store_pg/invoice_store.hpp"
#include "store_pg/pool.hpp"
#include "store_pg/renewal_store.hpp"
#include "store_pg/transaction.hpp"

namespace rb::store_pg {

class PgUnitOfWork final : public core::UnitOfWork {
public:
    PgUnitOfWork(Pool::Lease lease, core::FaultPoint& faults)
        : faults_(faults), transaction_(std::move(lease)) {}

    core::InstanceStore& instances() override { return instances_; }
    core::InvoiceStore& invoices() override { return invoices_; }
    core::RenewalStore& renewals() override { return renewals_; }

    Result<> commit(std::string_view point) override;

private:
    core::FaultPoint& faults_;
    Transaction transaction_;
    PgInstanceStore instances_{transaction_};
    PgInvoiceStore invoices_{transaction_};
    PgRenewalStore renewals_{transaction_};
};

class PgDatabase final : public core::Database {
public:
    // Both must outlive it.
    PgDatabase(Pool& pool, core::FaultPoint& faults) : pool_(pool), faults_(faults) {}

    Result<std::unique_ptr<core::UnitOfWork>> begin() override;

private:
    Pool& pool_;
    core::FaultPoint& faults_;
};

}  // namespace rb::store_pg
