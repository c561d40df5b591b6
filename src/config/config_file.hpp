// Reads the configuration: config.toml, then config.local.toml over it key by key (an array
// replaces the array below), then DATABASE_URL over [db].url; and where metrics go, from
// OpenTelemetry's variables.
//
//     auto loaded = TRY(load_config(process_environment(), Need::server));
//
// Every refusal is one sentence that names the file and the key, or the variable.

#pragma once

#include "base/result.hpp"

#include "config/config.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace rb::config {

// A variable's value; nothing when it is not set. A test passes its own.
using Environment = std::function<std::optional<std::string>(const char* name)>;
Environment process_environment();

// What must be there: the server needs its secrets, the command line only a database.
enum class Need { server, database };

struct Loaded {
    Config config;
    // What an operator should know though it stops nothing, one sentence each.
    std::vector<std::string> warnings;
};

// CONFIG_FILE and LOCAL_CONFIG_FILE name the files; else config.toml and config.local.toml in the
// working directory. The file CONFIG_FILE names must exist, the one LOCAL_CONFIG_FILE names need
// not (unit files name it for all machines); one of the two must, unless only a database is needed
// and DATABASE_URL gives it. ERRORS: invalid_argument  a file is missing, cannot be read or is not
// TOML (with line and column);
//                           a key is unknown (with the nearest known one), has the wrong type or is
//                           out of range; what `need` asks for is missing or weak
Result<Loaded> load_config(const Environment& environment, Need need);

// One file's text over `config`. `file_name` is for messages.
// ERRORS: as load_config
Result<> apply_toml(std::string_view text, const std::string& file_name, Config& config);

// The rules beyond type and range.
// ERRORS: invalid_argument
Result<> check_config(const Config& config, Need need);

}  // namespace rb::config
