#include "plugin/script_gateway.hpp"

#include "plugin/script_capabilities.hpp"

#include <array>
#include <utility>

namespace rb::plugin {

namespace {

using namespace core;

void put_money(Json& object, Money amount) {
    object["amount"] = amount.to_string();
    object["minor_units"] = amount.minor_units();
    object["currency"] = std::string(amount.currency().code());
}

Json json_of(const PaymentRef& payment) {
    Json object = Json::object();
    object["payment"] = payment.payment.to_string();
    object["gateway_payment_id"] = payment.gateway_payment_id;
    object["gateway_tx_id"] = payment.gateway_tx_id;
    put_money(object, payment.amount);
    return object;
}

Result<CallbackKind> kind_of(const AnswerReader& reader) {
    constexpr std::array<std::pair<std::string_view, CallbackKind>, 5> known{{
        {"paid", CallbackKind::paid},
        {"failed", CallbackKind::failed},
        {"refunded", CallbackKind::refunded},
        {"charged_back", CallbackKind::charged_back},
        {"ignored", CallbackKind::ignored},
    }};
    const auto word = TRY(reader.required_text("kind"));
    for (const auto& [name, kind] : known) {
        if (name == word) return kind;
    }
    return reader.wrong("kind", "must be paid, failed, refunded, charged_back or ignored");
}

Result<CallbackReply> reply_of(const AnswerReader& reader, const std::string& field,
                               int default_status) {
    CallbackReply reply;
    reply.status = default_status;
    if (!reader.has(field)) return reply;
    const AnswerReader part(field, reader.answer()[field]);
    if (part.check_object().has_error()) return reader.wrong(field, "must be an object");
    const auto status = part.integer("status");
    if (status.has_error() || (*status && (**status < 200 || **status > 599))) {
        return reader.wrong(field, "status must be 200 to 599");
    }
    if (*status) reply.status = static_cast<int>(**status);
    const auto type = part.text("content_type");
    const auto body = part.text("body");
    if (type.has_error() || body.has_error()) return reader.wrong(field, "must hold texts");
    if (!type->empty()) reply.content_type = *type;
    reply.body = *body;
    return reply;
}

Result<CallbackReading> reading_of(const AnswerReader& reader) {
    TRY(reader.check_object());
    CallbackReading reading;
    reading.kind = TRY(kind_of(reader));
    reading.accepted_reply = TRY(reply_of(reader, "accepted_reply", 200));
    reading.rejected_reply = TRY(reply_of(reader, "rejected_reply", 500));
    reading.gateway_tx_id = TRY(reader.text("gateway_tx_id"));
    reading.amount = TRY(reader.money("amount", "currency"));
    if (reading.kind == CallbackKind::ignored) {
        reading.external_id = TRY(reader.text("external_id"));
        return reading;
    }
    reading.external_id = TRY(reader.required_text("external_id"));
    const auto payment = TRY(reader.required_text("payment"));
    const auto id = PaymentId::parse(payment, "payment");
    if (id.has_error()) return reader.wrong("payment", "must be the id of one of our payments");
    reading.payment = *id;
    if (reading.kind == CallbackKind::paid && !reading.amount) {
        return reader.wrong("amount", "is missing");
    }
    return reading;
}

Result<GatewayPaymentState> payment_state_of(const AnswerReader& reader) {
    constexpr std::array<std::pair<std::string_view, GatewayPaymentState>, 5> known{{
        {"pending", GatewayPaymentState::pending},
        {"paid", GatewayPaymentState::paid},
        {"failed", GatewayPaymentState::failed},
        {"refunded", GatewayPaymentState::refunded},
        {"not_found", GatewayPaymentState::not_found},
    }};
    const auto word = TRY(reader.required_text("state"));
    for (const auto& [name, state] : known) {
        if (name == word) return state;
    }
    return reader.wrong("state", "must be pending, paid, failed, refunded or not_found");
}

Result<PaymentInstructions> instructions_of(const AnswerReader& reader) {
    TRY(reader.check_object());
    PaymentInstructions instructions;
    instructions.gateway_payment_id = TRY(reader.text("gateway_payment_id"));
    instructions.payment_url = TRY(reader.text("payment_url"));
    instructions.qr_text = TRY(reader.text("qr_text"));
    instructions.instructions = TRY(reader.text("instructions"));
    if (instructions.payment_url.empty() && instructions.qr_text.empty() &&
        instructions.instructions.empty()) {
        return reader.wrong("", "needs a payment_url, a qr_text or instructions");
    }
    return instructions;
}

Result<GatewayRefund> refund_of(const AnswerReader& reader) {
    TRY(reader.check_object());
    GatewayRefund refund;
    refund.is_final = TRY(reader.boolean("final", true));
    refund.gateway_refund_id = TRY(reader.text("gateway_refund_id"));
    return refund;
}

}  // namespace

ScriptGateway::ScriptGateway(PortOptions options) : port_(std::move(options)) {
    for (const auto& word : port_.manifest().capabilities) {
        if (const auto capability = gateway_capability(word)) capabilities_.insert(*capability);
    }
}

Result<> ScriptGateway::need(GatewayCapability capability) const {
    if (!capabilities_.contains(capability)) return port_.not_declared(word_of(capability));
    return {};
}

Result<PaymentInstructions> ScriptGateway::create_payment(const PaymentRequest& request) {
    TRY(need(GatewayCapability::create_payment));
    Json object = Json::object();
    object["payment"] = request.payment.to_string();
    put_money(object, request.amount);
    object["description"] = request.description;
    object["notify_url"] = request.notify_url;
    object["return_url"] = request.return_url;
    object["payer_ip"] = request.payer_ip;
    const auto answer = TRY(port_.change("create_payment", {std::move(object)}));
    auto instructions = instructions_of(AnswerReader(port_.full_name("create_payment"), answer));
    if (instructions.has_error()) return ScriptPort::after_change(instructions.error());
    return instructions;
}

Result<CallbackReading> ScriptGateway::read_callback(const RawCallback& callback) {
    TRY(need(GatewayCapability::callback));
    Json object = Json::object();
    object["method"] = callback.method;
    object["path"] = callback.path;
    object["query"] = callback.query;
    object["headers"] = plugin::json_of(callback.headers);
    object["body"] = callback.body;
    const auto answer = TRY(port_.ask("read_callback", {std::move(object)}));
    return reading_of(AnswerReader(port_.full_name("read_callback"), answer));
}

Result<GatewayPayment> ScriptGateway::query(const PaymentRef& payment) {
    TRY(need(GatewayCapability::query));
    const auto answer = TRY(port_.ask("query", {json_of(payment)}));
    const AnswerReader reader(port_.full_name("query"), answer);
    TRY(reader.check_object());
    GatewayPayment found;
    found.state = TRY(payment_state_of(reader));
    found.gateway_tx_id = TRY(reader.text("gateway_tx_id"));
    found.amount = TRY(reader.money("amount", "currency"));
    if (found.state == GatewayPaymentState::paid && !found.amount) {
        return reader.wrong("amount", "is missing");
    }
    return found;
}

Result<GatewayRefund> ScriptGateway::refund(const GatewayRefundRequest& request) {
    TRY(need(GatewayCapability::refund));
    Json object = Json::object();
    object["refund"] = request.refund.to_string();
    object["payment"] = json_of(request.payment);
    put_money(object, request.amount);
    object["reason"] = request.reason;
    const auto answer = TRY(port_.change("refund", {std::move(object)}));
    auto refund = refund_of(AnswerReader(port_.full_name("refund"), answer));
    if (refund.has_error()) return ScriptPort::after_change(refund.error());
    return refund;
}

}  // namespace rb::plugin
