#include "plugin/script_notifier.hpp"

#include <algorithm>

namespace rb::plugin {

ScriptNotifier::ScriptNotifier(PortOptions options) : port_(std::move(options)) {
    const auto& words = port_.manifest().capabilities;
    if (std::ranges::find(words, "email") != words.end()) channel_ = core::NotifierChannel::email;
}

Result<> ScriptNotifier::send(const core::Notification& notification) {
    Json object = Json::object();
    object["key"] = notification.key.text;
    object["template"] = notification.template_name;
    object["recipient"] = notification.recipient;
    object["locale"] = notification.locale;
    object["subject"] = notification.subject;
    object["text"] = notification.text;
    object["html"] = notification.html;
    object["data"] = json_of(notification.data);
    TRY(port_.change("send", {std::move(object)}));
    return {};
}

}  // namespace rb::plugin
