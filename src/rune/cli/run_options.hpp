// The options of `rune run` and `rune test`.

#pragma once

#include "rune/cli/command_host.hpp"
#include "rune/limits.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rb::rune::cli {

// Wider than what a plugin gets: the author runs his own script on his own machine.
struct RunOptions {
    // Outlives the command.
    CommandHost* host = nullptr;
    std::string file = {};
    std::vector<std::string> arguments = {};
    bool json = false;
    bool script_mode = false;
    // 0: no limit.
    std::int64_t budget = 0;
    std::size_t memory_mebibytes = 512;
    int depth = 10'000;
    // 0: no limit.
    std::int64_t timeout_ms = 0;
    // Only tests whose path contains this.
    std::string filter = {};

    // The deadline counts from this call.
    [[nodiscard]] Limits limits() const;
};

// Each returns the command's exit code.
int run_check(const RunOptions& options);
int run_main(const RunOptions& options);
int run_tests(const RunOptions& options);

}  // namespace rb::rune::cli
