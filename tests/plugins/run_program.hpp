// A program a test asks something of.

#pragma once

#include <string>
#include <vector>

namespace rb::test {

struct ProgramEnd {
    // -1: it could not be started, or a signal ended it.
    int status = -1;
    std::string output = {};
    std::string errors = {};
};

// Runs it to its end. `words`: its name, looked for in PATH, and its arguments.
ProgramEnd run_program(std::vector<std::string> words);

}  // namespace rb::test
