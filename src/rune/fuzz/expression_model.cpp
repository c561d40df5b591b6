#include "rune/fuzz/expression_model.hpp"

#include <limits>

namespace rb::rune::model {
namespace {

constexpr std::int64_t smallest = std::numeric_limits<std::int64_t>::min();

struct OpInfo {
    std::string_view text;
    int level;
};

OpInfo info_of(Op op) {
    switch (op) {
        case Op::mul:
            return {"*", 11};
        case Op::div:
            return {"/", 11};
        case Op::rem:
            return {"%", 11};
        case Op::add:
            return {"+", 10};
        case Op::sub:
            return {"-", 10};
        case Op::shl:
            return {"<<", 9};
        case Op::shr:
            return {">>", 9};
        case Op::band:
            return {"&", 8};
        case Op::bxor:
            return {"^", 7};
        case Op::bor:
            return {"|", 6};
        case Op::negate:
            return {"-", 12};
        case Op::literal:
            return {"", 14};
    }
    return {};
}

Outcome divide(Op op, std::int64_t left, std::int64_t right) {
    if (right == 0 || (left == smallest && right == -1)) return ErrorKind::divide_by_zero;
    return op == Op::div ? left / right : left % right;
}

Outcome apply(Op op, std::int64_t left, std::int64_t right) {
    std::int64_t result = 0;
    switch (op) {
        case Op::add:
            if (__builtin_add_overflow(left, right, &result)) return ErrorKind::overflow;
            return result;
        case Op::sub:
            if (__builtin_sub_overflow(left, right, &result)) return ErrorKind::underflow;
            return result;
        case Op::mul:
            if (__builtin_mul_overflow(left, right, &result)) return ErrorKind::overflow;
            return result;
        case Op::div:
        case Op::rem:
            return divide(op, left, right);
        case Op::shl:
            if (right < 0 || right >= 64) return ErrorKind::overflow;
            return static_cast<std::int64_t>(static_cast<std::uint64_t>(left) << right);
        case Op::shr:
            if (right < 0 || right >= 64) return ErrorKind::underflow;
            return left >> right;
        case Op::band:
            return left & right;
        case Op::bxor:
            return left ^ right;
        default:
            return left | right;
    }
}

// A literal starts with its sign, which stands in for a prefix operator.
int level_of(const Node& node) {
    return node.op == Op::literal && node.literal < 0 ? 12 : info_of(node.op).level;
}

std::string wrapped(const Node& node, bool in_parentheses, Parentheses parentheses) {
    const std::string text = text_of(node, parentheses);
    return in_parentheses ? "(" + text + ")" : text;
}

}  // namespace

Outcome evaluate(const Node& node) {
    if (node.op == Op::literal) return node.literal;
    const Outcome left = evaluate(*node.left);
    if (std::holds_alternative<ErrorKind>(left)) return left;
    if (node.op == Op::negate) {
        const std::int64_t value = std::get<std::int64_t>(left);
        if (value == smallest) return ErrorKind::overflow;
        return -value;
    }
    const Outcome right = evaluate(*node.right);
    if (std::holds_alternative<ErrorKind>(right)) return right;
    return apply(node.op, std::get<std::int64_t>(left), std::get<std::int64_t>(right));
}

std::string_view symbol_of(Op op) {
    return info_of(op).text;
}

std::string text_of(const Node& node, Parentheses parentheses) {
    if (node.op == Op::literal) return std::to_string(node.literal);
    const bool all = parentheses == Parentheses::all;
    const OpInfo info = info_of(node.op);
    if (node.op == Op::negate) {
        // `-5` would fold into a literal and `--` is two operators: both keep their meaning.
        const bool needed = level_of(*node.left) < info.level;
        return "- " + wrapped(*node.left, all || needed, parentheses);
    }
    const bool left_needed = level_of(*node.left) < info.level;
    const bool right_needed = level_of(*node.right) <= info.level;
    return wrapped(*node.left, all || left_needed, parentheses) + " " + std::string(info.text) +
           " " + wrapped(*node.right, all || right_needed, parentheses);
}

}  // namespace rb::rune::model
