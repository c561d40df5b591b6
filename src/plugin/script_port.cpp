#include "plugin/script_port.hpp"

#include "plugin/config_secrets.hpp"
#include "plugin/limits.hpp"

#include <algorithm>

namespace rb::plugin {

Result<Json> ScriptPort::ask(const std::string& function, std::vector<Json> arguments) const {
    return options_.engine->call({.script = options_.script,
                                  .interface_id = options_.interface_id,
                                  .config = options_.config,
                                  .function = function,
                                  .arguments = std::move(arguments),
                                  .effect = CallEffect::none});
}

Result<Json> ScriptPort::change(const std::string& function, std::vector<Json> arguments) const {
    return options_.engine->call({.script = options_.script,
                                  .interface_id = options_.interface_id,
                                  .config = options_.config,
                                  .function = function,
                                  .arguments = std::move(arguments),
                                  .effect = CallEffect::changes});
}

Result<core::Health> ScriptPort::health() const {
    const auto& words = manifest().capabilities;
    if (std::ranges::find(words, "health") == words.end()) {
        return core::Health{.is_healthy = true, .message = "has no health check"};
    }
    const auto answer = TRY(options_.engine->call({.script = options_.script,
                                                   .interface_id = options_.interface_id,
                                                   .config = options_.config,
                                                   .function = "health",
                                                   .effect = CallEffect::none,
                                                   .deadline = health_deadline}));
    const AnswerReader reader(full_name("health"), answer);
    TRY(reader.check_object());
    if (!reader.has("healthy")) return reader.wrong("healthy", "is missing");
    core::Health health;
    health.is_healthy = TRY(reader.boolean("healthy", false));
    // Administrators and the log see it.
    health.message = without_secrets(TRY(reader.text("message")),
                                     secret_texts(manifest().config_schema, options_.config));
    return health;
}

Error ScriptPort::not_declared(std::string_view capability) const {
    return {ErrorCode::unsupported,
            manifest().id + " does not declare the capability " + std::string(capability)};
}

Error ScriptPort::after_change(Error error) {
    if (error.code == ErrorCode::plugin_failed) error.code = ErrorCode::outcome_unknown;
    return error;
}

Json json_of(const core::StringMap& map) {
    Json object = Json::object();
    for (const auto& [key, value] : map) object[key] = value;
    return object;
}

}  // namespace rb::plugin
