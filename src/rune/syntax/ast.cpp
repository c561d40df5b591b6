#include "rune/syntax/ast.hpp"

namespace rb::rune {

std::string_view text_of(BinaryOp op) {
    constexpr std::string_view texts[] = {"+", "-", "*",  "/",  "%", "<<", ">>", "&",
                                          "^", "|", "==", "!=", "<", ">",  "<=", ">="};
    return texts[static_cast<std::size_t>(op)];
}

}  // namespace rb::rune
