// The event `notify`: somebody is told something.

#pragma once

#include "core/event/event_worker.hpp"
#include "core/notification/notification_sender.hpp"

namespace rb::server {

// The payload is the notice.
class NoticeDelivery final : public core::EventHandler {
public:
    // `sender` must outlive the handler.
    explicit NoticeDelivery(core::NotificationSender& sender) : sender_(sender) {}
    Result<core::EventProgress> handle(const core::Event& event) override;

private:
    core::NotificationSender& sender_;
};

}  // namespace rb::server
