#include "server/handlers/billing/billing_methods.hpp"

#include "server/handlers/caller.hpp"
#include "server/handlers/qr_code.hpp"
#include "server/handlers/wire_values.hpp"

#include <rustbill/billing.pb.h>

namespace rb::server {

namespace billing_wire = rustbill::billing;
using transport::CallContext;

namespace {

void fill(const core::InvoiceItem& item, billing_wire::InvoiceItemInfo& info) {
    info.set_id(item.id.to_string());
    info.set_description(item.description);
    info.set_quantity(static_cast<std::uint32_t>(item.quantity));
    info.set_unit_price(item.unit_price.to_string());
    info.set_amount(item.amount().to_string());
}

void fill(const core::Invoice& invoice, billing_wire::InvoiceInfo& info) {
    info.set_id(invoice.id.to_string());
    info.set_invoice_number(invoice.number);
    info.set_customer_id(invoice.customer.to_string());
    info.set_billing_period_start(time_text(invoice.period_start));
    info.set_billing_period_end(time_text(invoice.period_end));
    info.set_amount(invoice.amount.to_string());
    info.set_tax_amount(invoice.tax.to_string());
    info.set_total_amount(invoice.total().to_string());
    info.set_status(std::string(core::name_of(invoice.status)));
    info.set_issued_at(time_text(invoice.issued_at));
    info.set_paid_at(time_text(invoice.paid_at));
    info.set_due_date(time_text(invoice.due_date));
    info.set_notes(invoice.notes);
    info.set_created_at(time_text(invoice.created_at));
    info.set_updated_at(time_text(invoice.updated_at));
    for (const auto& item : invoice.items) fill(item, *info.add_items());
    info.set_currency(std::string(invoice.amount.currency().code()));
    info.set_paid_amount(invoice.paid.to_string());
}

Result<billing_wire::ListInvoicesResponse> list(core::InvoiceService& invoices,
                                                const CallContext& call,
                                                const billing_wire::ListInvoicesRequest& request) {
    const auto page = TRY(page_of(request.pagination()));
    core::InvoiceFilter filter{
        .customer = TRY(parse_optional_id<core::CustomerId>(request.customer_id(), "customer_id")),
        .status = TRY(parse_optional_enum<core::InvoiceStatus>(request.status(), "status"))};
    const auto found = TRY(invoices.list(actor_of(call), filter, page));
    billing_wire::ListInvoicesResponse response;
    for (const auto& invoice : found.items) fill(invoice, *response.add_invoices());
    fill_meta(found.total, page, *response.mutable_meta());
    return response;
}

Result<core::NewInvoice> new_invoice_of(core::BalanceService& balances, const core::Actor& actor,
                                        const billing_wire::CreateInvoiceRequest& request) {
    const auto customer = TRY(core::CustomerId::parse(request.customer_id(), "customer_id"));
    const auto currency =
        request.currency().empty()
            ? TRY(balances.find(actor, std::optional(customer))).balance.currency()
            : TRY(core::Currency::parse(request.currency()));
    core::NewInvoice invoice{
        .customer = customer,
        .items = {},
        .period_start =
            TRY(parse_optional_time(request.billing_period_start(), "billing_period_start")),
        .period_end = TRY(parse_optional_time(request.billing_period_end(), "billing_period_end")),
        .due_date = TRY(parse_optional_time(request.due_date(), "due_date")),
        .notes = request.notes()};
    for (int i = 0; i < request.items_size(); ++i) {
        const auto& item = request.items(i);
        const auto field = "items[" + std::to_string(i) + "].unit_price";
        invoice.items.push_back(
            {.description = item.description(),
             .quantity = item.quantity(),
             .unit_price = TRY(core::Money::parse(item.unit_price(), currency, field))});
    }
    return invoice;
}

Result<billing_wire::PayInvoiceResponse> pay(core::InvoiceService& invoices,
                                             const CallContext& call,
                                             const billing_wire::PayInvoiceRequest& request) {
    const auto id = TRY(core::InvoiceId::parse(request.id(), "id"));
    const auto actor = actor_of(call);
    const auto paid = TRY(invoices.pay(actor, id, request.gateway_id(), actor.ip));
    billing_wire::PayInvoiceResponse response;
    fill(paid.invoice, *response.mutable_invoice());
    response.set_payment_id(id_text(paid.payment.payment));
    response.set_payment_url(paid.payment.instructions.payment_url);
    response.set_qr_code(qr_data_url(paid.payment.instructions.qr_text));
    response.set_instructions(paid.payment.instructions.instructions);
    return response;
}

// The calls that name an invoice, do one thing to it and answer it.
template <typename Request, typename Response, typename Act>
void add_act(transport::MethodRegistry& registry, std::string_view path, Act act) {
    registry.unary<Request, Response>(
        path, [act](CallContext& call, const auto& request) -> Result<Response> {
            const auto id = TRY(core::InvoiceId::parse(request.id(), "id"));
            Response response;
            fill(TRY(act(actor_of(call), id, request)), *response.mutable_invoice());
            return response;
        });
}

}  // namespace

void add_billing_methods(transport::MethodRegistry& registry, core::InvoiceService& invoices,
                         core::BalanceService& balances) {
    registry.unary<billing_wire::ListInvoicesRequest, billing_wire::ListInvoicesResponse>(
        "/rustbill.billing.BillingService/ListInvoices",
        [&](CallContext& call, const auto& request) { return list(invoices, call, request); });
    add_act<billing_wire::GetInvoiceRequest, billing_wire::GetInvoiceResponse>(
        registry, "/rustbill.billing.BillingService/GetInvoice",
        [&](const core::Actor& actor, core::InvoiceId id, const auto&) {
            return invoices.get(actor, id);
        });
    registry.unary<billing_wire::CreateInvoiceRequest, billing_wire::CreateInvoiceResponse>(
        "/rustbill.billing.BillingService/CreateInvoice",
        [&](CallContext& call, const auto& request) -> Result<billing_wire::CreateInvoiceResponse> {
            const auto actor = actor_of(call);
            const auto invoice = TRY(new_invoice_of(balances, actor, request));
            billing_wire::CreateInvoiceResponse response;
            fill(TRY(invoices.create(actor, invoice)), *response.mutable_invoice());
            return response;
        });
    add_act<billing_wire::IssueInvoiceRequest, billing_wire::IssueInvoiceResponse>(
        registry, "/rustbill.billing.BillingService/IssueInvoice",
        [&](const core::Actor& actor, core::InvoiceId id, const auto&) {
            return invoices.issue(actor, id);
        });
    registry.unary<billing_wire::PayInvoiceRequest, billing_wire::PayInvoiceResponse>(
        "/rustbill.billing.BillingService/PayInvoice",
        [&](CallContext& call, const auto& request) { return pay(invoices, call, request); });
    add_act<billing_wire::MarkInvoicePaidRequest, billing_wire::MarkInvoicePaidResponse>(
        registry, "/rustbill.billing.BillingService/MarkInvoicePaid",
        [&](const core::Actor& actor, core::InvoiceId id, const auto& request) {
            return invoices.mark_paid(actor, id, request.reference());
        });
    add_act<billing_wire::CancelInvoiceRequest, billing_wire::CancelInvoiceResponse>(
        registry, "/rustbill.billing.BillingService/CancelInvoice",
        [&](const core::Actor& actor, core::InvoiceId id, const auto& request) {
            return invoices.cancel(actor, id, request.reason());
        });
}

}  // namespace rb::server
