#include "core/notification/notification_sender.hpp"

#include "core/customer/customer_store.hpp"
#include "core/identity/limits.hpp"
#include "core/identity/session_store.hpp"
#include "core/identity/user_store.hpp"
#include "core/text.hpp"
#include "core/unit_of_work.hpp"

#include <algorithm>

namespace rb::core {

namespace {

void add_once(std::vector<std::string>& addresses, const std::string& address) {
    const auto is_same = [&](const std::string& other) {
        return to_lower_ascii(other) == to_lower_ascii(address);
    };
    if (!address.empty() && std::ranges::none_of(addresses, is_same)) addresses.push_back(address);
}

}  // namespace

Result<std::optional<StringMap>> NotificationSender::complete_values(const Notice& notice) {
    if (notice.which != NotificationTemplate::verification_code)
        return std::optional(notice.values);

    auto unit = TRY(ports_.database.begin());
    const auto code = TRY(unit->verification_codes().find(notice.subject));
    const auto now = ports_.clock.now();
    if (!code || code->consumed_at || now >= code->expires_at) return std::optional<StringMap>();
    auto values = notice.values;
    values["code"] = derive_code(ports_.digester, code->id, code->email);
    values["minutes"] = std::to_string(limits::verification_code_lifetime.count());
    return std::optional(values);
}

Result<std::vector<std::string>> NotificationSender::addresses(const Notice& notice) {
    std::vector<std::string> found;
    add_once(found, notice.recipient);
    if (notice.to_operator) add_once(found, operator_email_);
    if (!notice.user && !notice.customer) return found;

    auto unit = TRY(ports_.database.begin());
    if (notice.user) {
        const auto user = TRY(unit->users().find(*notice.user));
        if (user && user->is_active) add_once(found, user->email);
    }
    if (notice.customer) {
        for (const auto& email : TRY(unit->users().emails_of_customer(*notice.customer))) {
            add_once(found, email);
        }
        const auto customer = TRY(unit->customers().find(*notice.customer));
        if (customer) add_once(found, customer->email);
    }
    return found;
}

Result<> NotificationSender::deliver(const Notice& notice) {
    const auto values = TRY(complete_values(notice));
    if (!values) return {};
    const auto rendered = TRY(render_bilingual(notice.which, *values));
    const auto recipients = TRY(addresses(notice));
    // Proof that somebody reads an address goes to that address alone.
    const bool is_private = notice.which == NotificationTemplate::verification_code ||
                            notice.which == NotificationTemplate::registration_known;

    std::vector<Target> targets;
    const auto notifiers = ports_.plugins.notifiers();
    for (const auto& notifier : notifiers.usable) {
        if (notifier->channel() == NotifierChannel::email) {
            for (const auto& address : recipients) targets.push_back({notifier, address});
        } else if (!is_private) {
            targets.push_back({notifier, "webhook:" + notifier->id()});
        }
    }

    Result<> outcome;
    // Whom one that cannot be used now would have told is told when it can.
    if (notifiers.failure) outcome = *notifiers.failure;
    for (const auto& target : targets) {
        auto sent = send_one(notice, rendered, *values, target);
        if (sent.has_error()) outcome = std::move(sent);
    }
    return outcome;
}

Result<> NotificationSender::send_one(const Notice& notice, const RenderedNotification& rendered,
                                      const StringMap& values, const Target& target) {
    const auto claimed = TRY(in_transaction(
        ports_.database, "notification_claim", [&](UnitOfWork& unit) -> Result<NotificationRecord> {
            return unit.notifications().claim({.id = ports_.ids.next_id<NotificationId>(),
                                               .template_name = std::string(name_of(notice.which)),
                                               .subject = notice.subject,
                                               .step = notice.step,
                                               .customer = notice.customer,
                                               .recipient = target.recipient,
                                               .created_at = ports_.clock.now()});
        }));
    if (claimed.status == NotificationStatus::sent) return {};

    const bool is_email = target.notifier->channel() == NotifierChannel::email;
    auto sent = target.notifier->send({.key = {claimed.id.to_string()},
                                       .template_name = claimed.template_name,
                                       .recipient = is_email ? target.recipient : "",
                                       .locale = std::string(name_of(Locale::zh_cn)),
                                       .subject = rendered.subject,
                                       .text = rendered.text,
                                       .html = rendered.html,
                                       .data = values});
    auto noted = in_transaction(ports_.database, "notification_sent", [&](UnitOfWork& unit) {
        return sent.has_value()
                   ? unit.notifications().mark_sent(claimed.id, ports_.clock.now())
                   : unit.notifications().mark_failed(claimed.id, sent.error().message);
    });
    if (sent.has_error()) return sent;
    return noted;
}

}  // namespace rb::core
