// Format strings: `{}` takes the next positional argument, `{0}` and `{name}` the one of that
// number or name, and a name that is no argument a variable in scope. `{{` and `}}` stand for the
// braces. Behind a colon: [[fill]align][sign][#][0][width][.precision][type].

#pragma once

#include "rune/diagnostics.hpp"
#include "rune/syntax/arena.hpp"
#include "rune/syntax/ast.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rb::rune {

using FormatComplaint = std::function<void(Span, std::string)>;
// The value of an expression that is a constant whole number.
using FormatConstant = std::function<std::optional<std::int64_t>(Expr*)>;

// Cuts `text` into the parts of `format`, whose `arguments` and `names` are those that were
// written; its arguments grow by the variables that the text names, which are returned. `constant`
// is asked for the precisions that `.*` takes from arguments. Whatever is wrong is told to
// `complain`, and the parts then mean nothing. `text` must live as long as the arena.
std::vector<std::string_view> plan_format(FormatExpr& format, std::string_view text, Arena& arena,
                                          const FormatComplaint& complain,
                                          const FormatConstant& constant);

}  // namespace rb::rune
