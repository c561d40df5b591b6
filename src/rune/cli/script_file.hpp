// Reading and compiling a script file for the command, with its `mod x;` files beside it.

#pragma once

#include "rune/cli/command_host.hpp"
#include "rune/embed.hpp"

#include <optional>
#include <string>

namespace rb::rune::cli {

// How the command ends. Scripts and editors rely on the numbers.
enum ExitCode : int {
    exit_ok = 0,
    exit_compile_error = 1,
    // Also a failed #[test].
    exit_runtime_error = 2,
    // Bad options, or a file that cannot be read or written.
    exit_usage = 3,
};

// The whole file; nothing when it cannot be read. "-" is the standard input.
std::optional<std::string> read_source(const std::string& path);

// The language with every module the command and the host offer.
std::shared_ptr<const Context> command_context(const CommandHost& host);

Compilation compile_file(const std::string& path, std::string text, bool script_mode,
                         const CommandHost& host);

}  // namespace rb::rune::cli
