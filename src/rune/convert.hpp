// How arguments and results of typed natives convert.
//
//   C++                                   script
//   bool, char32_t, double                bool, char, f64
//   signed / unsigned integers            an int of either sign, range checked / results: i64, u64
//   std::string_view, std::string         String (copied into the script on return)
//   Bytes                                 Bytes
//   std::optional<T>                      Option
//   std::vector<T>                        Vec
//   Fallible<T>                           Result (errors are String values)
//   rb::Result<T>                         Result (the error's message)
//   nlohmann::ordered_json                any value with a JSON form
//   T with a ScriptStruct or ScriptEnum   a struct or variant of that type, copied both ways
//   T& of a registered type               that object; returned by value it becomes a new one
//   Value                                 anything, unconverted
//   Vm& (parameter only, first)           the running Vm; not an argument
//   void                                  ()
//   std::unique_ptr<NativeFuture>         Future (results only)

#pragma once

#include "base/result.hpp"

#include "rune/native.hpp"
#include "rune/runtime_error.hpp"
#include "rune/script_types.hpp"
#include "rune/vm.hpp"

#include <array>
#include <concepts>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <typeindex>
#include <utility>
#include <variant>
#include <vector>

namespace rb::rune {

// Bytes as an argument or result; the std::string holds raw bytes.
struct Bytes {
    std::string content;
};

// What a fallible native returns: a T or the text of the script's Err.
struct Failure {
    std::string message;
};
template <typename T>
class Fallible {
public:
    // Implicit, so that natives can `return value;` and `return Failure{"…"};`.
    // NOLINTNEXTLINE(google-explicit-constructor)
    Fallible(T value) : content_(std::move(value)) {}
    // NOLINTNEXTLINE(google-explicit-constructor)
    Fallible(Failure failure) : content_(std::move(failure)) {}
    [[nodiscard]] bool has_value() const { return content_.index() == 0; }
    T& value() { return std::get<0>(content_); }
    Failure& failure() { return std::get<1>(content_); }

private:
    std::variant<T, Failure> content_;
};

namespace detail {

// Each raises type_mismatch naming the argument.
std::int64_t signed_argument(Vm& vm, Value value, std::size_t position, std::int64_t min,
                             std::int64_t max);
std::uint64_t unsigned_argument(Vm& vm, Value value, std::size_t position, std::uint64_t max);
double float_argument(Vm& vm, Value value, std::size_t position);
bool bool_argument(Vm& vm, Value value, std::size_t position);
char32_t char_argument(Vm& vm, Value value, std::size_t position);
std::string_view string_argument(Vm& vm, Value value, std::size_t position);
std::string_view bytes_argument(Vm& vm, Value value, std::size_t position);
nlohmann::ordered_json json_argument(Vm& vm, Value value, std::size_t position);
Value json_result(Vm& vm, const nlohmann::ordered_json& json);

template <typename T>
struct IsOptional : std::false_type {};
template <typename T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <typename T>
struct IsVector : std::false_type {};
template <typename T>
struct IsVector<std::vector<T>> : std::true_type {};
template <typename T>
struct IsFallible : std::false_type {};
template <typename T>
struct IsFallible<Fallible<T>> : std::true_type {};
template <typename T>
struct IsResult : std::false_type {};
template <typename T>
struct IsResult<Result<T>> : std::true_type {};

// The fields of a struct value of the C++ type; raises type_mismatch naming the argument.
std::span<Value> struct_argument(Vm& vm, Value value, std::type_index type, std::size_t position);
// The number of the variant.
std::size_t enum_argument(Vm& vm, Value value, std::type_index type, std::size_t position);
Value struct_result(Vm& vm, std::type_index type, std::span<const Value> fields);
Value enum_result(Vm& vm, std::type_index type, std::size_t variant);

template <typename P>
decltype(auto) from_value(Vm& vm, Value value, std::size_t position);

template <typename T>
T read_struct(Vm& vm, Value value, std::size_t position) {
    const std::span<Value> fields = struct_argument(vm, value, typeid(T), position);
    T result{};
    std::size_t at = 0;
    std::apply(
        [&](const auto&... member) {
            ((result.*(member.pointer) =
                  from_value<std::remove_cvref_t<decltype(result.*(member.pointer))>>(
                      vm, fields[at++], position)),
             ...);
        },
        ScriptStruct<T>::members);
    return result;
}

template <typename P>
decltype(auto) from_value(Vm& vm, Value value, std::size_t position) {
    using T = std::remove_cvref_t<P>;
    if constexpr (std::is_same_v<T, Value>) {
        return T(value);
    } else if constexpr (std::is_same_v<T, bool>) {
        return bool_argument(vm, value, position);
    } else if constexpr (std::is_same_v<T, char32_t>) {
        return char_argument(vm, value, position);
    } else if constexpr (std::is_integral_v<T> && std::is_signed_v<T>) {
        return static_cast<T>(signed_argument(vm, value, position, std::numeric_limits<T>::min(),
                                              std::numeric_limits<T>::max()));
    } else if constexpr (std::is_integral_v<T>) {
        return static_cast<T>(
            unsigned_argument(vm, value, position, std::numeric_limits<T>::max()));
    } else if constexpr (std::is_floating_point_v<T>) {
        return static_cast<T>(float_argument(vm, value, position));
    } else if constexpr (std::is_same_v<T, std::string_view>) {
        return string_argument(vm, value, position);
    } else if constexpr (std::is_same_v<T, std::string>) {
        return std::string(string_argument(vm, value, position));
    } else if constexpr (std::is_same_v<T, Bytes>) {
        return Bytes{std::string(bytes_argument(vm, value, position))};
    } else if constexpr (std::is_same_v<T, nlohmann::ordered_json>) {
        // Through T: called by name, clang would want json.hpp in whoever includes this header.
        T (&convert)(Vm&, Value, std::size_t) = json_argument;
        return convert(vm, value, position);
    } else if constexpr (IsOptional<T>::value) {
        const auto payload = vm.option_of(value);
        return payload ? T(from_value<typename T::value_type>(vm, *payload, position)) : T();
    } else if constexpr (IsVector<T>::value) {
        T items;
        for (const Value item : vm.items_of(value)) {
            items.push_back(from_value<typename T::value_type>(vm, item, position));
        }
        return items;
    } else if constexpr (IsScriptStruct<T>) {
        return read_struct<T>(vm, value, position);
    } else if constexpr (IsScriptEnum<T>) {
        return T(ScriptEnum<T>::variants[enum_argument(vm, value, typeid(T), position)].first);
    } else {
        return static_cast<T&>(vm.native_of<T>(value));
    }
}

template <typename T>
Value to_value(Vm& vm, T&& result);

template <typename T>
Value write_struct(Vm& vm, const T& result) {
    const auto fields = std::apply(
        [&](const auto&... member) {
            return std::array<Value, sizeof...(member)>{to_value(vm, result.*(member.pointer))...};
        },
        ScriptStruct<T>::members);
    return struct_result(vm, typeid(T), fields);
}

template <typename T>
Value write_enum(Vm& vm, T result) {
    std::size_t number = 0;
    for (const auto& variant : ScriptEnum<T>::variants) {
        if (variant.first == result) return enum_result(vm, typeid(T), number);
        ++number;
    }
    raise(ErrorKind::host, "A native returned an enum value that has no variant");
}

template <typename T>
Value to_value(Vm& vm, T&& result) {
    using R = std::remove_cvref_t<T>;
    if constexpr (std::is_same_v<R, Value>) {
        return result;
    } else if constexpr (std::is_same_v<R, bool> || std::is_same_v<R, char32_t>) {
        return Value::of(result);
    } else if constexpr (std::is_integral_v<R> && std::is_signed_v<R>) {
        return Value::of(static_cast<std::int64_t>(result));
    } else if constexpr (std::is_integral_v<R>) {
        return Value::of(static_cast<std::uint64_t>(result));
    } else if constexpr (std::is_floating_point_v<R>) {
        return Value::of(static_cast<double>(result));
    } else if constexpr (std::is_convertible_v<R, std::string_view>) {
        return vm.make_string(result);
    } else if constexpr (std::is_same_v<R, Bytes>) {
        return vm.make_bytes(result.content);
    } else if constexpr (std::is_same_v<R, nlohmann::ordered_json>) {
        return json_result(vm, result);
    } else if constexpr (std::is_same_v<R, std::unique_ptr<NativeFuture>>) {
        return vm.make_future(std::forward<T>(result));
    } else if constexpr (IsOptional<R>::value) {
        return result ? vm.make_some(to_value(vm, *std::forward<T>(result))) : vm.make_none();
    } else if constexpr (IsVector<R>::value) {
        const Value vec = vm.make_vec({});
        for (auto& item : result) vm.push(vec, to_value(vm, std::move(item)));
        return vec;
    } else if constexpr (IsFallible<R>::value) {
        return result.has_value() ? vm.make_ok(to_value(vm, std::move(result.value())))
                                  : vm.make_err(vm.make_string(result.failure().message));
    } else if constexpr (IsResult<R>::value) {
        if (result.has_error()) return vm.make_err(vm.make_string(result.error().message));
        if constexpr (std::is_void_v<typename R::value_type>) {
            return vm.make_ok(Value::unit());
        } else {
            return vm.make_ok(to_value(vm, std::move(*result)));
        }
    } else if constexpr (IsScriptStruct<R>) {
        return write_struct<R>(vm, result);
    } else if constexpr (IsScriptEnum<R>) {
        return write_enum<R>(vm, result);
    } else if constexpr (std::is_same_v<R, std::monostate>) {
        return Value::unit();
    } else {
        return vm.make_native<R>(std::forward<T>(result));
    }
}

template <typename F>
struct Signature : Signature<decltype(&F::operator())> {};
template <typename R, typename... Args>
struct Signature<R (*)(Args...)> {
    using Result = R;
    using Arguments = std::tuple<Args...>;
};
template <typename C, typename R, typename... Args>
struct Signature<R (C::*)(Args...) const> : Signature<R (*)(Args...)> {};
template <typename C, typename R, typename... Args>
struct Signature<R (C::*)(Args...)> : Signature<R (*)(Args...)> {};

template <typename Arguments>
constexpr bool takes_vm() {
    if constexpr (std::tuple_size_v<Arguments> == 0) {
        return false;
    } else {
        return std::is_same_v<std::tuple_element_t<0, Arguments>, Vm&>;
    }
}

template <typename F, typename Arguments, std::size_t... I>
Value invoke(F& body, NativeCall& call, std::index_sequence<I...>) {
    using R = typename Signature<F>::Result;
    constexpr std::size_t skip = takes_vm<Arguments>() ? 1 : 0;
    auto run = [&]() -> R {
        if constexpr (skip == 1) {
            return body(call.vm, from_value<std::tuple_element_t<I + 1, Arguments>>(
                                     call.vm, call.arguments[I], I)...);
        } else {
            return body(
                from_value<std::tuple_element_t<I, Arguments>>(call.vm, call.arguments[I], I)...);
        }
    };
    if constexpr (std::is_void_v<R>) {
        run();
        return Value::unit();
    } else {
        return to_value(call.vm, run());
    }
}

}  // namespace detail

// How many script arguments a typed native takes.
template <typename F>
constexpr int native_parameters() {
    using Arguments = typename detail::Signature<std::decay_t<F>>::Arguments;
    return static_cast<int>(std::tuple_size_v<Arguments>) - (detail::takes_vm<Arguments>() ? 1 : 0);
}

// The raw form of a typed native. The engine has checked the argument count before it calls it.
template <typename F>
NativeBody wrap_native(F body) {
    using Arguments = typename detail::Signature<std::decay_t<F>>::Arguments;
    return [body = std::move(body)](NativeCall& call) mutable {
        return detail::invoke<decltype(body), Arguments>(
            body, call,
            std::make_index_sequence<static_cast<std::size_t>(native_parameters<F>())>{});
    };
}

}  // namespace rb::rune
