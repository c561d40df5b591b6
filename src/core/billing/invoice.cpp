#include "core/billing/invoice.hpp"

namespace rb::core {

bool may_follow(InvoiceStatus from, InvoiceStatus to) {
    switch (from) {
        case InvoiceStatus::draft:
            return to == InvoiceStatus::issued || to == InvoiceStatus::cancelled;
        case InvoiceStatus::issued:
            return to == InvoiceStatus::paid || to == InvoiceStatus::overdue ||
                   to == InvoiceStatus::cancelled;
        case InvoiceStatus::overdue:
            return to == InvoiceStatus::paid || to == InvoiceStatus::cancelled;
        case InvoiceStatus::paid:
        case InvoiceStatus::cancelled:
            return false;
    }
    return false;
}

std::string invoice_number(std::string_view series, std::int64_t number) {
    constexpr std::size_t digits_min = 6;
    const auto digits = std::to_string(number);
    std::string text(series);
    text += '-';
    if (digits.size() < digits_min) text.append(digits_min - digits.size(), '0');
    return text + digits;
}

std::string invoice_series(Timestamp when) {
    const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(when));
    return "INV-" + std::to_string(static_cast<int>(date.year()));
}

std::string date_text(Timestamp when) {
    const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(when));
    const auto two = [](unsigned number) {
        return (number < 10 ? "0" : "") + std::to_string(number);
    };
    return std::to_string(static_cast<int>(date.year())) + "-" +
           two(static_cast<unsigned>(date.month())) + "-" + two(static_cast<unsigned>(date.day()));
}

}  // namespace rb::core
