// A second, independent meaning of integer expressions: random trees, their value by the rules of
// the language written down once more, and their text with every parenthesis or only those that the
// table of precedences demands.

#pragma once

#include "rune/runtime_error.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace rb::rune::model {

enum class Op : std::uint8_t {
    literal,
    negate,
    add,
    sub,
    mul,
    div,
    rem,
    shl,
    shr,
    band,
    bxor,
    bor
};

struct Node {
    Op op = Op::literal;
    std::int64_t literal = 0;
    std::shared_ptr<const Node> left = {};
    // Null for negate.
    std::shared_ptr<const Node> right = {};
};

// The value, or the kind of the error that ends the script.
using Outcome = std::variant<std::int64_t, ErrorKind>;
Outcome evaluate(const Node& node);

// "+" for add.
std::string_view symbol_of(Op op);

enum class Parentheses : std::uint8_t { all, needed };
std::string text_of(const Node& node, Parentheses parentheses);

}  // namespace rb::rune::model
