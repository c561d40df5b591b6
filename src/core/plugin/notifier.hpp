// The port to whoever tells people things: mail, a webhook. Threads, lifetime and errors as in
// provider.hpp and plugin_call.hpp.

#pragma once

#include "base/result.hpp"

#include "core/plugin/plugin_call.hpp"
#include "core/plugin/provider.hpp"

#include <string>

namespace rb::core {

enum class NotifierChannel { email, webhook };

struct Notification {
    // The same id when it is sent again.
    IdempotencyKey key;
    std::string template_name;  // "order.active"
    std::string recipient;      // an address, or empty for a channel with a fixed target
    std::string locale;         // zh-CN or en
    std::string subject;
    std::string text;
    std::string html;
    StringMap data;
};

class Notifier {
public:
    virtual ~Notifier() = default;

    [[nodiscard]] virtual const std::string& id() const = 0;
    [[nodiscard]] virtual NotifierChannel channel() const = 0;
    virtual Result<> send(const Notification& notification) = 0;
    virtual Result<Health> health() = 0;
};

}  // namespace rb::core
