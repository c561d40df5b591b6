// A notice: that somebody is to be told something. It is written into the outbox in the commit that
// made it necessary, and delivered after it (notification_sender.hpp).

#pragma once

#include "base/result.hpp"

#include "core/ids.hpp"
#include "core/notification/template.hpp"
#include "core/plugin/plugin_call.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/id_source.hpp"

#include <optional>
#include <string>

namespace rb::core {

class UnitOfWork;

struct Notice {
    NotificationTemplate which;
    // What it is about: once per (template, subject, step, recipient) is enough.
    Uuid subject;
    // Tells apart what is rightly told more than once of one subject ("reminder-2").
    std::string step = {};
    // Whom: any of the four. A customer: all his active users and his own address.
    std::string recipient = {};
    std::optional<UserId> user = {};
    std::optional<CustomerId> customer = {};
    // [server].notify_email
    bool to_operator = false;
    // What the template needs (template.hpp).
    StringMap values = {};
};

// Asking for the same notice again is not an error and adds nothing.
Result<> enqueue_notice(UnitOfWork& unit, IdSource& ids, const Notice& notice, Timestamp now);

// The notice as the payload of an event (EventKind::notify), and back.
StringMap payload_of(const Notice& notice);
// ERRORS: invalid_argument  the payload is not one of ours
Result<Notice> notice_from(Uuid subject, const StringMap& payload);

}  // namespace rb::core
