// `rune`: the command for script authors, with the modules plugins see. See docs/rune.md and
// docs/plugin-guide.md.

#include "cli/author/author_host.hpp"

int main(int argc, char** argv) {
    rb::cli::AuthorHost host;
    return rb::rune::cli::rune_command(argc, argv, host);
}
