#include "support/scripted_gateway.hpp"

#include "core/payment/callback.hpp"

namespace rb::test {
namespace {

using core::CallbackKind;
using core::GatewayCapability;
using core::GatewayPaymentState;

Error gateway_refused() {
    return Error{ErrorCode::plugin_refused, "the gateway says no"};
}
Error failed() {
    return Error{ErrorCode::plugin_failed, "the gateway is down"};
}
Error unknown() {
    return Error{ErrorCode::outcome_unknown, "the gateway's answer was lost"};
}

}  // namespace

ScriptedGateway::ScriptedGateway(std::string id)
    : id_(std::move(id)),
      capabilities_({GatewayCapability::create_payment, GatewayCapability::callback,
                     GatewayCapability::query, GatewayCapability::refund}) {}

void ScriptedGateway::script(const std::string& call, std::deque<Script> steps) {
    const std::lock_guard lock(mutex_);
    scripts_[call] = std::move(steps);
}

void ScriptedGateway::set_capabilities(std::set<GatewayCapability> capabilities) {
    capabilities_ = std::move(capabilities);
}

Script ScriptedGateway::next(const std::string& call) {
    ++calls_[call];
    auto& steps = scripts_[call];
    if (steps.empty()) return Script::work;
    const auto step = steps.front();
    steps.pop_front();
    return step;
}

int ScriptedGateway::calls(const std::string& call) const {
    const std::lock_guard lock(mutex_);
    const auto found = calls_.find(call);
    return found == calls_.end() ? 0 : found->second;
}

int ScriptedGateway::payments_made() const {
    const std::lock_guard lock(mutex_);
    return static_cast<int>(accounts_.size());
}

std::int64_t ScriptedGateway::paid_back() const {
    const std::lock_guard lock(mutex_);
    std::int64_t sum = 0;
    for (const auto& [id, amount] : refunds_) sum += amount.minor_units();
    return sum;
}

core::RawCallback ScriptedGateway::pay(core::PaymentId payment, const std::string& external_id) {
    const std::lock_guard lock(mutex_);
    auto& account = accounts_.at(payment);
    account.state = GatewayPaymentState::paid;
    account.tx = "tx-" + external_id;
    return callback(CallbackKind::paid, payment, external_id, account.amount.to_string(),
                    std::string(account.amount.currency().code()), account.tx);
}

void ScriptedGateway::set_state(core::PaymentId payment, GatewayPaymentState state) {
    const std::lock_guard lock(mutex_);
    accounts_.at(payment).state = state;
}

core::RawCallback ScriptedGateway::callback(CallbackKind kind, core::PaymentId payment,
                                            const std::string& external_id,
                                            const std::string& amount, const std::string& currency,
                                            const std::string& tx) {
    return {.method = "POST",
            .path = "/payment/callback/gateway-test",
            .query = {},
            .headers = {{"kind", std::string(core::name_of(kind))},
                        {"payment", payment.to_string()},
                        {"external", external_id},
                        {"amount", amount},
                        {"currency", currency},
                        {"tx", tx},
                        {"signature", "good"}},
            .body = "callback " + external_id};
}

Result<core::PaymentInstructions> ScriptedGateway::create_payment(
    const core::PaymentRequest& request) {
    const std::lock_guard lock(mutex_);
    const auto step = next("create_payment");
    if (step == Script::refuse) return gateway_refused();
    if (step == Script::fail) return failed();
    if (step == Script::never_arrive) return unknown();
    accounts_.try_emplace(request.payment, Account{.amount = request.amount, .tx = {}});
    if (step == Script::lose_answer) return unknown();
    return core::PaymentInstructions{.gateway_payment_id = "gw-" + request.payment.to_string(),
                                     .payment_url = "https://pay.example/" + id_,
                                     .qr_text = "pay",
                                     .instructions = "pay here"};
}

Result<core::CallbackReading> ScriptedGateway::read_callback(const core::RawCallback& callback) {
    const auto& fields = callback.headers;
    if (!fields.contains("signature") || fields.at("signature") != "good") return gateway_refused();
    const auto currency = TRY(core::Currency::parse(fields.at("currency")));
    core::CallbackReading reading{
        .kind = *core::find_enum<CallbackKind>(fields.at("kind")),
        .external_id = fields.at("external"),
        .payment = TRY(core::PaymentId::parse(fields.at("payment"), "payment")),
        .gateway_tx_id = fields.at("tx"),
        .amount = TRY(core::Money::parse(fields.at("amount"), currency, "amount")),
        .accepted_reply = {.status = 200, .body = "success"},
        .rejected_reply = {.status = 400, .body = "fail"}};
    return reading;
}

Result<core::GatewayPayment> ScriptedGateway::query(const core::PaymentRef& payment) {
    const std::lock_guard lock(mutex_);
    const auto step = next("query");
    if (step == Script::refuse) return gateway_refused();
    if (step != Script::work) return failed();
    const auto found = accounts_.find(payment.payment);
    if (found == accounts_.end()) {
        return core::GatewayPayment{
            .state = GatewayPaymentState::not_found, .gateway_tx_id = {}, .amount = {}};
    }
    return core::GatewayPayment{.state = found->second.state,
                                .gateway_tx_id = found->second.tx,
                                .amount = found->second.amount};
}

Result<core::GatewayRefund> ScriptedGateway::refund(const core::GatewayRefundRequest& request) {
    const std::lock_guard lock(mutex_);
    const auto step = next("refund");
    if (step == Script::refuse) return gateway_refused();
    if (step == Script::fail) return failed();
    if (step == Script::never_arrive) return unknown();
    // The same refund asked for twice is paid once.
    refunds_.try_emplace(request.refund, request.amount);
    if (step == Script::lose_answer) return unknown();
    return core::GatewayRefund{.is_final = true,
                               .gateway_refund_id = "rf-" + request.refund.to_string()};
}

}  // namespace rb::test
