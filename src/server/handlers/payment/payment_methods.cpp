#include "server/handlers/payment/payment_methods.hpp"

#include "server/handlers/caller.hpp"
#include "server/handlers/wire_values.hpp"

#include <rustbill/payment.pb.h>

namespace rb::server {

namespace payment_wire = rustbill::payment;
using transport::CallContext;

namespace {

void fill(const core::Payment& payment, payment_wire::PaymentRecord& record) {
    record.set_id(payment.id.to_string());
    record.set_order_id(id_text(payment.order));
    record.set_invoice_id(id_text(payment.invoice));
    record.set_amount(payment.amount.to_string());
    record.set_currency(std::string(payment.amount.currency().code()));
    record.set_gateway_id(payment.gateway_id);
    record.set_gateway_payment_id(payment.gateway_payment_id);
    record.set_gateway_tx_id(payment.gateway_tx_id);
    record.set_status(std::string(core::name_of(payment.status)));
    record.set_paid_at(time_text(payment.paid_at));
    record.set_created_at(time_text(payment.created_at));
    record.set_updated_at(time_text(payment.updated_at));
    record.set_customer_id(payment.customer.to_string());
    record.set_purpose(std::string(core::name_of(payment.purpose)));
    record.set_refunded_amount(payment.refunded_amount.to_string());
}

void fill(const core::StoredCallback& callback, payment_wire::CallbackInfo& info) {
    info.set_id(callback.id.to_string());
    info.set_gateway_id(callback.gateway_id);
    info.set_received_at(time_text(callback.received_at));
    info.set_outcome(std::string(core::name_of(callback.outcome)));
    info.set_outcome_reason(callback.outcome_reason);
    info.set_payment_id(id_text(callback.payment));
    info.set_attempts(static_cast<std::uint32_t>(callback.attempts));
}

Result<payment_wire::ListPaymentsResponse> list(core::PaymentService& payments,
                                                const CallContext& call,
                                                const payment_wire::ListPaymentsRequest& request) {
    const auto page = TRY(page_of(request.pagination()));
    core::PaymentFilter filter{
        .order = TRY(parse_optional_id<core::OrderId>(request.order_id(), "order_id")),
        .invoice = TRY(parse_optional_id<core::InvoiceId>(request.invoice_id(), "invoice_id")),
        .gateway_id = optional_text(request.gateway_id()),
        .status = TRY(parse_optional_enum<core::PaymentStatus>(request.status(), "status"))};
    const auto found = TRY(payments.list(actor_of(call), std::move(filter), page));
    payment_wire::ListPaymentsResponse response;
    for (const auto& payment : found.items) fill(payment, *response.add_payments());
    fill_meta(found.total, page, *response.mutable_meta());
    return response;
}

// Amounts in requests about a payment are in its currency.
Result<core::Money> amount_of(core::PaymentService& payments, const core::Actor& actor,
                              core::PaymentId id, const std::string& text) {
    const auto payment = TRY(payments.find(actor, id));
    return core::Money::parse(text, payment.amount.currency(), "amount");
}

Result<payment_wire::ConfirmPaymentResponse> confirm(
    core::PaymentService& payments, const CallContext& call,
    const payment_wire::ConfirmPaymentRequest& request) {
    const auto actor = actor_of(call);
    const auto id = TRY(core::PaymentId::parse(request.id(), "id"));
    const auto amount = TRY(amount_of(payments, actor, id, request.amount()));
    payment_wire::ConfirmPaymentResponse response;
    fill(TRY(payments.confirm(actor, id, amount, request.reference())),
         *response.mutable_payment());
    return response;
}

Result<payment_wire::RefundPaymentResponse> refund(
    core::PaymentService& payments, const CallContext& call,
    const payment_wire::RefundPaymentRequest& request) {
    const auto actor = actor_of(call);
    const auto id = TRY(core::PaymentId::parse(request.id(), "id"));
    core::PaymentService::RefundRequest command{.reason = request.reason()};
    if (!request.destination().empty()) {
        command.destination =
            TRY(core::parse_enum<core::RefundDestination>(request.destination(), "destination"));
    }
    if (!request.amount().empty()) {
        command.amount = TRY(amount_of(payments, actor, id, request.amount()));
    }
    command.idempotency_key = TRY(key_text_of(call));
    payment_wire::RefundPaymentResponse response;
    fill(TRY(payments.refund(actor, id, command)), *response.mutable_payment());
    return response;
}

Result<payment_wire::ListCallbacksResponse> list_callbacks(
    core::PaymentService& payments, const CallContext& call,
    const payment_wire::ListCallbacksRequest& request) {
    const auto page = TRY(page_of(request.pagination()));
    const core::CallbackFilter filter{
        .gateway_id = optional_text(request.gateway_id()),
        .outcome = TRY(parse_optional_enum<core::CallbackOutcome>(request.outcome(), "outcome"))};
    const auto found = TRY(payments.list_callbacks(actor_of(call), filter, page));
    payment_wire::ListCallbacksResponse response;
    for (const auto& callback : found.items) fill(callback, *response.add_callbacks());
    fill_meta(found.total, page, *response.mutable_meta());
    return response;
}

}  // namespace

void add_payment_methods(transport::MethodRegistry& registry, core::PaymentService& payments) {
    registry.unary<payment_wire::ListPaymentsRequest, payment_wire::ListPaymentsResponse>(
        "/rustbill.payment.PaymentService/ListPayments",
        [&](CallContext& call, const auto& request) { return list(payments, call, request); });
    registry.unary<payment_wire::GetPaymentRequest, payment_wire::GetPaymentResponse>(
        "/rustbill.payment.PaymentService/GetPayment",
        [&](CallContext& call, const auto& request) -> Result<payment_wire::GetPaymentResponse> {
            const auto id = TRY(core::PaymentId::parse(request.id(), "id"));
            payment_wire::GetPaymentResponse response;
            fill(TRY(payments.find(actor_of(call), id)), *response.mutable_payment());
            return response;
        });
    registry.unary<payment_wire::ConfirmPaymentRequest, payment_wire::ConfirmPaymentResponse>(
        "/rustbill.payment.PaymentService/ConfirmPayment",
        [&](CallContext& call, const auto& request) { return confirm(payments, call, request); });
    registry.unary<payment_wire::RefundPaymentRequest, payment_wire::RefundPaymentResponse>(
        "/rustbill.payment.PaymentService/RefundPayment",
        [&](CallContext& call, const auto& request) { return refund(payments, call, request); });
    registry.unary<payment_wire::QueryPaymentRequest, payment_wire::QueryPaymentResponse>(
        "/rustbill.payment.PaymentService/QueryPayment",
        [&](CallContext& call, const auto& request) -> Result<payment_wire::QueryPaymentResponse> {
            const auto id = TRY(core::PaymentId::parse(request.id(), "id"));
            payment_wire::QueryPaymentResponse response;
            fill(TRY(payments.query(actor_of(call), id)), *response.mutable_payment());
            return response;
        });
    registry.unary<payment_wire::ListCallbacksRequest, payment_wire::ListCallbacksResponse>(
        "/rustbill.payment.PaymentService/ListCallbacks",
        [&](CallContext& call, const auto& request) {
            return list_callbacks(payments, call, request);
        });
    registry.unary<payment_wire::ReplayCallbackRequest, payment_wire::ReplayCallbackResponse>(
        "/rustbill.payment.PaymentService/ReplayCallback",
        [&](CallContext& call,
            const auto& request) -> Result<payment_wire::ReplayCallbackResponse> {
            const auto id = TRY(core::CallbackId::parse(request.id(), "id"));
            payment_wire::ReplayCallbackResponse response;
            fill(TRY(payments.replay_callback(actor_of(call), id)), *response.mutable_callback());
            return response;
        });
}

}  // namespace rb::server
