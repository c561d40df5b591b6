#include "cli/author/author_host.hpp"

#include "rune/cli/script_file.hpp"

#include "plugin/host/host_modules.hpp"
#include "plugin/host/module_names.hpp"

#include "cli/author/offline_world.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>

namespace rb::cli {

std::vector<rune::Module> AuthorHost::modules() const {
    std::vector<rune::Module> modules;
    for (const auto name : plugin::host_module_names) {
        for (auto& module : plugin::host_modules(name)) modules.push_back(std::move(module));
    }
    return modules;
}

void AuthorHost::add_options(CLI::App& command) {
    command.add_option("--cassette", cassette_file_,
                       "Answers of host::http, as `rune record` wrote them; also FILE with "
                       ".cassette.json for .rn. Without one there is no network");
}

void AuthorHost::add_commands(CLI::App& app) {
    auto& record = *app.add_subcommand(
        "record", "Call a function of a plugin against its real peer and keep the traffic");
    record.add_option("file", record_.file, "The plugin")->required();
    record.add_option("function", record_.function, "The function; gets the configuration first")
        ->required();
    record.add_option("arguments", record_.arguments, "Its other arguments, each a JSON text");
    record.add_option("--config", record_.config_file, "The configuration, a file of JSON");
    record.add_option("--out", record_.cassette_file, "Where the cassette goes")->required();
    record_command_ = &record;
}

std::optional<int> AuthorHost::run_own() {
    if (record_command_ == nullptr || !record_command_->parsed()) return std::nullopt;
    return record_call(record_);
}

std::optional<std::string> AuthorHost::prepare(const std::string& file) {
    if (cassette_file_.empty()) {
        const auto beside = std::filesystem::path(file).replace_extension(".cassette.json");
        if (file.empty() || !std::filesystem::exists(beside)) return std::nullopt;
        cassette_file_ = beside.string();
    }
    auto text = rune::cli::read_source(cassette_file_);
    if (!text) return "cannot read " + cassette_file_;
    const auto world = OfflineWorld::create(*text);
    if (world.has_error()) return cassette_file_ + ": " + world.error().message;
    cassette_ = std::move(*text);
    return std::nullopt;
}

std::shared_ptr<void> AuthorHost::new_state() {
    // prepare() has read the same text.
    auto world = OfflineWorld::create(cassette_);
    ASSERT(world.has_value());
    auto* state = &(*world)->state();
    return std::shared_ptr<plugin::CallState>(std::move(*world), state);
}

std::optional<std::string> AuthorHost::objection(const rune::Unit& unit, const std::string& file,
                                                 const std::string& text) {
    if (!rune::has_function(unit, "manifest")) return std::nullopt;
    const auto world = OfflineWorld::create("");
    ASSERT(world.has_value());
    plugin::ScriptEngine engine((*world)->world());
    const std::filesystem::path path(file);
    const auto loaded = engine.load("", "", path.filename().string(), text);
    if (loaded.has_error()) return loaded.error().message;
    const auto& id = plugin::manifest_of(**loaded).id;
    if (file != "-" && id != path.stem().string()) {
        return "the manifest says it is " + id + "; the file must be called " + id + ".rn";
    }
    return std::nullopt;
}

}  // namespace rb::cli
