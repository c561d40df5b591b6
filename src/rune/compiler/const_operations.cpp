#include "rune/compiler/const_operations.hpp"

#include <cmath>
#include <limits>

namespace rb::rune {

namespace {

template <typename T>
std::optional<T> integer_operation(BinaryOp op, T left, T right, std::string& why) {
    T result{};
    bool overflow = false;
    const bool zero = right == 0;
    const bool negative_overflow =
        std::is_signed_v<T> && left == std::numeric_limits<T>::min() && right == static_cast<T>(-1);
    switch (op) {
        case BinaryOp::add:
            overflow = __builtin_add_overflow(left, right, &result);
            break;
        case BinaryOp::sub:
            overflow = __builtin_sub_overflow(left, right, &result);
            break;
        case BinaryOp::mul:
            overflow = __builtin_mul_overflow(left, right, &result);
            break;
        case BinaryOp::div:
        case BinaryOp::rem:
            if (zero || negative_overflow) {
                why = "division by zero or overflow in a constant";
                return std::nullopt;
            }
            result =
                op == BinaryOp::div ? static_cast<T>(left / right) : static_cast<T>(left % right);
            break;
        case BinaryOp::shl:
        case BinaryOp::shr:
            overflow = right < 0 || right >= 64;
            if (!overflow) {
                result = op == BinaryOp::shl
                             ? static_cast<T>(static_cast<std::uint64_t>(left) << right)
                             : static_cast<T>(left >> right);
            }
            break;
        case BinaryOp::bit_and:
            result = left & right;
            break;
        case BinaryOp::bit_or:
            result = left | right;
            break;
        case BinaryOp::bit_xor:
            result = left ^ right;
            break;
        default:
            break;
    }
    if (overflow) {
        why = "overflow in a constant";
        return std::nullopt;
    }
    return result;
}

template <typename T>
std::optional<ConstValue> compare(BinaryOp op, const T& left, const T& right) {
    switch (op) {
        case BinaryOp::eq:
            return ConstValue{left == right};
        case BinaryOp::ne:
            return ConstValue{left != right};
        case BinaryOp::lt:
            return ConstValue{left < right};
        case BinaryOp::gt:
            return ConstValue{left > right};
        case BinaryOp::le:
            return ConstValue{left <= right};
        case BinaryOp::ge:
            return ConstValue{left >= right};
        default:
            return std::nullopt;
    }
}

// Two numbers of one kind, integers of either sign.
template <typename T>
std::optional<ConstValue> number_operation(BinaryOp op, T left, T right, std::string& why) {
    if (auto result = compare(op, left, right)) return result;
    if (const auto result = integer_operation(op, left, right, why)) return ConstValue{*result};
    return std::nullopt;
}

std::optional<ConstValue> float_operation(BinaryOp op, double left, double right) {
    if (auto result = compare(op, left, right)) return result;
    switch (op) {
        case BinaryOp::add:
            return ConstValue{left + right};
        case BinaryOp::sub:
            return ConstValue{left - right};
        case BinaryOp::mul:
            return ConstValue{left * right};
        case BinaryOp::div:
            return ConstValue{left / right};
        case BinaryOp::rem:
            return ConstValue{std::fmod(left, right)};
        default:
            return std::nullopt;
    }
}

std::optional<ConstValue> bool_operation(BinaryOp op, bool left, bool right) {
    switch (op) {
        case BinaryOp::bit_and:
            return ConstValue{left && right};
        case BinaryOp::bit_or:
            return ConstValue{left || right};
        case BinaryOp::bit_xor:
        case BinaryOp::ne:
            return ConstValue{left != right};
        case BinaryOp::eq:
            return ConstValue{left == right};
        default:
            return std::nullopt;
    }
}

}  // namespace

std::optional<ConstValue> const_operation(BinaryOp op, const ConstValue& left,
                                          const ConstValue& right, std::string& why) {
    why = "unsupported operation `" + std::string(text_of(op)) + "` in a constant";
    if (left.value.index() != right.value.index()) return std::nullopt;
    if (const auto* a = std::get_if<std::int64_t>(&left.value)) {
        return number_operation(op, *a, std::get<std::int64_t>(right.value), why);
    }
    if (const auto* a = std::get_if<std::uint64_t>(&left.value)) {
        return number_operation(op, *a, std::get<std::uint64_t>(right.value), why);
    }
    if (const auto* a = std::get_if<double>(&left.value)) {
        return float_operation(op, *a, std::get<double>(right.value));
    }
    if (const auto* a = std::get_if<std::string>(&left.value)) {
        const auto& b = std::get<std::string>(right.value);
        if (op == BinaryOp::add) return ConstValue{*a + b};
        return compare(op, *a, b);
    }
    if (const auto* a = std::get_if<bool>(&left.value)) {
        return bool_operation(op, *a, std::get<bool>(right.value));
    }
    if (op == BinaryOp::eq) return ConstValue{left == right};
    if (op == BinaryOp::ne) return ConstValue{!(left == right)};
    return std::nullopt;
}

}  // namespace rb::rune
