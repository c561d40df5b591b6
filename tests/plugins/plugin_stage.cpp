#include "plugins/plugin_stage.hpp"

#include "plugin/config_schema.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace rb::test {

using plugin::Json;
using plugin::PortOptions;

core::Timestamp SystemStageClock::now() const {
    return std::chrono::time_point_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now());
}

void StageLog::write(core::LogLevel level, std::string_view, std::string_view message,
                     core::LogFields fields) {
    std::string line = level == core::LogLevel::warn ? "warn " : "";
    line += message;
    for (const auto& field : fields) line += " " + std::string(field.name) + "=" + field.value;
    const std::lock_guard lock(mutex_);
    lines_.push_back(line);
}

int StageLog::count(std::string_view text) const {
    const std::lock_guard lock(mutex_);
    return static_cast<int>(std::ranges::count_if(
        lines_, [&](const std::string& line) { return line.find(text) != std::string::npos; }));
}

std::string plugin_source(const std::string& id) {
    std::ifstream file("plugins/" + id + ".rn");
    std::ostringstream text;
    text << file.rdbuf();
    EXPECT_FALSE(text.str().empty()) << "plugins/" << id << ".rn, from the top of the tree";
    return text.str();
}

PluginStage::PluginStage() : engine({log, clock, random, kv, curl, libvirt}) {}

PluginStage::PluginStage(plugin::HttpClient& http, plugin::ScriptLimits limits)
    : engine({log, clock, random, kv, http, libvirt}, limits) {}

PluginStage::PluginStage(plugin::HttpClient& http, core::Clock& real_clock)
    : engine({log, real_clock, random, kv, http, libvirt}) {}

PortOptions PluginStage::load_text(const std::string& source, const std::string& config) {
    auto script = engine.load("", "", "plugin.rn", source);
    EXPECT_TRUE(script.has_value()) << script.error().message;
    auto checked =
        plugin::apply_schema(plugin::manifest_of(**script).config_schema, Json::parse(config));
    EXPECT_TRUE(checked.has_value()) << checked.error().message;
    return {.engine = &engine,
            .script = *script,
            .interface_id = "stage",
            .interface_name = "Stage",
            .config = std::move(*checked)};
}

PortOptions PluginStage::load(const std::string& id, const std::string& config) {
    return load_text(plugin_source(id), config);
}

std::shared_ptr<core::Provider> PluginStage::provider(const std::string& id,
                                                      const std::string& config) {
    return std::make_shared<plugin::ScriptProvider>(load(id, config));
}

std::shared_ptr<core::Gateway> PluginStage::gateway(const std::string& id,
                                                    const std::string& config) {
    return std::make_shared<plugin::ScriptGateway>(load(id, config));
}

std::shared_ptr<core::Notifier> PluginStage::notifier(const std::string& id,
                                                      const std::string& config) {
    return std::make_shared<plugin::ScriptNotifier>(load(id, config));
}

}  // namespace rb::test
