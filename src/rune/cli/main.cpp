// The command by itself, without a host's modules. See docs/rune.md.

#include "rune/cli/command_host.hpp"

int main(int argc, char** argv) {
    rb::rune::cli::CommandHost language_alone;
    return rb::rune::cli::rune_command(argc, argv, language_alone);
}
