// The port to invoices. Calls act inside the UnitOfWork the store was taken from and must not
// outlive it.

#pragma once

#include "base/result.hpp"

#include "core/billing/invoice.hpp"
#include "core/page.hpp"

#include <optional>
#include <vector>

namespace rb::core {

struct InvoiceFilter {
    std::optional<CustomerId> customer = {};
    std::optional<InvoiceStatus> status = {};
    // Drafts are the seller's own business.
    bool hide_drafts = false;
};

class InvoiceStore {
public:
    virtual ~InvoiceStore() = default;

    // With its items.
    virtual Result<> insert(const Invoice& invoice) = 0;
    // Status, number, times and what is paid; the rest of an issued invoice is frozen.
    virtual Result<> save(const Invoice& invoice) = 0;
    virtual Result<std::optional<Invoice>> find(InvoiceId id) = 0;
    // Locked until the unit ends.
    virtual Result<std::optional<Invoice>> find_for_update(InvoiceId id) = 0;
    // Newest first, without items.
    virtual Result<Page<Invoice>> list(const InvoiceFilter& filter, PageRequest page) = 0;

    // The next number of the series. Locks the series until the unit ends, so numbers have no gaps
    // and no doubles whoever issues at the same time: take it last.
    virtual Result<std::int64_t> take_number(std::string_view series) = 0;

    // Open invoices with due_date at or before `due_by`, oldest due first, at most `count`, after
    // the cursor (nil begins).
    virtual Result<std::vector<InvoiceId>> list_due(Timestamp due_by, InvoiceId after,
                                                    std::uint32_t count) = 0;

    // Once: a second delivery keeps the first time.
    virtual Result<> mark_delivered(InvoiceId id, Timestamp when) = 0;
};

}  // namespace rb::core
