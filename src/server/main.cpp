// rustbill-server. Exit codes: 0 ended in order; 1 the start was refused or the end was cut short;
// 2 the command line was not understood.

#include "transport/limits.hpp"

#include "config/config_file.hpp"
#include "log/stream_log.hpp"
#include "server/app/app.hpp"
#include "server/command_line.hpp"
#include "server/version.hpp"
#include "system/descriptors.hpp"
#include "system/system_clock.hpp"

#include <csignal>
#include <cstdio>
#include <span>

namespace {

using namespace rb;

constexpr int exit_refused = 1;
constexpr int exit_usage = 2;

void say(const std::string& text) {
    std::fputs(text.c_str(), stdout);
}

int refuse(const Error& error) {
    std::fprintf(stderr, "rustbill-server: %s\n", error.message.c_str());
    return exit_refused;
}

int check_config() {
    const auto loaded = config::load_config(config::process_environment(), config::Need::server);
    if (loaded.has_error()) return refuse(loaded.error());
    for (const auto& warning : loaded->warnings) say("warning: " + warning + "\n");
    say("the configuration is complete\n");
    return 0;
}

// Blocked in every thread, so that only wait_for_end() receives them.
sigset_t block_end_signals() {
    std::signal(SIGPIPE, SIG_IGN);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signals;
}

void wait_for_end(const sigset_t& signals) {
    int received = 0;
    while (sigwait(&signals, &received) != 0) {
    }
    // A second Ctrl-C ends a drain that takes too long for whoever presses it.
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

// Each connection is a descriptor; service managers start us with few, which we may raise.
void allow_connections(core::Log& log) {
    using namespace transport::limits;
    const auto allowed = system::allow_descriptors(connections_max + descriptors_reserved);
    if (allowed >= connections_max + descriptors_reserved) return;
    log.warn("rustbill_server", "this process may open few files, so it takes fewer connections",
             {{"descriptors", static_cast<std::int64_t>(allowed)}});
}

int serve() {
    const auto loaded = config::load_config(config::process_environment(), config::Need::server);
    if (loaded.has_error()) return refuse(loaded.error());
    const system::SystemClock clock;
    log::StreamLog log(log::LogOptions::from_environment(), clock);
    // Not through the log: what can be read of RUST_LOG may leave the complaint out.
    for (const auto& directive : log.unreadable_directives()) {
        std::fprintf(stderr, "rustbill-server: RUST_LOG: \"%s\" cannot be read and is left out\n",
                     directive.c_str());
    }
    for (const auto& warning : loaded->warnings) log.warn("rustbill_server::config", warning);

    allow_connections(log);
    const auto signals = block_end_signals();
    auto app = server::App::start(loaded->config, log);
    if (app.has_error()) {
        log.error("rustbill_server", "the start was refused",
                  {{"error", app.error().message}, {"detail", app.error().detail}});
        return refuse(app.error());
    }
    wait_for_end(signals);
    return (*app)->stop() ? 0 : exit_refused;
}

}  // namespace

int main(int argc, char** argv) {
    const auto arguments = std::span(argv, static_cast<std::size_t>(argc));
    const std::vector<const char*> given(arguments.begin() + 1, arguments.end());
    const auto command = server::parse_command_line(given);
    if (command.has_error()) {
        refuse(command.error());
        return exit_usage;
    }
    switch (*command) {
        case server::Command::check_config:
            return check_config();
        case server::Command::show_version:
            say(std::string("rustbill-server ") + server::version + "\n");
            return 0;
        case server::Command::show_help:
            say(server::help_text());
            return 0;
        case server::Command::serve:
            return serve();
    }
    return exit_usage;
}
