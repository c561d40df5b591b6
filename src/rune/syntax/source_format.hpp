// format_source(): a script with its lines indented by their brackets and its blank space tidied.
//
// Lines keep their order and content: only leading and trailing blanks, runs of empty lines and the
// end of the text change. Lines that start inside a text literal or a comment are left alone. What
// was formatted once does not change again.

#pragma once

#include "rune/diagnostics.hpp"

#include <string>

namespace rb::rune {

// Reports to `sink` what is no token; the text is then returned as it was.
std::string format_source(const std::string& text, DiagnosticSink& sink);

}  // namespace rb::rune
