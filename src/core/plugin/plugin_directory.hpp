// Which providers, gateways and notifiers there are now. Enabled interfaces only, but for
// callbacks.
//
// Thread-safe. A returned object outlives its replacement: a call that runs while a script is
// edited finishes on the version it began with.

#pragma once

#include "core/plugin/gateway.hpp"
#include "core/plugin/notifier.hpp"
#include "core/plugin/plugin_interface.hpp"
#include "core/plugin/provider.hpp"

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace rb::core {

// Whom a callback is for.
struct CallbackGateway {
    std::shared_ptr<Gateway> gateway;
    bool is_enabled = true;
};

// The enabled notifiers.
struct Notifiers {
    std::vector<std::shared_ptr<Notifier>> usable = {};
    // Set when an enabled one cannot be used (plugin_failed), or when nobody knows which there are
    // (unavailable): then somebody is not told, which is something else than having nobody to tell.
    std::optional<Error> failure = {};
};

class PluginDirectory {
public:
    virtual ~PluginDirectory() = default;

    // ERRORS (each find): not_found     there is no enabled interface of that id and kind
    //                     plugin_failed its script does not compile or its configuration does not
    //                     fit
    virtual Result<std::shared_ptr<Provider>> find_provider(std::string_view id) = 0;
    // For a caller who has just read which version there is: saves the directory to ask again.
    virtual Result<std::shared_ptr<Provider>> find_provider(const InterfaceVersion& version) = 0;
    virtual Result<std::shared_ptr<Gateway>> find_gateway(std::string_view id) = 0;
    // Also one that is disabled: what was begun while it was not may still be paid.
    // ERRORS: not_found  there is no gateway of that id, enabled or not; plugin_failed
    virtual Result<CallbackGateway> find_gateway_for_callback(std::string_view id) = 0;
    virtual std::vector<std::shared_ptr<Provider>> providers() = 0;
    virtual std::vector<std::shared_ptr<Gateway>> gateways() = 0;
    virtual Notifiers notifiers() = 0;
    // Whether somebody could be told anything, from memory. False only while no notifier is
    // enabled; one that is enabled on another server is known here when its announcement comes, a
    // moment later.
    [[nodiscard]] virtual bool may_notify() const = 0;
    // The last health check's answer, without asking anew.
    virtual bool is_healthy(std::string_view id) = 0;
};

}  // namespace rb::core
