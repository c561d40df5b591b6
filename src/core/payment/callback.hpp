// A gateway's callback as it arrived, and what became of it.

#pragma once

#include "core/ids.hpp"
#include "core/named_enum.hpp"
#include "core/plugin/gateway.hpp"
#include "core/ports/clock.hpp"

#include <optional>
#include <string>

namespace rb::core {

// received: stored, not yet understood (or it could not be: see the reason).
enum class CallbackOutcome { received, applied, duplicate, ignored, rejected };

template <>
struct EnumNames<CallbackOutcome> {
    static constexpr std::array<std::string_view, 5> names = {"received", "applied", "duplicate",
                                                              "ignored", "rejected"};
};

template <>
struct EnumNames<CallbackKind> {
    static constexpr std::array<std::string_view, 5> names = {"paid", "failed", "refunded",
                                                              "charged_back", "ignored"};
};

struct StoredCallback {
    CallbackId id = {};
    std::string gateway_id = {};
    RawCallback raw = {};
    std::string peer = {};
    Timestamp received_at = {};
    CallbackOutcome outcome = CallbackOutcome::received;
    std::string outcome_reason = {};
    // Its gateway's plugin took it for genuine, whatever became of it then.
    bool is_verified = false;
    std::optional<PaymentId> payment = {};
    int attempts = 0;
};

}  // namespace rb::core
