#include "cli/author/offline_world.hpp"

#include <iostream>

namespace rb::cli {

namespace {

std::string_view word_of(core::LogLevel level) {
    switch (level) {
        case core::LogLevel::trace:
            return "trace";
        case core::LogLevel::debug:
            return "debug";
        case core::LogLevel::info:
            return "info";
        case core::LogLevel::warn:
            return "warn";
        case core::LogLevel::error:
            return "error";
    }
    return {};
}

}  // namespace

void CountingRandom::fill(std::span<std::uint8_t> bytes) {
    for (auto& byte : bytes) byte = next_++;
}

bool TerminalLog::is_on(core::LogLevel, std::string_view) const {
    return true;
}

void TerminalLog::write(core::LogLevel level, std::string_view, std::string_view message,
                        core::LogFields) {
    std::cerr << "[" << word_of(level) << "] " << message << '\n';
}

plugin::HttpResult NoNetwork::send(const plugin::HttpRequest& request, const plugin::HttpPolicy&) {
    return plugin::HttpFailure{.message = request.method + " " + plugin::redacted_url(request.url) +
                                          ": there is no network here; --cassette answers",
                               .is_refusal = true};
}

Result<std::shared_ptr<OfflineWorld>> OfflineWorld::create(const std::string& cassette) {
    if (cassette.empty()) return std::make_shared<OfflineWorld>(std::make_unique<NoNetwork>());
    auto replay = TRY(plugin::ReplayingHttpClient::create(cassette));
    return std::make_shared<OfflineWorld>(
        std::make_unique<plugin::ReplayingHttpClient>(std::move(replay)));
}

OfflineWorld::OfflineWorld(std::unique_ptr<plugin::HttpClient> http)
    : http_(std::move(http)),
      world_{log_, clock_, random_, kv_, *http_, libvirt_, plugin::Mail::refused} {
    state_.world = &world_;
    state_.plugin_id = "author";
    state_.interface_id = "author";
    // The command's own limits end a test.
    state_.deadline = std::chrono::steady_clock::now() + std::chrono::hours(24);
}

}  // namespace rb::cli
