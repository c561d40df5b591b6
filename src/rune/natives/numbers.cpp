// i64, u64, f64.

#include "rune/natives/parse_number.hpp"
#include "rune/natives/standard.hpp"
#include "rune/vm.hpp"
#include "rune/vm/formatting.hpp"
#include "rune/vm/operations.hpp"

#include <cmath>
#include <limits>
#include <numbers>

namespace rb::rune {

namespace {

template <typename T>
T operand(NativeCall& call, std::size_t index) {
    if constexpr (std::is_signed_v<T>) {
        return to_signed(call.vm, call[index]);
    } else {
        return to_unsigned(call.vm, call[index]);
    }
}

template <typename T>
struct Checked {
    T value;
    bool overflow;
};

// Quotient and remainder.
template <typename T>
Checked<T> compute(char op, T left, T right) {
    const bool edge =
        std::is_signed_v<T> && left == std::numeric_limits<T>::min() && right == static_cast<T>(-1);
    if (op == '/') {
        if (right == 0 || edge) return {left, true};
        return {static_cast<T>(left / right), false};
    }
    if (right == 0 || edge) return {T{0}, true};
    return {static_cast<T>(left % right), false};
}

template <typename T>
T wrapped(char op, T left, T right) {
    // Unsigned arithmetic wraps by definition.
    const auto a = static_cast<std::uint64_t>(left);
    const auto b = static_cast<std::uint64_t>(right);
    switch (op) {
        case '+':
            return static_cast<T>(a + b);
        case '-':
            return static_cast<T>(a - b);
        case '*':
            return static_cast<T>(a * b);
        default:
            if (right == 0) raise(ErrorKind::divide_by_zero, "Division by zero");
            return compute(op, left, right).value;
    }
}

template <typename T>
T saturated(char op, T left, T right) {
    T result{};
    const bool overflow = op == '+'   ? __builtin_add_overflow(left, right, &result)
                          : op == '-' ? __builtin_sub_overflow(left, right, &result)
                                      : __builtin_mul_overflow(left, right, &result);
    if (!overflow) return result;
    const bool negative = op == '*'   ? (left < 0) != (right < 0)
                          : op == '-' ? (std::is_signed_v<T> ? left < 0 : true)
                                      : (std::is_signed_v<T> && left < 0);
    return negative ? std::numeric_limits<T>::min() : std::numeric_limits<T>::max();
}

template <typename T>
Value checked_value(Vm& vm, char op, T left, T right) {
    T result{};
    bool overflow = false;
    switch (op) {
        case '+':
            overflow = __builtin_add_overflow(left, right, &result);
            break;
        case '-':
            overflow = __builtin_sub_overflow(left, right, &result);
            break;
        case '*':
            overflow = __builtin_mul_overflow(left, right, &result);
            break;
        default: {
            const auto checked = compute(op, left, right);
            overflow = checked.overflow;
            result = checked.value;
        }
    }
    return overflow ? vm.make_none() : vm.make_some(Value::of(result));
}

template <typename T>
T power(T base, std::uint64_t exponent) {
    std::uint64_t result = 1;
    auto factor = static_cast<std::uint64_t>(base);
    for (; exponent > 0; exponent >>= 1) {
        if (exponent & 1) result *= factor;
        factor *= factor;
    }
    return static_cast<T>(result);
}

template <typename T>
T saturating_power(T base, std::uint64_t exponent) {
    T result = 1;
    // Beyond 64 steps only 0, 1 and -1 have not reached a limit.
    const std::uint64_t steps = std::min<std::uint64_t>(exponent, 64 + exponent % 2);
    for (std::uint64_t i = 0; i < steps; ++i) result = saturated('*', result, base);
    return result;
}

template <typename T>
void add_integer(AnyTypeBuilder type, Tag tag) {
    const auto pair = [&](std::string_view name, char op, auto body) {
        type.raw_method(name, 2, [op, body](NativeCall& call) {
            return body(call.vm, op, operand<T>(call, 0), operand<T>(call, 1));
        });
    };
    const auto checked = [](Vm& vm, char op, T a, T b) { return checked_value(vm, op, a, b); };
    const auto wrapping = [](Vm&, char op, T a, T b) { return Value::of(wrapped(op, a, b)); };
    const auto saturating = [](Vm&, char op, T a, T b) { return Value::of(saturated(op, a, b)); };
    pair("checked_add", '+', checked);
    pair("checked_sub", '-', checked);
    pair("checked_mul", '*', checked);
    pair("checked_div", '/', checked);
    pair("checked_rem", '%', checked);
    pair("wrapping_add", '+', wrapping);
    pair("wrapping_sub", '-', wrapping);
    pair("wrapping_mul", '*', wrapping);
    pair("wrapping_div", '/', wrapping);
    pair("wrapping_rem", '%', wrapping);
    pair("saturating_add", '+', saturating);
    pair("saturating_sub", '-', saturating);
    pair("saturating_mul", '*', saturating);
    type.raw_method("max", 2, [](NativeCall& call) {
        return Value::of(std::max(operand<T>(call, 0), operand<T>(call, 1)));
    });
    type.raw_method("min", 2, [](NativeCall& call) {
        return Value::of(std::min(operand<T>(call, 0), operand<T>(call, 1)));
    });
    type.raw_method("pow", 2, [](NativeCall& call) {
        return Value::of(power(operand<T>(call, 0), to_unsigned(call.vm, call[1])));
    });
    type.raw_method("saturating_pow", 2, [](NativeCall& call) {
        return Value::of(saturating_power(operand<T>(call, 0), to_unsigned(call.vm, call[1])));
    });
    type.raw_method("to_string", 1,
                    [](NativeCall& call) { return call.vm.make_string(call.vm.display(call[0])); });
    type.constant("MIN", {std::numeric_limits<T>::min()});
    type.constant("MAX", {std::numeric_limits<T>::max()});
    (void)tag;
}

void add_number_conversions(AnyTypeBuilder type) {
    const auto to = [&](std::string_view path, Tag target) {
        type.raw_method_for("to", path, 1, [target](NativeCall& call) {
            return convert(call.vm, call[0], target);
        });
    };
    to("::std::i64", Tag::integer);
    to("::std::u64", Tag::unsigned_integer);
    to("::std::f64", Tag::floating);
}

void add_signed(AnyTypeBuilder type) {
    type.raw_method("abs", 1, [](NativeCall& call) {
        const std::int64_t value = call[0].integer;
        return Value::of(value < 0 ? wrapped<std::int64_t>('-', 0, value) : value);
    });
    type.raw_method("saturating_abs", 1, [](NativeCall& call) {
        const std::int64_t value = call[0].integer;
        return Value::of(value < 0 ? saturated<std::int64_t>('-', 0, value) : value);
    });
    type.raw_method("signum", 1, [](NativeCall& call) {
        const std::int64_t value = call[0].integer;
        return Value::of(std::int64_t{value > 0} - std::int64_t{value < 0});
    });
    type.raw_method("is_positive", 1,
                    [](NativeCall& call) { return Value::of(call[0].integer > 0); });
    type.raw_method("is_negative", 1,
                    [](NativeCall& call) { return Value::of(call[0].integer < 0); });
}

double number(NativeCall& call, std::size_t index) {
    if (call[index].tag != Tag::floating) mismatch(call.vm, "f64", call[index]);
    return call[index].floating;
}

void add_float_limits(AnyTypeBuilder& type) {
    using Limit = std::numeric_limits<double>;
    type.constant("EPSILON", {Limit::epsilon()})
        .constant("MIN", {Limit::lowest()})
        .constant("MAX", {Limit::max()})
        .constant("MIN_POSITIVE", {Limit::min()})
        .constant("INFINITY", {Limit::infinity()})
        .constant("NEG_INFINITY", {-Limit::infinity()})
        .constant("NAN", {Limit::quiet_NaN()})
        .constant("MIN_EXP", {std::int64_t{Limit::min_exponent}})
        .constant("MAX_EXP", {std::int64_t{Limit::max_exponent}})
        .constant("MIN_10_EXP", {std::int64_t{Limit::min_exponent10}})
        .constant("MAX_10_EXP", {std::int64_t{Limit::max_exponent10}});
}

void add_float(AnyTypeBuilder type) {
    const auto unary = [&](std::string_view name, double (*body)(double)) {
        type.raw_method(name, 1,
                        [body](NativeCall& call) { return Value::of(body(number(call, 0))); });
    };
    const auto binary = [&](std::string_view name, double (*body)(double, double)) {
        type.raw_method(name, 2, [body](NativeCall& call) {
            return Value::of(body(number(call, 0), number(call, 1)));
        });
    };
    const auto test = [&](std::string_view name, bool (*body)(double)) {
        type.raw_method(name, 1,
                        [body](NativeCall& call) { return Value::of(body(number(call, 0))); });
    };
    unary("round", [](double x) { return std::round(x); });
    unary("floor", [](double x) { return std::floor(x); });
    unary("ceil", [](double x) { return std::ceil(x); });
    unary("abs", [](double x) { return std::fabs(x); });
    unary("sqrt", [](double x) { return std::sqrt(x); });
    // In the wider type: cubes of integers give back the integer.
    unary("cbrt",
          [](double x) { return static_cast<double>(std::cbrt(static_cast<long double>(x))); });
    unary("sin", [](double x) { return std::sin(x); });
    unary("cos", [](double x) { return std::cos(x); });
    unary("tan", [](double x) { return std::tan(x); });
    unary("asin", [](double x) { return std::asin(x); });
    unary("acos", [](double x) { return std::acos(x); });
    unary("atan", [](double x) { return std::atan(x); });
    unary("exp", [](double x) { return std::exp(x); });
    unary("exp2", [](double x) { return std::exp2(x); });
    unary("ln", [](double x) { return std::log(x); });
    unary("log2", [](double x) { return std::log2(x); });
    unary("log10", [](double x) { return std::log10(x); });
    unary("to_degrees", [](double x) { return x * (180.0 / std::numbers::pi); });
    unary("to_radians", [](double x) { return x * (std::numbers::pi / 180.0); });
    binary("max", [](double a, double b) { return std::fmax(a, b); });
    binary("min", [](double a, double b) { return std::fmin(a, b); });
    binary("powf", [](double a, double b) { return std::pow(a, b); });
    binary("atan2", [](double a, double b) { return std::atan2(a, b); });
    binary("log", [](double a, double b) { return std::log(a) / std::log(b); });
    binary("div_euclid", [](double a, double b) {
        const double quotient = std::trunc(a / b);
        if (std::fmod(a, b) >= 0) return quotient;
        return b > 0 ? quotient - 1 : quotient + 1;
    });
    binary("rem_euclid", [](double a, double b) {
        const double rest = std::fmod(a, b);
        return rest < 0 ? rest + std::fabs(b) : rest;
    });
    test("is_nan", [](double x) { return std::isnan(x); });
    test("is_finite", [](double x) { return std::isfinite(x); });
    test("is_infinite", [](double x) { return std::isinf(x); });
    test("is_normal", [](double x) { return std::isnormal(x); });
    test("is_subnormal", [](double x) { return std::fpclassify(x) == FP_SUBNORMAL; });
    type.raw_method("powi", 2, [](NativeCall& call) {
        return Value::of(
            std::pow(number(call, 0), static_cast<double>(to_signed(call.vm, call[1]))));
    });
    type.raw_method("clamp", 3, [](NativeCall& call) {
        const double low = number(call, 1);
        const double high = number(call, 2);
        if (!(low <= high)) panic("clamp needs min <= max");
        const double value = number(call, 0);
        return Value::of(value < low ? low : value > high ? high : value);
    });
    add_float_limits(type);
}

Module float_constants() {
    Module consts("std::f64::consts");
    const auto add = [&](std::string_view name, double value) { consts.constant(name, {value}); };
    add("PI", std::numbers::pi);
    add("TAU", 2 * std::numbers::pi);
    add("E", std::numbers::e);
    add("LN_2", std::numbers::ln2);
    add("LN_10", std::numbers::ln10);
    add("LOG2_E", std::numbers::log2e);
    add("LOG2_10", 3.321928094887362347870319429489390176);
    add("LOG10_E", std::numbers::log10e);
    add("LOG10_2", 0.301029995663981195213738894724493027);
    add("SQRT_2", std::numbers::sqrt2);
    add("FRAC_1_SQRT_2", std::numbers::sqrt2 / 2);
    add("FRAC_PI_2", std::numbers::pi / 2);
    add("FRAC_PI_3", std::numbers::pi / 3);
    add("FRAC_PI_4", std::numbers::pi / 4);
    add("FRAC_PI_6", std::numbers::pi / 6);
    add("FRAC_PI_8", std::numbers::pi / 8);
    add("FRAC_1_PI", std::numbers::inv_pi);
    add("FRAC_2_PI", 2 * std::numbers::inv_pi);
    add("FRAC_2_SQRT_PI", 2 * std::numbers::inv_sqrtpi);
    return consts;
}

}  // namespace

void add_numbers(std::vector<Module>& modules) {
    Module numbers("std");
    AnyTypeBuilder i64 = numbers.type("i64");
    AnyTypeBuilder u64 = numbers.type("u64");
    AnyTypeBuilder f64 = numbers.type("f64");
    add_integer<std::int64_t>(i64, Tag::integer);
    add_integer<std::uint64_t>(u64, Tag::unsigned_integer);
    for (AnyTypeBuilder type : {i64, u64, f64}) add_number_conversions(type);
    add_signed(i64);
    add_float(f64);
    i64.raw_function("parse", 1, [](NativeCall& call) {
        return parse_integer(call.vm, call.vm.string_of(call[0]), Tag::integer);
    });
    u64.raw_function("parse", 1, [](NativeCall& call) {
        return parse_integer(call.vm, call.vm.string_of(call[0]), Tag::unsigned_integer);
    });
    f64.raw_function("parse", 1, [](NativeCall& call) {
        return parse_float(call.vm, call.vm.string_of(call[0]));
    });
    numbers.type<ParseError>("ParseError")
        .raw_protocol(
            Protocol::display,
            [](NativeCall& call) {
                return call.vm.make_string(call.vm.native_of<ParseError>(call[0]).message);
            })
        .raw_protocol(Protocol::debug, [](NativeCall& call) {
            return call.vm.make_string(call.vm.native_of<ParseError>(call[0]).debug);
        });
    modules.push_back(std::move(numbers));
    modules.push_back(float_constants());
}

}  // namespace rb::rune
