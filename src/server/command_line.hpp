// The command line of rustbill-server.

#pragma once

#include "base/result.hpp"

#include <span>
#include <string>

namespace rb::server {

enum class Command { serve, check_config, show_version, show_help };

// ERRORS: invalid_argument  an argument is not known
Result<Command> parse_command_line(std::span<const char* const> arguments);

std::string help_text();

}  // namespace rb::server
