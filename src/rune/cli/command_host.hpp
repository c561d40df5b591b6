// What a host adds to the command of script authors: its modules, and what stands behind them.
//
//   class ShopHost final : public CommandHost { … };
//   int main(int argc, char** argv) { ShopHost shop; return rune_command(argc, argv, shop); }
//
// A CommandHost that overrides nothing is the language by itself.

#pragma once

#include "rune/embed.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace rb::rune::cli {

class CommandHost {
public:
    virtual ~CommandHost() = default;

    // Modules besides those of rune/modules/modules.hpp.
    [[nodiscard]] virtual std::vector<Module> modules() const { return {}; }
    // Options of `rune run` and `rune test` that are the host's own.
    virtual void add_options(CLI::App& command);
    // Subcommands that are the host's own.
    virtual void add_commands(CLI::App& app);
    // Runs the host's own subcommand when one was given, and answers the exit code.
    virtual std::optional<int> run_own() { return std::nullopt; }
    // Called once before the script runs. Answers what is wrong with the host's options; then
    // nothing runs.
    virtual std::optional<std::string> prepare(const std::string& file);
    // What belongs to one execution (VmOptions::host_state); each #[test] gets one of its own.
    virtual std::shared_ptr<void> new_state() { return nullptr; }
    // What the host itself has against a script that compiles; for `rune check`.
    virtual std::optional<std::string> objection(const Unit& unit, const std::string& file,
                                                 const std::string& text);
};

// The whole command; answers its exit code (ExitCode, script_file.hpp).
int rune_command(int argc, char** argv, CommandHost& host);

}  // namespace rb::rune::cli
