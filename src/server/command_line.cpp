#include "server/command_line.hpp"

#include <string_view>

namespace rb::server {

Result<Command> parse_command_line(std::span<const char* const> arguments) {
    if (arguments.empty()) return Command::serve;
    const std::string_view first = arguments.front();
    if (arguments.size() == 1) {
        if (first == "--check-config") return Command::check_config;
        if (first == "--version" || first == "-V") return Command::show_version;
        if (first == "--help" || first == "-h") return Command::show_help;
    }
    return Error{ErrorCode::invalid_argument,
                 "unknown argument " + std::string(arguments.size() == 1 ? first : arguments[1]) +
                     "; rustbill-server --help lists what there is"};
}

std::string help_text() {
    return R"(rustbill-server: sells servers, on one port.

usage: rustbill-server                  serve until SIGTERM or Ctrl-C
       rustbill-server --check-config   read the configuration and say what is wrong with it
       rustbill-server --version
       rustbill-server --help

It reads config.toml and config.local.toml in the working directory; config.example.toml explains
every key.

environment: CONFIG_FILE, LOCAL_CONFIG_FILE   other paths for the two files
             DATABASE_URL                     stands over [db].url
             RUST_LOG                         what is logged: info, rustbill_server=debug, warn, ...
             RUST_LOG_FORMAT=json             one JSON object per line instead of text
)";
}

}  // namespace rb::server
