// Words and signs of other languages that authors write by habit, and what Rune has instead. For
// hints only. Engine-internal.

#pragma once

#include <string_view>

namespace rb::rune {

// "write `else if`" for `elif`; empty for words that mean nothing elsewhere.
std::string_view hint_for_foreign_word(std::string_view word);

}  // namespace rb::rune
