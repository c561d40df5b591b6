// What we tell people, and in which words: Chinese and English. The words stand in templates.def.
// Pure.

#pragma once

#include "base/result.hpp"

#include "core/plugin/plugin_call.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace rb::core {

enum class NotificationTemplate {
#define RB_NOTIFICATION(value, name, fields, zh_subject, zh_text, en_subject, en_text) value,
#include "core/notification/templates.def"
#undef RB_NOTIFICATION
};

// "order.active", as events and the notifications table spell it.
std::string_view name_of(NotificationTemplate which);
std::span<const NotificationTemplate> all_notification_templates();
// Nothing for a name that is none.
std::optional<NotificationTemplate> find_notification_template(std::string_view name);
// The values a template needs, by name.
std::span<const std::string_view> fields_of(NotificationTemplate which);

enum class Locale { zh_cn, en };
// `zh-CN` or `en`.
std::string_view name_of(Locale locale);

struct RenderedNotification {
    std::string subject;
    std::string text;
    // The same as paragraphs; every value is escaped.
    std::string html;
};

// A value's line breaks are kept in the text and become blanks in the subject: what a customer
// wrote must not become a header of a mail. ERRORS: invalid_argument  a value the template needs is
// missing; the field names it
Result<RenderedNotification> render(NotificationTemplate which, Locale locale,
                                    const StringMap& values);

// Both languages one below the other, Chinese first: for readers whose language nobody knows.
// ERRORS: as render
Result<RenderedNotification> render_bilingual(NotificationTemplate which, const StringMap& values);

}  // namespace rb::core
