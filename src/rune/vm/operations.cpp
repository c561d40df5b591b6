#include "rune/vm/operations.hpp"

#include "rune/context.hpp"
#include "rune/runtime_error.hpp"
#include "rune/vm.hpp"
#include "rune/vm/objects.hpp"
#include "rune/vm/relations.hpp"

#include <cmath>
#include <limits>

namespace rb::rune {

void unsupported(Vm& vm, BinaryOp op, Value left, Value right) {
    raise(ErrorKind::unsupported_operation,
          "Unsupported binary operation `" + std::string(text_of(op)) + "` on `" +
              vm.type_of(left).name + "` and `" + vm.type_of(right).name + "`");
}

void mismatch(Vm& vm, std::string_view expected, Value found) {
    raise(ErrorKind::type_mismatch, "Expected type `" + std::string(expected) + "` but found `" +
                                        vm.type_of(found).name + "`");
}

std::int64_t to_signed(Vm& vm, Value value) {
    if (value.tag == Tag::integer) return value.integer;
    if (value.tag != Tag::unsigned_integer) mismatch(vm, "i64", value);
    if (value.unsigned_integer >
        static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        raise(ErrorKind::integer_conversion, "Failed to convert value `" +
                                                 std::to_string(value.unsigned_integer) +
                                                 "` to integer `i64`");
    }
    return value.integer;
}

std::uint64_t to_unsigned(Vm& vm, Value value) {
    if (value.tag == Tag::unsigned_integer) return value.unsigned_integer;
    if (value.tag != Tag::integer) mismatch(vm, "u64", value);
    if (value.integer < 0) {
        raise(ErrorKind::integer_conversion,
              "Failed to convert value `" + std::to_string(value.integer) + "` to integer `u64`");
    }
    return value.unsigned_integer;
}

std::optional<Value> protocol_call(Vm& vm, Protocol protocol, Value left, Value right) {
    const NativeFunction* function = vm.type_of(left).protocol(protocol);
    if (function == nullptr) return std::nullopt;
    Value arguments[] = {left, right};
    NativeCall call{vm, arguments, 2};
    return function->body(call);
}

namespace {

[[noreturn]] void overflow() {
    raise(ErrorKind::overflow, "Numerical overflow");
}

[[noreturn]] void underflow() {
    raise(ErrorKind::underflow, "Numerical underflow");
}

template <typename T>
T divide(BinaryOp op, T left, T right) {
    const bool overflows =
        std::is_signed_v<T> && left == std::numeric_limits<T>::min() && right == static_cast<T>(-1);
    if (right == 0 || overflows) raise(ErrorKind::divide_by_zero, "Division by zero");
    return op == BinaryOp::div ? static_cast<T>(left / right) : static_cast<T>(left % right);
}

template <typename T>
T integer_operation(BinaryOp op, T left, T right) {
    T result{};
    switch (op) {
        case BinaryOp::add:
            if (__builtin_add_overflow(left, right, &result)) overflow();
            return result;
        case BinaryOp::sub:
            if (__builtin_sub_overflow(left, right, &result)) underflow();
            return result;
        case BinaryOp::mul:
            if (__builtin_mul_overflow(left, right, &result)) overflow();
            return result;
        case BinaryOp::div:
        case BinaryOp::rem:
            return divide(op, left, right);
        case BinaryOp::bit_and:
            return left & right;
        case BinaryOp::bit_or:
            return left | right;
        case BinaryOp::bit_xor:
            return left ^ right;
        default:
            return result;
    }
}

Value shift(Vm& vm, BinaryOp op, Value left, Value right) {
    const std::uint64_t by =
        right.tag == Tag::integer && right.integer < 0 ? 64 : to_unsigned(vm, right);
    if (by >= 64) {
        if (op == BinaryOp::shl) overflow();
        underflow();
    }
    Value result = left;
    if (op == BinaryOp::shl) {
        result.unsigned_integer = left.unsigned_integer << by;
    } else if (left.tag == Tag::integer) {
        result.integer = left.integer >> by;
    } else {
        result.unsigned_integer = left.unsigned_integer >> by;
    }
    return result;
}

double float_operation(Vm& vm, BinaryOp op, Value left, Value right) {
    const double a = left.floating;
    const double b = right.floating;
    switch (op) {
        case BinaryOp::add:
            return a + b;
        case BinaryOp::sub:
            return a - b;
        case BinaryOp::mul:
            return a * b;
        case BinaryOp::div:
            return a / b;
        case BinaryOp::rem:
            return std::fmod(a, b);
        default:
            unsupported(vm, op, left, right);
    }
}

std::optional<Protocol> protocol_of(BinaryOp op, bool assign) {
    switch (op) {
        case BinaryOp::add:
            return assign ? Protocol::add_assign : Protocol::add;
        case BinaryOp::sub:
            return assign ? Protocol::sub_assign : Protocol::sub;
        case BinaryOp::mul:
            return assign ? Protocol::mul_assign : Protocol::mul;
        case BinaryOp::div:
            return assign ? Protocol::div_assign : Protocol::div;
        case BinaryOp::rem:
            return assign ? Protocol::rem_assign : Protocol::rem;
        default:
            return std::nullopt;
    }
}

}  // namespace

Value binary_operation(Vm& vm, BinaryOp op, Value left, Value right) {
    if (op >= BinaryOp::eq) return Value::of(relation_holds(vm, op, left, right));
    if (is_int(left) && is_int(right)) {
        if (op == BinaryOp::shl || op == BinaryOp::shr) return shift(vm, op, left, right);
        // The left operand decides.
        if (left.tag == Tag::integer) {
            return Value::of(integer_operation(op, left.integer, to_signed(vm, right)));
        }
        return Value::of(integer_operation(op, left.unsigned_integer, to_unsigned(vm, right)));
    }
    if (left.tag == Tag::floating && right.tag == Tag::floating) {
        return Value::of(float_operation(vm, op, left, right));
    }
    if (left.tag == Tag::boolean && right.tag == Tag::boolean) {
        if (op == BinaryOp::bit_and) return Value::of(left.boolean && right.boolean);
        if (op == BinaryOp::bit_or) return Value::of(left.boolean || right.boolean);
        if (op == BinaryOp::bit_xor) return Value::of(left.boolean != right.boolean);
    }
    if (op == BinaryOp::add && left.is(Kind::string) && right.is(Kind::string)) {
        const auto a = vm.string_of(left);
        const auto b = vm.string_of(right);
        return vm.concat(a, b);
    }
    if (left.is_heap()) {
        if (const auto protocol = protocol_of(op, false)) {
            if (const auto result = protocol_call(vm, *protocol, left, right)) return *result;
        }
    }
    unsupported(vm, op, left, right);
}

Value compound_operation(Vm& vm, BinaryOp op, Value left, Value right) {
    if (op == BinaryOp::add && left.is(Kind::string) && right.is(Kind::string)) {
        vm.append(left, vm.string_of(right));
        return left;
    }
    if (left.is_heap()) {
        if (const auto protocol = protocol_of(op, true)) {
            if (protocol_call(vm, *protocol, left, right)) return left;
        }
    }
    return binary_operation(vm, op, left, right);
}

Value negate(Vm& vm, Value value) {
    if (value.tag == Tag::floating) return Value::of(-value.floating);
    if (value.tag == Tag::integer) {
        if (value.integer == std::numeric_limits<std::int64_t>::min()) overflow();
        return Value::of(-value.integer);
    }
    if (value.is_heap()) {
        if (const auto* function = vm.type_of(value).protocol(Protocol::neg)) {
            NativeCall call{vm, &value, 1};
            return function->body(call);
        }
    }
    raise(ErrorKind::unsupported_operation,
          "Unsupported unary operation `-` on " + vm.type_of(value).name);
}

Value invert(Vm& vm, Value value) {
    switch (value.tag) {
        case Tag::boolean:
            return Value::of(!value.boolean);
        case Tag::integer:
            return Value::of(~value.integer);
        case Tag::unsigned_integer:
            return Value::of(~value.unsigned_integer);
        default:
            break;
    }
    if (value.is_heap()) {
        if (const auto* function = vm.type_of(value).protocol(Protocol::not_)) {
            NativeCall call{vm, &value, 1};
            return function->body(call);
        }
    }
    raise(ErrorKind::unsupported_operation,
          "Unsupported unary operation `!` on " + vm.type_of(value).name);
}

namespace {

template <typename T>
T saturate(double value) {
    if (std::isnan(value)) return 0;
    if (value <= static_cast<double>(std::numeric_limits<T>::min())) {
        return std::numeric_limits<T>::min();
    }
    // The largest integer rounds up to a double that no longer fits.
    if (value >= static_cast<double>(std::numeric_limits<T>::max())) {
        return std::numeric_limits<T>::max();
    }
    return static_cast<T>(value);
}

}  // namespace

Value convert(Vm& vm, Value value, Tag target) {
    const bool from_float = value.tag == Tag::floating;
    if (is_int(value) || from_float) {
        switch (target) {
            case Tag::integer:
                return Value::of(from_float ? saturate<std::int64_t>(value.floating)
                                            : value.integer);
            case Tag::unsigned_integer:
                return Value::of(from_float ? saturate<std::uint64_t>(value.floating)
                                            : value.unsigned_integer);
            case Tag::floating:
                return Value::of(from_float ? value.floating
                                 : value.tag == Tag::integer
                                     ? static_cast<double>(value.integer)
                                     : static_cast<double>(value.unsigned_integer));
            default:
                break;
        }
    }
    raise(ErrorKind::unsupported_operation,
          "Unsupported conversion `as` of `" + vm.type_of(value).name + "`");
}

}  // namespace rb::rune
