// What the fuzz targets do with one input. Each ends the process when the engine breaks a promise;
// the sanitizers find the rest. The regression test runs the same functions over inputs that once
// broke it.

#pragma once

#include <string_view>

namespace rb::rune::fuzz {

// Tokens lie in order inside the text; formatting a second time changes nothing.
void check_lexer(std::string_view text);
// Compiles in both modes; every error has a place inside the text.
void check_parser(std::string_view text);
// Compiles as a script and runs it under tight limits, then calls the machine again: whatever ended
// the first call must leave it usable.
void check_vm(std::string_view text);

}  // namespace rb::rune::fuzz
