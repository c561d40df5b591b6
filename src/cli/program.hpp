// The program without its main(): arguments, environment and streams come from outside, so that a
// test can be the operator.

#pragma once

#include "config/config_file.hpp"

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

namespace rb::cli {

struct Surroundings {
    config::Environment environment;
    // Asked when --password is not given.
    std::function<Result<std::string>()> read_password;
    std::ostream& out;
    std::ostream& err;
};

// `arguments`: without the program's name. Gives the exit code (commands.hpp).
int run_program(const std::vector<std::string>& arguments, const Surroundings& surroundings);

}  // namespace rb::cli
