// Text forms: DISPLAY and DEBUG of values, and the padding of format specifications.

#pragma once

#include "rune/syntax/ast.hpp"
#include "rune/value.hpp"

#include <string>
#include <string_view>

namespace rb::rune {

class Vm;

// The DISPLAY form of an inline value; false when it has none (only `()` among them).
bool append_plain(std::string& out, Value value);
// Shortest digits that read back the same: plain from 1e-5 up to below 1e16, else with exponent.
void append_float(std::string& out, double value);
void append_quoted(std::string& out, std::string_view text);
void append_quoted(std::string& out, char32_t scalar);

// One hole of a format string. Raises `format` when the value has no such form.
void append_formatted(Vm& vm, std::string& out, Value value, const FormatSpec& spec);
void append_display(Vm& vm, std::string& out, Value value);
void append_debug(Vm& vm, std::string& out, Value value, int depth);

}  // namespace rb::rune
