// Does events of kind `notify`: delivers their notices.

#pragma once

#include "core/event/event_worker.hpp"
#include "core/notification/notification_sender.hpp"

namespace rb::core {

class NotifyHandler final : public EventHandler {
public:
    explicit NotifyHandler(NotificationSender& sender) : sender_(sender) {}

    // ERRORS: invalid_argument  the payload is no notice
    //         and those of NotificationSender::deliver
    Result<EventProgress> handle(const Event& event) override {
        TRY(sender_.deliver(TRY(notice_from(event.subject, event.payload))));
        return EventProgress::done();
    }

private:
    NotificationSender& sender_;
};

}  // namespace rb::core
