// PluginScanner: brings plugins_dir/*.rn into the table `plugins`, at start and every
// scan_interval (limits.hpp).
//
// A newer file beats an older row; an older file (a server not yet upgraded) leaves a newer row. A
// file that does not compile, has no manifest, or whose name is not its manifest's id is reported
// (WARN and the row's load_error) and harms nothing: the row keeps its last good source.

#pragma once

#include "base/result.hpp"

#include "core/plugin/plugin_store.hpp"
#include "core/ports/log.hpp"

#include "plugin/script_engine.hpp"

#include <filesystem>
#include <map>
#include <string>

namespace rb::plugin {

struct ScanReport {
    std::size_t files = 0;
    std::size_t saved = 0;
    std::size_t unchanged = 0;
    std::size_t failed = 0;
};

class PluginScanner {
public:
    // All must outlive the scanner.
    PluginScanner(std::filesystem::path plugins_dir, ScriptEngine& engine,
                  core::PluginDefinitionStore& definitions, core::Log& log);

    // One pass. Not for two threads at once.
    // ERRORS: unavailable  the database does not answer. A directory that cannot be read is no
    // error
    //                      but a WARN and an empty report: plugins in the database go on working.
    Result<ScanReport> scan();

private:
    enum class Outcome { saved, unchanged, failed };
    Result<Outcome> scan_file(const std::filesystem::path& file);
    Result<Outcome> report(const std::filesystem::path& file, std::string_view plugin_id,
                           const std::string& problem);

    std::filesystem::path plugins_dir_;
    ScriptEngine& engine_;
    core::PluginDefinitionStore& definitions_;
    core::Log& log_;
    bool is_first_pass_ = true;
    // What each file looked like at the last pass, so that an unchanged one costs a stat().
    std::map<std::string, std::filesystem::file_time_type> seen_;
};

}  // namespace rb::plugin
