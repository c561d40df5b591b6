// Gateway over a script; see script_provider.hpp.

#pragma once

#include "core/plugin/gateway.hpp"

#include "plugin/script_port.hpp"

namespace rb::plugin {

class ScriptGateway final : public core::Gateway {
public:
    explicit ScriptGateway(PortOptions options);

    [[nodiscard]] const std::string& id() const override { return port_.id(); }
    [[nodiscard]] const std::string& name() const override { return port_.name(); }
    [[nodiscard]] const std::set<core::GatewayCapability>& capabilities() const override {
        return capabilities_;
    }

    Result<core::PaymentInstructions> create_payment(const core::PaymentRequest& request) override;
    // Nothing a plugin does here may have an effect: a callback it cannot verify or understand is
    // plugin_refused or plugin_failed, never "unknown".
    Result<core::CallbackReading> read_callback(const core::RawCallback& callback) override;
    Result<core::GatewayPayment> query(const core::PaymentRef& payment) override;
    Result<core::GatewayRefund> refund(const core::GatewayRefundRequest& request) override;
    Result<core::Health> health() override { return port_.health(); }

private:
    Result<> need(core::GatewayCapability capability) const;

    ScriptPort port_;
    std::set<core::GatewayCapability> capabilities_;
};

}  // namespace rb::plugin
