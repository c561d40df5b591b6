// `rune fmt`: indents scripts by their brackets and tidies blank space.

#pragma once

#include <string>
#include <vector>

namespace rb::rune::cli {

struct FormatOptions {
    std::vector<std::string> files;
    // Change nothing; say which files would change.
    bool check = false;
};

// Returns the command's exit code.
int run_format(const FormatOptions& options);

}  // namespace rb::rune::cli
