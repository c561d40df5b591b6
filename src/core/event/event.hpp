// An event: work that outlives the request that made it necessary, written in the same commit
// (architecture, decision 8).

#pragma once

#include "core/ids.hpp"
#include "core/named_enum.hpp"
#include "core/plugin/plugin_call.hpp"
#include "core/ports/clock.hpp"

#include <optional>
#include <string>

namespace rb::core {

enum class EventKind {
    // subject: an order that was paid
    provision_order,
    // subject: an instance whose desired state may differ from what it is
    reconcile_instance,
    // subject: a refund that a gateway shall pay out
    pay_out_refund,
    // subject: what the notice is about; payload: core/notification/notice.hpp
    notify,
    // subject: an issued invoice whose customer is to be told
    deliver_invoice,
};

template <>
struct EnumNames<EventKind> {
    static constexpr std::array<std::string_view, 5> names = {
        "provision_order", "reconcile_instance", "pay_out_refund", "notify", "deliver_invoice"};
};

struct Event {
    EventId id;
    EventKind kind;
    Uuid subject;
    std::optional<CustomerId> customer = {};
    StringMap payload = {};
    // How often it was begun.
    int attempts = 0;
    Timestamp run_at = {};
    std::string last_error = {};
    bool dead = false;
    // Where the same step may be asked for more than once (a reminder), once is enough.
    std::optional<std::string> dedupe_key = {};
    Timestamp created_at = {};
};

}  // namespace rb::core
