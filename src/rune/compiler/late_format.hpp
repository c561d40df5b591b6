// Format strings that are constants of the script: `const F = "{}"; println!(F, 1)`. The parser
// cannot know their text, so they are planned when the expression is compiled or evaluated.

#pragma once

#include "rune/compiler/compiler.hpp"
#include "rune/syntax/ast.hpp"

#include <functional>
#include <string_view>

namespace rb::rune {

// Plans the parts of a format whose text refers to items, once. False after an error, which was
// reported; `is_variable` tells which names are no items there.
bool plan_late_format(Compiler& compiler, FormatExpr& format, ItemNode* scope, ItemNode* self_type,
                      const std::function<bool(std::string_view)>& is_variable);

}  // namespace rb::rune
