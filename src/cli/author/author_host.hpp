// What the command `rune` offers authors of plugins besides the language: the host modules, over a
// world that answers the same every time (offline_world.hpp), and a way to capture real traffic.
//
//   rune check plugins/x.rn                   also the manifest, its grants and needed functions
//   rune test plugins/x.rn [--cassette TAPE]  each #[test] with a world of its own; a cassette
//   beside
//                                             the script, x.cassette.json, needs no option
//   rune record plugins/x.rn FUNCTION …       one call against the real peer, onto a cassette

#pragma once

#include "rune/cli/command_host.hpp"

#include "cli/author/record_call.hpp"

#include <optional>
#include <string>

namespace rb::cli {

class AuthorHost final : public rune::cli::CommandHost {
public:
    [[nodiscard]] std::vector<rune::Module> modules() const override;
    void add_options(CLI::App& command) override;
    void add_commands(CLI::App& app) override;
    std::optional<int> run_own() override;
    std::optional<std::string> prepare(const std::string& file) override;
    std::shared_ptr<void> new_state() override;
    std::optional<std::string> objection(const rune::Unit& unit, const std::string& file,
                                         const std::string& text) override;

private:
    std::string cassette_file_;
    // What it holds; empty when none was given.
    std::string cassette_;
    RecordOptions record_;
    const CLI::App* record_command_ = nullptr;
};

}  // namespace rb::cli
