#include "plugin/plugin_scanner.hpp"

#include "plugin/crypto/digest.hpp"
#include "plugin/limits.hpp"

#include <algorithm>
#include <fstream>
#include <utility>

namespace rb::plugin {

using core::PluginDefinition;

namespace {

namespace fs = std::filesystem;

constexpr std::string_view scanner_log_target = "rustbill_server::plugin_scanner";

std::optional<std::string> read_file(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return std::nullopt;
    // One byte more than fits tells a file that is too large from one that just fits.
    std::string content(script_source_bytes_max + 1, '\0');
    stream.read(content.data(), static_cast<std::streamsize>(content.size()));
    if (stream.bad()) return std::nullopt;
    content.resize(static_cast<std::size_t>(stream.gcount()));
    return content;
}

core::Timestamp timestamp_of(fs::file_time_type time) {
    const auto system = std::chrono::file_clock::to_sys(time);
    return std::chrono::time_point_cast<std::chrono::microseconds>(system);
}

std::vector<fs::path> scripts_in(const fs::path& directory, std::error_code& error) {
    std::vector<fs::path> files;
    for (auto it = fs::directory_iterator(directory, error);
         !error && it != fs::directory_iterator(); it.increment(error)) {
        if (it->path().extension() == ".rn" && it->is_regular_file(error)) {
            files.push_back(it->path());
        }
    }
    std::ranges::sort(files);
    return files;
}

}  // namespace

PluginScanner::PluginScanner(fs::path plugins_dir, ScriptEngine& engine,
                             core::PluginDefinitionStore& definitions, core::Log& log)
    : plugins_dir_(std::move(plugins_dir)), engine_(engine), definitions_(definitions), log_(log) {}

Result<ScanReport> PluginScanner::scan() {
    ScanReport report;
    std::error_code error;
    const auto files = scripts_in(plugins_dir_, error);
    if (error) {
        log_.warn(scanner_log_target, "plugins_dir cannot be read",
                  {{"plugins_dir", plugins_dir_.string()}, {"error", error.message()}});
        return report;
    }
    for (const auto& file : files) {
        ++report.files;
        switch (TRY(scan_file(file))) {
            case Outcome::saved:
                ++report.saved;
                break;
            case Outcome::unchanged:
                ++report.unchanged;
                break;
            case Outcome::failed:
                ++report.failed;
                break;
        }
    }
    // The first pass belongs to the start and is always told of (operations manual 7.3).
    if (std::exchange(is_first_pass_, false) || report.saved > 0 || report.failed > 0) {
        log_.info(scanner_log_target, "plugins scanned",
                  {{"files", report.files}, {"saved", report.saved}, {"failed", report.failed}});
    }
    return report;
}

Result<PluginScanner::Outcome> PluginScanner::scan_file(const fs::path& file) {
    std::error_code error;
    const auto plugin_id = file.stem().string();
    const auto modified = fs::last_write_time(file, error);
    if (error) return report(file, plugin_id, "cannot be read: " + error.message());
    const auto seen = seen_.find(file.string());
    if (seen != seen_.end() && seen->second == modified) return Outcome::unchanged;

    const auto source = read_file(file);
    if (!source) return report(file, plugin_id, "cannot be read");
    const auto script = engine_.load("", "", file.filename().string(), *source);
    if (script.has_error()) {
        seen_[file.string()] = modified;
        return report(file, plugin_id, script.error().message);
    }
    const auto& manifest = manifest_of(**script);
    if (manifest.id != plugin_id) {
        seen_[file.string()] = modified;
        return report(file, plugin_id, "its manifest says it is " + manifest.id);
    }
    PluginDefinition definition{.plugin_id = manifest.id,
                                .type = manifest.type,
                                .name = manifest.name,
                                .description = manifest.description,
                                .version = manifest.version,
                                .manifest = manifest.source.dump(),
                                .config_schema = manifest.config_schema.dump(),
                                .script_source = *source,
                                .source_hash = digest(HashAlgorithm::sha256, *source),
                                .file_mtime = timestamp_of(modified)};
    const auto stored = TRY(definitions_.find_definition(manifest.id));
    const bool is_same =
        stored && stored->source_hash == definition.source_hash && stored->load_error.empty();
    const bool written = !is_same && TRY(definitions_.save_definition(definition));
    seen_[file.string()] = modified;
    if (!written) return Outcome::unchanged;
    log_.info(scanner_log_target, stored ? "plugin updated" : "plugin added",
              {{"plugin", manifest.id}, {"version", manifest.version}});
    return Outcome::saved;
}

Result<PluginScanner::Outcome> PluginScanner::report(const fs::path& file,
                                                     std::string_view plugin_id,
                                                     const std::string& problem) {
    log_.warn(scanner_log_target, "plugin file does not load",
              {{"file", file.filename().string()}, {"error", problem}});
    // No row can have a name that is no id, and the database takes none that is no UTF-8.
    if (is_plugin_id(plugin_id)) TRY(definitions_.save_load_error(plugin_id, problem));
    return Outcome::failed;
}

}  // namespace rb::plugin
