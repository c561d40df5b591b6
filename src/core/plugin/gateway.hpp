// The port to whoever moves money for us. The plugin translates; core decides: whether a callback
// counts, whether amount, currency and payment agree, and that each counts once (decision 7).
//
// Threads, lifetime and errors as in provider.hpp and plugin_call.hpp.

#pragma once

#include "base/result.hpp"

#include "core/ids.hpp"
#include "core/money/money.hpp"
#include "core/plugin/plugin_call.hpp"
#include "core/plugin/provider.hpp"

#include <optional>
#include <set>
#include <string>

namespace rb::core {

// manual_confirmation: an administrator tells when the money has come (bank transfer).
enum class GatewayCapability {
    create_payment,
    callback,
    query,
    refund,
    manual_confirmation,
    health
};

struct PaymentRequest {
    // Also the merchant's order number at the gateway, and the idempotency key.
    PaymentId payment;
    Money amount;
    // "RustBill order 018f…": what the payer reads.
    std::string description;
    // Where the gateway reports to, and where the payer's browser goes afterwards. Empty when the
    // server's public address is not configured.
    std::string notify_url;
    std::string return_url;
    std::string payer_ip;
};

struct PaymentInstructions {
    std::string gateway_payment_id;
    std::string payment_url;
    // Text to be shown as a QR code; the server draws it.
    std::string qr_text;
    // Plain text, for people.
    std::string instructions;
};

struct RawCallback {
    std::string method;
    std::string path;
    std::string query;
    StringMap headers;  // lower-case names
    std::string body;
};

enum class CallbackKind { paid, failed, refunded, charged_back, ignored };

struct CallbackReply {
    int status = 200;
    std::string content_type = "text/plain";
    std::string body;
};

// What the plugin read from an authentic callback. One it cannot verify is plugin_refused.
struct CallbackReading {
    CallbackKind kind = CallbackKind::ignored;
    // Unique at the gateway for this happening; with `kind` the key that makes a repeat harmless.
    std::string external_id;
    PaymentId payment;
    std::string gateway_tx_id;
    std::optional<Money> amount;
    // What the gateway wants to hear when we have taken the callback, and when we have not.
    CallbackReply accepted_reply;
    CallbackReply rejected_reply;
};

struct PaymentRef {
    PaymentId payment;
    std::string gateway_payment_id;
    std::string gateway_tx_id;
    Money amount;
};

enum class GatewayPaymentState { pending, paid, failed, refunded, not_found };

struct GatewayPayment {
    GatewayPaymentState state = GatewayPaymentState::pending;
    std::string gateway_tx_id;
    std::optional<Money> amount;
};

struct GatewayRefundRequest {
    // The idempotency key: a repeat with it must not pay back twice.
    RefundId refund;
    PaymentRef payment;
    Money amount;
    std::string reason;
};

struct GatewayRefund {
    // false: taken, and to be asked about again.
    bool is_final = true;
    std::string gateway_refund_id;
};

class Gateway {
public:
    virtual ~Gateway() = default;

    [[nodiscard]] virtual const std::string& id() const = 0;
    [[nodiscard]] virtual const std::string& name() const = 0;
    [[nodiscard]] virtual const std::set<GatewayCapability>& capabilities() const = 0;

    virtual Result<PaymentInstructions> create_payment(const PaymentRequest& request) = 0;
    virtual Result<CallbackReading> read_callback(const RawCallback& callback) = 0;
    virtual Result<GatewayPayment> query(const PaymentRef& payment) = 0;
    virtual Result<GatewayRefund> refund(const GatewayRefundRequest& request) = 0;
    virtual Result<Health> health() = 0;
};

}  // namespace rb::core
