#include "rune/compiler/const_operations.hpp"

#include <cmath>
#include <compare>
#include <limits>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

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

std::optional<ConstValue> float_operation(BinaryOp op, double left, double right) {
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
            return ConstValue{left != right};
        default:
            return std::nullopt;
    }
}

bool is_integer(const ConstValue& value) {
    return std::holds_alternative<std::int64_t>(value.value) ||
           std::holds_alternative<std::uint64_t>(value.value);
}

// The right operand in the type of the left one, which decides. REQUIRES: it is an integer
template <typename T>
std::optional<T> integer_as(const ConstValue& value, std::string& why) {
    const auto convert = [&](auto number) -> std::optional<T> {
        if (std::in_range<T>(number)) return static_cast<T>(number);
        why = "cannot convert `" + std::to_string(number) + "` to `" +
              (std::is_signed_v<T> ? "i64" : "u64") + "`";
        return std::nullopt;
    };
    if (const auto* number = std::get_if<std::int64_t>(&value.value)) return convert(*number);
    return convert(std::get<std::uint64_t>(value.value));
}

template <typename T>
std::optional<ConstValue> integers(BinaryOp op, T left, const ConstValue& right, std::string& why) {
    const auto converted = integer_as<T>(right, why);
    if (!converted) return std::nullopt;
    if (const auto result = integer_operation(op, left, *converted, why)) {
        return ConstValue{*result};
    }
    return std::nullopt;
}

// The elements of a Vec or a tuple, `()` included; null for anything else.
const std::vector<ConstValue>* elements_of(const ConstValue& value) {
    static const std::vector<ConstValue> none;
    if (std::holds_alternative<std::monostate>(value.value)) return &none;
    if (const auto* tuple = std::get_if<ConstValue::Tuple>(&value.value)) return &tuple->items;
    if (const auto* vec = std::get_if<ConstValue::Vec>(&value.value)) return &vec->items;
    return nullptr;
}

using Order = std::optional<std::partial_ordering>;

Order order_of(const ConstValue& left, const ConstValue& right, std::string& why);

Order order_of_elements(const std::vector<ConstValue>& left, const std::vector<ConstValue>& right,
                        std::string& why) {
    for (std::size_t i = 0; i < left.size() && i < right.size(); ++i) {
        const Order order = order_of(left[i], right[i], why);
        if (!order || *order != 0) return order;
    }
    return left.size() <=> right.size();
}

// Nothing for what has no order, with `why` when it says more than that.
Order order_of(const ConstValue& left, const ConstValue& right, std::string& why) {
    if (is_integer(left) && is_integer(right)) {
        if (const auto* number = std::get_if<std::int64_t>(&left.value)) {
            const auto other = integer_as<std::int64_t>(right, why);
            return other ? Order(*number <=> *other) : std::nullopt;
        }
        const auto other = integer_as<std::uint64_t>(right, why);
        return other ? Order(std::get<std::uint64_t>(left.value) <=> *other) : std::nullopt;
    }
    const bool is_unit = std::holds_alternative<std::monostate>(left.value) ||
                         std::holds_alternative<std::monostate>(right.value);
    if (left.value.index() != right.value.index() && !is_unit) return std::nullopt;
    if (const auto* items = elements_of(left)) {
        const auto* others = elements_of(right);
        return others == nullptr ? std::nullopt : order_of_elements(*items, *others, why);
    }
    const auto compare = [&]<typename T>(const T& value) -> Order {
        if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, char32_t> ||
                      std::is_same_v<T, double> || std::is_same_v<T, std::string>) {
            return value <=> std::get<T>(right.value);
        } else if constexpr (std::is_same_v<T, ConstValue::Bytes>) {
            return value.content <=> std::get<T>(right.value).content;
        } else if constexpr (std::is_same_v<T, ConstValue::Ordering>) {
            return value.sign <=> std::get<T>(right.value).sign;
        } else {
            return std::nullopt;
        }
    };
    return std::visit(compare, left.value);
}

