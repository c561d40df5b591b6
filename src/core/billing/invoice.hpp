// An invoice: what a customer owes for a period, frozen when it is issued.
//
// draft → issued → paid | overdue | cancelled, overdue → paid | cancelled. Paid and cancelled are
// final; a correction is a new document, never an edit (the database refuses edits too).

#pragma once

#include "core/ids.hpp"
#include "core/money/money.hpp"
#include "core/named_enum.hpp"
#include "core/ports/clock.hpp"

#include <optional>
#include <string>
#include <vector>

namespace rb::core {

enum class InvoiceStatus { draft, issued, paid, overdue, cancelled };

template <>
struct EnumNames<InvoiceStatus> {
    static constexpr std::array<std::string_view, 5> names{"draft", "issued", "paid", "overdue",
                                                           "cancelled"};
};

// Whether the table above has the arrow.
bool may_follow(InvoiceStatus from, InvoiceStatus to);

struct InvoiceItem {
    std::string description;
    std::int64_t quantity = 1;
    Money unit_price;
    // Given when it is put on an invoice.
    Uuid id = {};

    [[nodiscard]] Money amount() const { return unit_price.times(quantity); }
};

struct Invoice {
    InvoiceId id;
    CustomerId customer;
    // Empty while it is a draft.
    std::string number = {};
    InvoiceStatus status = InvoiceStatus::draft;
    std::optional<Timestamp> period_start = {};
    std::optional<Timestamp> period_end = {};
    Money amount;
    Money tax;
    Money paid;
    std::string notes = {};
    std::optional<Timestamp> issued_at = {};
    // When its notice reached the customer; nothing is suspended over an undelivered invoice.
    std::optional<Timestamp> delivered_at = {};
    std::optional<Timestamp> paid_at = {};
    std::optional<Timestamp> due_date = {};
    Timestamp created_at = {};
    Timestamp updated_at = {};
    std::vector<InvoiceItem> items = {};

    [[nodiscard]] Money total() const { return amount + tax; }
    [[nodiscard]] bool is_open() const {
        return status == InvoiceStatus::issued || status == InvoiceStatus::overdue;
    }
};

// The number of the n-th invoice of a year's series: "INV-2026-000042".
std::string invoice_number(std::string_view series, std::int64_t number);
// The day in UTC, as invoices and notices write it: "2026-11-23".
std::string date_text(Timestamp when);
// The series an invoice issued at `when` belongs to: "INV-2026".
std::string invoice_series(Timestamp when);

}  // namespace rb::core
