#include "core/notification/notice.hpp"

#include "core/event/event_store.hpp"
#include "core/unit_of_work.hpp"

namespace rb::core {

namespace {

// Values stand beside the notice's own fields, told apart by this.
constexpr std::string_view value_mark = "value.";

std::string recipient_key(const Notice& notice) {
    if (notice.user) return "user:" + notice.user->to_string();
    if (notice.customer) return "customer:" + notice.customer->to_string();
    return notice.to_operator ? "operator" : notice.recipient;
}

template <typename TypedId>
Result<std::optional<TypedId>> find_id(const StringMap& payload, const std::string& name) {
    const auto found = payload.find(name);
    if (found == payload.end()) return std::optional<TypedId>();
    return std::optional(TRY(TypedId::parse(found->second, name)));
}

}  // namespace

StringMap payload_of(const Notice& notice) {
    StringMap payload{{"template", std::string(name_of(notice.which))}};
    if (!notice.step.empty()) payload["step"] = notice.step;
    if (!notice.recipient.empty()) payload["recipient"] = notice.recipient;
    if (notice.user) payload["user"] = notice.user->to_string();
    if (notice.customer) payload["customer"] = notice.customer->to_string();
    if (notice.to_operator) payload["to_operator"] = "yes";
    for (const auto& [name, value] : notice.values) payload[std::string(value_mark) + name] = value;
    return payload;
}

Result<Notice> notice_from(Uuid subject, const StringMap& payload) {
    const auto text_of = [&](const std::string& name) {
        const auto found = payload.find(name);
        return found == payload.end() ? std::string() : found->second;
    };
    const auto which = find_notification_template(text_of("template"));
    if (!which) return invalid_field("template", "is none of ours: " + text_of("template"));

    Notice notice{.which = *which,
                  .subject = subject,
                  .step = text_of("step"),
                  .recipient = text_of("recipient"),
                  .user = TRY(find_id<UserId>(payload, "user")),
                  .customer = TRY(find_id<CustomerId>(payload, "customer")),
                  .to_operator = payload.contains("to_operator")};
    for (const auto& [name, value] : payload) {
        if (name.starts_with(value_mark)) notice.values[name.substr(value_mark.size())] = value;
    }
    return notice;
}

Result<> enqueue_notice(UnitOfWork& unit, IdSource& ids, const Notice& notice, Timestamp now) {
    return unit.events().enqueue({.id = ids.next_id<EventId>(),
                                  .kind = EventKind::notify,
                                  .subject = notice.subject,
                                  .customer = notice.customer,
                                  .payload = payload_of(notice),
                                  .run_at = now,
                                  .dedupe_key = "notify:" + std::string(name_of(notice.which)) +
                                                ":" + notice.subject.to_string() + ":" +
                                                notice.step + ":" + recipient_key(notice),
                                  .created_at = now});
}

}  // namespace rb::core
