// The world in which an author's tests run: everything a plugin can ask of it answers the same
// every time, and nothing reaches outside.
//
//   clock   stands still at 2027-01-15T08:00:00Z
//   random  counts up
//   kv      empty, in memory
//   http    answers from a cassette, or refuses
//   libvirt no URI is granted, so every call is refused
//   log     writes to the standard error

#pragma once

#include "core/ports/clock.hpp"
#include "core/ports/log.hpp"
#include "core/ports/random_source.hpp"

#include "plugin/host/call_state.hpp"
#include "plugin/http/cassette.hpp"
#include "plugin/kv/memory_kv_store.hpp"
#include "plugin/libvirt/libvirt_client.hpp"
#include "plugin/script_engine.hpp"

#include <memory>
#include <string>

namespace rb::cli {

class StoppedClock final : public core::Clock {
public:
    [[nodiscard]] core::Timestamp now() const override {
        return core::Timestamp(std::chrono::seconds(1'800'000'000));
    }
};

class CountingRandom final : public core::RandomSource {
public:
    void fill(std::span<std::uint8_t> bytes) override;

private:
    std::uint8_t next_ = 0;
};

// "[warn] text" lines on the standard error.
class TerminalLog final : public core::Log {
public:
    [[nodiscard]] bool is_on(core::LogLevel level, std::string_view target) const override;
    void write(core::LogLevel level, std::string_view target, std::string_view message,
               core::LogFields fields) override;
};

// Says that there is no network.
class NoNetwork final : public plugin::HttpClient {
public:
    plugin::HttpResult send(const plugin::HttpRequest& request,
                            const plugin::HttpPolicy& policy) override;
};

class OfflineWorld {
public:
    // Without a cassette no request is answered.
    // ERRORS: invalid_argument  not a cassette
    static Result<std::shared_ptr<OfflineWorld>> create(const std::string& cassette);
    explicit OfflineWorld(std::unique_ptr<plugin::HttpClient> http);
    OfflineWorld(const OfflineWorld&) = delete;
    OfflineWorld& operator=(const OfflineWorld&) = delete;

    // For VmOptions::host_state.
    [[nodiscard]] plugin::CallState& state() { return state_; }
    [[nodiscard]] const plugin::ScriptWorld& world() const { return world_; }

private:
    TerminalLog log_;
    StoppedClock clock_;
    CountingRandom random_;
    plugin::MemoryKvStore kv_;
    std::unique_ptr<plugin::HttpClient> http_;
    plugin::LibvirtClient libvirt_{log_};
    plugin::ScriptWorld world_;
    plugin::CallState state_;
};

}  // namespace rb::cli
