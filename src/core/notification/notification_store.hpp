// The port to what was told to whom: once per (template, subject, step, recipient). Lifetime and
// threads as in user_store.hpp.

#pragma once

#include "base/result.hpp"

#include "core/ids.hpp"
#include "core/named_enum.hpp"
#include "core/ports/clock.hpp"

#include <optional>
#include <string>

namespace rb::core {

enum class NotificationStatus { queued, sent, failed };

template <>
struct EnumNames<NotificationStatus> {
    static constexpr std::array<std::string_view, 3> names = {"queued", "sent", "failed"};
};

struct NotificationRecord {
    NotificationId id;
    std::string template_name;
    Uuid subject;
    std::string step = {};
    std::optional<CustomerId> customer = {};
    std::string recipient;
    NotificationStatus status = NotificationStatus::queued;
    int attempts = 0;
    std::string last_error = {};
    Timestamp created_at = {};
    std::optional<Timestamp> sent_at = {};
};

class NotificationStore {
public:
    virtual ~NotificationStore() = default;

    // Writes the record when there is none of its (template, subject, step, recipient), and returns
    // the one that stands there, locked until the unit ends.
    virtual Result<NotificationRecord> claim(const NotificationRecord& record) = 0;
    // Both count an attempt.
    virtual Result<> mark_sent(NotificationId id, Timestamp at) = 0;
    virtual Result<> mark_failed(NotificationId id, std::string_view error) = 0;
    // Up to `limit` that were made before that time; returns how many.
    virtual Result<int> remove_old(Timestamp before, int limit) = 0;
};

}  // namespace rb::core
