// `rune repl`: reads a line, evaluates it, prints the debug form of its value.

#pragma once

#include "rune/cli/run_options.hpp"

#include <iosfwd>

namespace rb::rune::cli {

// Runs until the end of `in` or `:quit`. Items (fn, struct, use, …) are kept for later lines, and
// so are statements: each line runs them again, silently, in front of the new one. A line with an
// open bracket continues on the next.
int run_repl(const RunOptions& options, std::istream& in, std::ostream& out);

}  // namespace rb::rune::cli
