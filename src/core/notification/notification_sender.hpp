// Delivers notices: finds who is meant, renders, hands over to the notifiers. The event worker
// calls it for events of kind `notify`; a failure is retried there.
//
// Thread-safe. No database connection is held while a notifier sends. What was sent is written down
// per recipient, so that a retry goes only to those it has not reached; a crash between the sending
// and the writing sends again, with the same Notification::key.

#pragma once

#include "base/result.hpp"

#include "core/notification/notice.hpp"
#include "core/notification/notification_store.hpp"
#include "core/plugin/plugin_directory.hpp"
#include "core/ports/digester.hpp"

#include <memory>
#include <string>
#include <vector>

namespace rb::core {

class Database;

class NotificationSender {
public:
    struct Ports {
        Database& database;
        PluginDirectory& plugins;
        const Digester& digester;
        const Clock& clock;
        IdSource& ids;
    };
    // `operator_email`: [server].notify_email; empty when nobody is to be told.
    NotificationSender(Ports ports, std::string operator_email)
        : ports_(ports), operator_email_(std::move(operator_email)) {}

    // Sends to every recipient over every enabled notifier: e-mail to each address, a webhook once.
    // Nothing to send to, or nothing to send with, is not an error; an enabled notifier that cannot
    // be used now is. A verification code that has expired meanwhile is not sent any more.
    //
    // ERRORS: plugin_failed  a notifier failed for at least one recipient, or cannot be used; the
    //                        others have been served, and a repeat serves only who is left
    //         unavailable    nobody knows which notifiers there are
    Result<> deliver(const Notice& notice);

private:
    struct Target {
        std::shared_ptr<Notifier> notifier;
        // An address, or "webhook:<interface id>".
        std::string recipient;
    };
    // The values with what is not kept in the outbox (the code itself); nothing when the notice is
    // void by now.
    Result<std::optional<StringMap>> complete_values(const Notice& notice);
    Result<std::vector<std::string>> addresses(const Notice& notice);
    Result<> send_one(const Notice& notice, const RenderedNotification& rendered,
                      const StringMap& values, const Target& target);

    Ports ports_;
    std::string operator_email_;
};

}  // namespace rb::core
