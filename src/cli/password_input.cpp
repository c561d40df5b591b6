#include "cli/password_input.hpp"

#include <termios.h>
#include <unistd.h>

#include <iostream>

namespace rb::cli {

namespace {

// Switches the terminal's echo off until it ends.
class SilentTerminal {
public:
    SilentTerminal() {
        is_changed_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
        if (!is_changed_) return;
        auto silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
    ~SilentTerminal() {
        if (is_changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    }
    SilentTerminal(const SilentTerminal&) = delete;
    SilentTerminal& operator=(const SilentTerminal&) = delete;

private:
    termios before_{};
    bool is_changed_ = false;
};

Result<std::string> read_line() {
    std::string line;
    if (!std::getline(std::cin, line)) {
        return invalid_field("password", "give it with --password, or on standard input");
    }
    if (!line.empty() && line.back() == '\r') line.pop_back();
    return line;
}

Result<std::string> ask(const char* prompt) {
    std::cerr << prompt << std::flush;
    const SilentTerminal silent;
    auto line = read_line();
    std::cerr << '\n';
    return line;
}

}  // namespace

Result<std::string> read_password() {
    if (::isatty(STDIN_FILENO) == 0) return read_line();
    auto first = TRY(ask("Password: "));
    const auto second = TRY(ask("Again: "));
    if (first != second) return invalid_field("password", "the two differ");
    return first;
}

}  // namespace rb::cli
