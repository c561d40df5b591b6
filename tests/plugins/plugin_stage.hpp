// A stage for plugins: a script from plugins/ or from a text, loaded and put behind its port
// exactly as the directory does it, over a chosen HTTP client, a clock that stands still, and a
// key-value memory.
//
//     PluginStage stage;
//     auto sandbox = stage.provider("provider-sandbox", "{}");

#pragma once

#include "core/ports/clock.hpp"
#include "core/ports/log.hpp"
#include "core/ports/random_source.hpp"

#include "plugin/http/curl_http_client.hpp"
#include "plugin/kv/memory_kv_store.hpp"
#include "plugin/libvirt/libvirt_client.hpp"
#include "plugin/script_engine.hpp"
#include "plugin/script_gateway.hpp"
#include "plugin/script_notifier.hpp"
#include "plugin/script_provider.hpp"

#include <memory>
#include <string>
#include <vector>

namespace rb::test {

class StageClock final : public core::Clock {
public:
    [[nodiscard]] core::Timestamp now() const override { return time; }
    core::Timestamp time{std::chrono::seconds(1'800'000'000)};
};

class SystemStageClock final : public core::Clock {
public:
    [[nodiscard]] core::Timestamp now() const override;
};

class StageRandom final : public core::RandomSource {
public:
    void fill(std::span<std::uint8_t> bytes) override {
        for (auto& byte : bytes) byte = next_++;
    }

private:
    std::uint8_t next_ = 1;
};

// Keeps what was logged: "warn message name=value …".
class StageLog final : public core::Log {
public:
    [[nodiscard]] bool is_on(core::LogLevel, std::string_view) const override { return true; }
    void write(core::LogLevel level, std::string_view target, std::string_view message,
               core::LogFields fields) override;
    [[nodiscard]] bool holds(std::string_view text) const { return count(text) > 0; }
    // How many lines hold it.
    [[nodiscard]] int count(std::string_view text) const;

private:
    mutable std::mutex mutex_;
    std::vector<std::string> lines_;
};

// The text of plugins/<id>.rn.
std::string plugin_source(const std::string& id);

class PluginStage {
public:
    PluginStage();
    // Over another client than the real one; `http` must outlive the stage.
    explicit PluginStage(plugin::HttpClient& http,
                         plugin::ScriptLimits limits = plugin::default_script_limits());
    // The machine's time instead of a clock that stands still.
    PluginStage(plugin::HttpClient& http, core::Clock& clock);

    // Loads plugins/<id>.rn with that configuration; expects success.
    plugin::PortOptions load(const std::string& id, const std::string& config);
    plugin::PortOptions load_text(const std::string& source, const std::string& config);
    std::shared_ptr<core::Provider> provider(const std::string& id, const std::string& config);
    std::shared_ptr<core::Gateway> gateway(const std::string& id, const std::string& config);
    std::shared_ptr<core::Notifier> notifier(const std::string& id, const std::string& config);

    StageLog log;
    StageClock clock;
    StageRandom random;
    plugin::MemoryKvStore kv;
    plugin::CurlHttpClient curl{log};
    plugin::LibvirtClient libvirt{log};
    plugin::ScriptEngine engine;
};

}  // namespace rb::test
