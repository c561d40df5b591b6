#include "core/notification/template.hpp"

#include <array>
#include <vector>

namespace rb::core {

namespace {

struct Words {
    std::string_view subject;
    std::string_view text;
};

struct Definition {
    NotificationTemplate which;
    std::string_view name;
    std::vector<std::string_view> fields;
    Words zh_cn;
    Words en;
};

// The list of templates.def in parentheses becomes a vector.
template <typename... Names>
std::vector<std::string_view> names(Names... list) {
    return {std::string_view(list)...};
}

const std::vector<Definition>& definitions() {
    static const std::vector<Definition> all{
#define RB_NOTIFICATION(value, name, fields, zh_subject, zh_text, en_subject, en_text) \
    Definition{NotificationTemplate::value,                                            \
               name,                                                                   \
               names fields,                                                           \
               {zh_subject, zh_text},                                                  \
               {en_subject, en_text}},
#include "core/notification/templates.def"
#undef RB_NOTIFICATION
    };
    return all;
}

const Definition& definition_of(NotificationTemplate which) {
    return definitions()[static_cast<std::size_t>(which)];
}

std::string one_line(std::string_view text) {
    std::string line(text);
    for (char& c : line) {
        if (c == '\n' || c == '\r' || c == '\t') c = ' ';
    }
    return line;
}

std::string escaped(std::string_view text) {
    std::string html;
    for (const char c : text) {
        switch (c) {
            case '&':
                html += "&amp;";
                break;
            case '<':
                html += "&lt;";
                break;
            case '>':
                html += "&gt;";
                break;
            case '"':
                html += "&quot;";
                break;
            case '\'':
                html += "&#39;";
                break;
            case '\n':
                html += "<br>\n";
                break;
            case '\r':
                break;
            default:
                html += c;
        }
    }
    return html;
}

// Replaces {name} once: what a value brings with it is not looked at again.
Result<std::string> filled(std::string_view pattern, const StringMap& values) {
    std::string text;
    while (!pattern.empty()) {
        const auto open = pattern.find('{');
        text += pattern.substr(0, open);
        if (open == std::string_view::npos) break;
        const auto close = pattern.find('}', open);
        ASSERT(close != std::string_view::npos);
        const std::string name(pattern.substr(open + 1, close - open - 1));
        const auto value = values.find(name);
        if (value == values.end()) return invalid_field(name, "is missing");
        text += value->second;
        pattern.remove_prefix(close + 1);
    }
    return text;
}

}  // namespace

std::string_view name_of(NotificationTemplate which) {
    return definition_of(which).name;
}

std::span<const NotificationTemplate> all_notification_templates() {
    static constexpr auto all = std::to_array<NotificationTemplate>({
#define RB_NOTIFICATION(value, name, fields, zh_subject, zh_text, en_subject, en_text) \
    NotificationTemplate::value,
#include "core/notification/templates.def"
#undef RB_NOTIFICATION
    });
    return all;
}

std::optional<NotificationTemplate> find_notification_template(std::string_view name) {
    for (const auto& definition : definitions()) {
        if (definition.name == name) return definition.which;
    }
    return std::nullopt;
}

std::span<const std::string_view> fields_of(NotificationTemplate which) {
    return definition_of(which).fields;
}

std::string_view name_of(Locale locale) {
    return locale == Locale::en ? "en" : "zh-CN";
}

Result<RenderedNotification> render(NotificationTemplate which, Locale locale,
                                    const StringMap& values) {
    const auto& definition = definition_of(which);
    const auto& words = locale == Locale::en ? definition.en : definition.zh_cn;
    RenderedNotification rendered;
    rendered.subject = one_line(TRY(filled(words.subject, values)));
    rendered.text = TRY(filled(words.text, values));
    rendered.html = "<p>" + escaped(rendered.text) + "</p>\n";
    return rendered;
}

Result<RenderedNotification> render_bilingual(NotificationTemplate which, const StringMap& values) {
    const auto chinese = TRY(render(which, Locale::zh_cn, values));
    const auto english = TRY(render(which, Locale::en, values));
    return RenderedNotification{.subject = chinese.subject + " / " + english.subject,
                                .text = chinese.text + "\n\n" + english.text,
                                .html = chinese.html + english.html};
}

}  // namespace rb::core
