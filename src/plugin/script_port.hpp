// What the three typed adapters share: one version of one interface, and how its functions are
// called. Immutable; thread-safe.

#pragma once

#include "base/result.hpp"

#include "core/plugin/provider.hpp"

#include "plugin/answer_reader.hpp"
#include "plugin/json.hpp"
#include "plugin/script_engine.hpp"

#include <memory>
#include <string>
#include <vector>

namespace rb::plugin {

struct PortOptions {
    // Must outlive the port.
    ScriptEngine* engine = nullptr;
    std::shared_ptr<const LoadedScript> script;
    std::string interface_id;
    std::string interface_name;
    // Secrets in clear.
    Json config = Json::object();
};

class ScriptPort {
public:
    explicit ScriptPort(PortOptions options) : options_(std::move(options)) {}

    [[nodiscard]] const std::string& id() const { return options_.interface_id; }
    [[nodiscard]] const std::string& name() const { return options_.interface_name; }
    [[nodiscard]] const Manifest& manifest() const { return manifest_of(*options_.script); }
    // "provider-x.open", for messages.
    [[nodiscard]] std::string full_name(const std::string& function) const {
        return manifest().id + "." + function;
    }

    [[nodiscard]] Result<Json> ask(const std::string& function,
                                   std::vector<Json> arguments = {}) const;
    [[nodiscard]] Result<Json> change(const std::string& function,
                                      std::vector<Json> arguments) const;
    // The answer of `health`; a plugin that does not declare it is healthy when it compiles.
    [[nodiscard]] Result<core::Health> health() const;
    // The plugin does not declare the capability.
    [[nodiscard]] Error not_declared(std::string_view capability) const;
    // What a changing call's malformed answer means: the thing may have been done.
    static Error after_change(Error error);

private:
    PortOptions options_;
};

Json json_of(const core::StringMap& map);

}  // namespace rb::plugin
