#include "cli/author/record_call.hpp"

#include "rune/cli/script_file.hpp"

#include "plugin/config_schema.hpp"
#include "plugin/http/cassette.hpp"
#include "plugin/http/curl_http_client.hpp"
#include "plugin/kv/memory_kv_store.hpp"
#include "plugin/libvirt/libvirt_client.hpp"
#include "plugin/script_engine.hpp"

#include "cli/author/offline_world.hpp"
#include "system/openssl_random.hpp"
#include "system/system_clock.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>

namespace rb::cli {

namespace {

using plugin::Json;
using rune::cli::exit_compile_error;
using rune::cli::exit_ok;
using rune::cli::exit_runtime_error;
using rune::cli::exit_usage;

int fail(int exit_code, const std::string& message) {
    std::cerr << "rune: " << message << '\n';
    return exit_code;
}

// Every secret of the configuration, however short: a cassette is made to be shared.
std::vector<std::string> secrets_of(const Json& schema, const Json& config) {
    std::vector<std::string> secrets;
    for (const auto& place : plugin::secret_fields(schema)) {
        if (!config.contains(place)) continue;
        const auto* text = config[place].get_ptr<const std::string*>();
        if (text != nullptr && !text->empty()) secrets.push_back(*text);
    }
    return secrets;
}

Result<Json> read_config(const std::string& file, const Json& schema) {
    std::string text;
    if (!file.empty()) {
        auto content = rune::cli::read_source(file);
        if (!content) return invalid_field("config", "cannot read " + file);
        text = std::move(*content);
    }
    return plugin::apply_schema(schema, TRY(plugin::parse_config(text)));
}

Result<std::vector<Json>> read_arguments(const std::vector<std::string>& texts) {
    std::vector<Json> arguments;
    for (const auto& text : texts) {
        auto argument = Json::parse(text, nullptr, false);
        if (argument.is_discarded()) return invalid_field("arguments", text + " is no JSON");
        arguments.push_back(std::move(argument));
    }
    return arguments;
}

// What the file holds already, and the new exchanges behind it.
// ERRORS: invalid_argument  the file is no cassette
Result<std::string> added_to(const std::string& file, const std::string& recorded) {
    if (!std::filesystem::is_regular_file(file)) return recorded;
    const auto text = rune::cli::read_source(file);
    if (!text) return invalid_field("out", "cannot read " + file);
    TRY(plugin::ReplayingHttpClient::create(*text));
    auto whole = Json::parse(*text);
    const auto added = Json::parse(recorded);
    for (const auto& exchange : added.at("exchanges")) whole["exchanges"].push_back(exchange);
    return whole.dump(2) + "\n";
}

}  // namespace

int record_call(const RecordOptions& options) {
    const auto source = rune::cli::read_source(options.file);
    if (!source) return fail(exit_usage, "cannot read " + options.file);
    TerminalLog log;
    system::SystemClock clock;
    system::OpensslRandom random;
    plugin::MemoryKvStore kv;
    plugin::CurlHttpClient curl(log);
    plugin::LibvirtClient libvirt(log);
    const auto name = std::filesystem::path(options.file).filename().string();

    // The manifest tells which texts are secret, so the script is loaded before anything records.
    plugin::ScriptEngine offline({log, clock, random, kv, curl, libvirt});
    const auto loaded = offline.load("", "", name, *source);
    if (loaded.has_error()) return fail(exit_compile_error, loaded.error().message);
    const auto& schema = plugin::manifest_of(**loaded).config_schema;
    const auto config = read_config(options.config_file, schema);
    if (config.has_error()) return fail(exit_usage, config.error().message);
    auto arguments = read_arguments(options.arguments);
    if (arguments.has_error()) return fail(exit_usage, arguments.error().message);

    plugin::RecordingHttpClient recorder(curl, secrets_of(schema, *config));
    plugin::ScriptEngine engine({log, clock, random, kv, recorder, libvirt});
    const auto answer = engine.call({.script = *loaded,
                                     .interface_id = "author",
                                     .config = *config,
                                     .function = options.function,
                                     .arguments = std::move(*arguments)});
    const auto cassette = added_to(options.cassette_file, recorder.cassette());
    if (cassette.has_error()) return fail(exit_usage, cassette.error().message);
    std::ofstream tape(options.cassette_file);
    tape << *cassette;
    tape.close();
    if (!tape) return fail(exit_usage, "cannot write " + options.cassette_file);
    if (answer.has_error()) return fail(exit_runtime_error, answer.error().message);
    std::cout << answer->dump(2) << '\n';
    return exit_ok;
}

}  // namespace rb::cli
