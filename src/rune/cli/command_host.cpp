#include "rune/cli/command_host.hpp"

#include "rune/cli/format_command.hpp"
#include "rune/cli/repl.hpp"
#include "rune/cli/run_options.hpp"
#include "rune/cli/script_file.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace rb::rune::cli {
namespace {

void add_file(CLI::App& command, RunOptions& options) {
    command.add_option("file", options.file, "The script; - reads the standard input")->required();
    command.add_flag("--script", options.script_mode,
                     "The file is the body of main instead of a list of items");
}

void add_limits(CLI::App& command, RunOptions& options) {
    command.add_option("--budget", options.budget, "Instructions, 0: no limit")
        ->check(CLI::NonNegativeNumber);
    command.add_option("--memory", options.memory_mebibytes, "Mebibytes of values")
        ->check(CLI::Range(1, 65536))
        ->capture_default_str();
    command.add_option("--depth", options.depth, "Calls inside each other")
        ->check(CLI::Range(1, 1000000))
        ->capture_default_str();
    command.add_option("--timeout-ms", options.timeout_ms, "Milliseconds, 0: no limit")
        ->check(CLI::NonNegativeNumber);
}

}  // namespace

void CommandHost::add_options(CLI::App&) {}

void CommandHost::add_commands(CLI::App&) {}

std::optional<std::string> CommandHost::prepare(const std::string&) {
    return std::nullopt;
}

std::optional<std::string> CommandHost::objection(const Unit&, const std::string&,
                                                  const std::string&) {
    return std::nullopt;
}

int rune_command(int argc, char** argv, CommandHost& host) {
    RunOptions options{.host = &host};
    FormatOptions format;

    CLI::App app("Checks, runs and tests Rune scripts");
    app.require_subcommand(1);
    app.footer("Exit code: 0 success, 1 compile error, 2 run-time error or failed test, 3 usage.");

    CLI::App& check = *app.add_subcommand("check", "Compile a script and report what is wrong");
    add_file(check, options);
    check.add_flag("--json", options.json, "Print the diagnostics as one JSON object");

    CLI::App& run = *app.add_subcommand("run", "Call main and print what it returns");
    add_file(run, options);
    run.add_option("arguments", options.arguments, "Texts passed to main");
    run.add_flag("--json", options.json,
                 "Print one JSON object; what the script prints goes to the standard error");
    add_limits(run, options);
    host.add_options(run);

    CLI::App& test = *app.add_subcommand("test", "Run the functions marked #[test]");
    add_file(test, options);
    test.add_option("--filter", options.filter, "Only tests whose path contains this");
    test.add_flag("--json", options.json, "Print one JSON object");
    add_limits(test, options);
    host.add_options(test);

    CLI::App& fmt = *app.add_subcommand("fmt", "Indent scripts and tidy their blank space");
    fmt.add_option("files", format.files, "The scripts; - reads the standard input")->required();
    fmt.add_flag("--check", format.check, "Change nothing; exit 1 when a file would change");

    CLI::App& repl = *app.add_subcommand("repl", "Evaluate line by line");
    add_limits(repl, options);

    host.add_commands(app);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? exit_ok : exit_usage;
    }
    if (const auto problem = host.prepare(options.file)) {
        std::cerr << "rune: " << *problem << '\n';
        return exit_usage;
    }
    if (const auto exit_code = host.run_own()) return *exit_code;
    if (check.parsed()) return run_check(options);
    if (run.parsed()) return run_main(options);
    if (test.parsed()) return run_tests(options);
    if (fmt.parsed()) return run_format(format);
    return run_repl(options, std::cin, std::cout);
}

}  // namespace rb::rune::cli
