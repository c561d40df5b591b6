// `rune record`: one call of a plugin's function against its real peer, with everything the server
// would hold it to (grants, limits, configuration schema), and its traffic on a cassette.

#pragma once

#include <string>
#include <vector>

namespace rb::cli {

struct RecordOptions {
    std::string file = {};
    std::string function = {};
    // JSON texts.
    std::vector<std::string> arguments = {};
    // Empty: an empty configuration.
    std::string config_file = {};
    std::string cassette_file = {};
};

// Prints the answer as JSON. Answers the command's exit code (rune/cli/script_file.hpp). A cassette
// that is there already gets the traffic added; it is written also when the call failed. Secrets of
// the configuration are never on it.
int record_call(const RecordOptions& options);

}  // namespace rb::cli
