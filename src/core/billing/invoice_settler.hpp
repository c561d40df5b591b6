// The one implementation of InvoiceSettlement: marks the invoice paid, grants the period it renews,
// lifts the suspension it caused. Thread-safe; holds no state.

#pragma once

#include "core/billing/invoice.hpp"
#include "core/billing/invoice_settlement.hpp"
#include "core/billing/renewal.hpp"
#include "core/ports/id_source.hpp"

namespace rb::core {

class InvoiceSettler final : public InvoiceSettlement {
public:
    explicit InvoiceSettler(IdSource& ids) : ids_(ids) {}

    Result<> settle(UnitOfWork& unit, InvoiceId invoice, Money amount, Timestamp when) override;

private:
    Result<> grant_period(UnitOfWork& unit, const Renewal& renewal, Timestamp when);

    IdSource& ids_;
};

}  // namespace rb::core
