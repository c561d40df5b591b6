// A gateway in memory that does as it is told: works, refuses, fails before or after doing the
// work. It keeps its own books, so that a test can ask what the payer's money did there.
// Thread-safe.

#pragma once

#include "core/plugin/gateway.hpp"

#include <deque>
#include <map>
#include <mutex>
#include <string>

namespace rb::test {

// What the next call does. `lose_answer` does the work and says that nobody knows.
enum class Script { work, refuse, fail, lose_answer, never_arrive };

class ScriptedGateway final : public core::Gateway {
public:
    explicit ScriptedGateway(std::string id = "gateway-test");

    // For the next calls of that name ("create_payment", "query", "refund"), in order; then `work`.
    void script(const std::string& call, std::deque<Script> steps);
    void set_capabilities(std::set<core::GatewayCapability> capabilities);

    // The payer pays at the gateway. Returns the callback the gateway then sends.
    core::RawCallback pay(core::PaymentId payment, const std::string& external_id);
    // A callback of any content, signed as if by the gateway.
    static core::RawCallback callback(core::CallbackKind kind, core::PaymentId payment,
                                      const std::string& external_id, const std::string& amount,
                                      const std::string& currency = "CNY",
                                      const std::string& tx = "");
    // Sets what query answers for a payment.
    void set_state(core::PaymentId payment, core::GatewayPaymentState state);

    [[nodiscard]] int calls(const std::string& call) const;
    [[nodiscard]] int payments_made() const;
    // In minor units, over all refunds.
    [[nodiscard]] std::int64_t paid_back() const;

    [[nodiscard]] const std::string& id() const override { return id_; }
    [[nodiscard]] const std::string& name() const override { return id_; }
    [[nodiscard]] const std::set<core::GatewayCapability>& capabilities() const override {
        return capabilities_;
    }
    Result<core::PaymentInstructions> create_payment(const core::PaymentRequest& request) override;
    Result<core::CallbackReading> read_callback(const core::RawCallback& callback) override;
    Result<core::GatewayPayment> query(const core::PaymentRef& payment) override;
    Result<core::GatewayRefund> refund(const core::GatewayRefundRequest& request) override;
    Result<core::Health> health() override {
        return core::Health{.is_healthy = true, .message = {}};
    }

private:
    struct Account {
        core::Money amount;
        core::GatewayPaymentState state = core::GatewayPaymentState::pending;
        std::string tx;
    };
    Script next(const std::string& call);

    const std::string id_;
    std::set<core::GatewayCapability> capabilities_;
    mutable std::mutex mutex_;
    std::map<std::string, std::deque<Script>> scripts_;
    std::map<std::string, int> calls_;
    std::map<core::PaymentId, Account> accounts_;
    std::map<core::RefundId, core::Money> refunds_;
};

}  // namespace rb::test
