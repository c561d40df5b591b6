// A password that does not stand on the command line, where every user of the machine could read
// it.

#pragma once

#include "base/result.hpp"

#include <string>

namespace rb::cli {

// From a terminal: asked for without echo, twice. Else: the first line of standard input.
// ERRORS: invalid_argument  the two differ; there is no input
Result<std::string> read_password();

}  // namespace rb::cli
