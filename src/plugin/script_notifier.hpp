// Notifier over a script; see script_provider.hpp. The channel is the capability it declares.

#pragma once

#include "core/plugin/notifier.hpp"

#include "plugin/script_port.hpp"

namespace rb::plugin {

class ScriptNotifier final : public core::Notifier {
public:
    explicit ScriptNotifier(PortOptions options);

    [[nodiscard]] const std::string& id() const override { return port_.id(); }
    [[nodiscard]] core::NotifierChannel channel() const override { return channel_; }
    Result<> send(const core::Notification& notification) override;
    Result<core::Health> health() override { return port_.health(); }

private:
    ScriptPort port_;
    core::NotifierChannel channel_ = core::NotifierChannel::webhook;
};

}  // namespace rb::plugin