std::optional<bool> is_equal(const ConstValue& left, const ConstValue& right, std::string& why);

std::optional<bool> are_equal_elements(const std::vector<ConstValue>& left,
                                       const std::vector<ConstValue>& right, std::string& why) {
    if (left.size() != right.size()) return false;
    for (std::size_t i = 0; i < left.size(); ++i) {
        const auto equal = is_equal(left[i], right[i], why);
        if (!equal || !*equal) return equal;
    }
    return true;
}

std::optional<bool> are_equal_objects(const ConstValue::Object& left,
                                      const ConstValue::Object& right, std::string& why) {
    if (left.fields.size() != right.fields.size()) return false;
    std::map<std::string_view, const ConstValue*> others;
    for (const auto& [key, value] : right.fields) others[key] = &value;
    for (const auto& [key, value] : left.fields) {
        const auto other = others.find(key);
        if (other == others.end()) return false;
        const auto equal = is_equal(value, *other->second, why);
        if (!equal || !*equal) return equal;
    }
    return true;
}

// As the machine compares: elements of any sequence, fields in any order, nothing between kinds.
std::optional<bool> is_equal(const ConstValue& left, const ConstValue& right, std::string& why) {
    const auto* items = elements_of(left);
    const auto* others = elements_of(right);
    if (items != nullptr && others != nullptr) return are_equal_elements(*items, *others, why);
    const auto* object = std::get_if<ConstValue::Object>(&left.value);
    const auto* other = std::get_if<ConstValue::Object>(&right.value);
    if (object != nullptr && other != nullptr) return are_equal_objects(*object, *other, why);
    if (std::holds_alternative<ConstValue::Type>(left.value) &&
        std::holds_alternative<ConstValue::Type>(right.value)) {
        return left == right;
    }
    const Order order = order_of(left, right, why);
    return order ? std::optional(*order == 0) : std::nullopt;
}

bool is_comparison(BinaryOp op) {
    return op == BinaryOp::eq || op == BinaryOp::ne || op == BinaryOp::lt || op == BinaryOp::gt ||
           op == BinaryOp::le || op == BinaryOp::ge;
}

std::optional<ConstValue> comparison(BinaryOp op, const ConstValue& left, const ConstValue& right,
                                     std::string& why) {
    if (op == BinaryOp::eq || op == BinaryOp::ne) {
        const auto equal = is_equal(left, right, why);
        if (!equal) return std::nullopt;
        return ConstValue{*equal == (op == BinaryOp::eq)};
    }
    const Order order = order_of(left, right, why);
    if (!order) return std::nullopt;
    switch (op) {
        case BinaryOp::lt:
            return ConstValue{*order < 0};
        case BinaryOp::gt:
            return ConstValue{*order > 0};
        case BinaryOp::le:
            return ConstValue{*order <= 0};
        default:
            return ConstValue{*order >= 0};
    }
}

}  // namespace

std::optional<ConstValue> const_operation(BinaryOp op, const ConstValue& left,
                                          const ConstValue& right, std::string& why) {
    why = "unsupported operation `" + std::string(text_of(op)) + "` in a constant";
    if (is_comparison(op)) return comparison(op, left, right, why);
    if (is_integer(left) && is_integer(right)) {
        if (const auto* a = std::get_if<std::int64_t>(&left.value)) {
            return integers(op, *a, right, why);
        }
        return integers(op, std::get<std::uint64_t>(left.value), right, why);
    }
    if (left.value.index() != right.value.index()) return std::nullopt;
    if (const auto* a = std::get_if<double>(&left.value)) {
        return float_operation(op, *a, std::get<double>(right.value));
    }
    if (const auto* a = std::get_if<std::string>(&left.value)) {
        if (op != BinaryOp::add) return std::nullopt;
        return ConstValue{*a + std::get<std::string>(right.value)};
    }
    if (const auto* a = std::get_if<bool>(&left.value)) {
        return bool_operation(op, *a, std::get<bool>(right.value));
    }
    return std::nullopt;
}

}  // namespace rb::rune
