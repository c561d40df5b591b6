// The language's operators on values that are not two numbers of one kind.

#pragma once

#include "rune/syntax/ast.hpp"
#include "rune/type_info.hpp"
#include "rune/value.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace rb::rune {

class Vm;

// Raises overflow, division by zero, unsupported_operation …
Value binary_operation(Vm& vm, BinaryOp op, Value left, Value right);
// `left op= right`: in place for strings and natives that can; the result is what the place holds.
Value compound_operation(Vm& vm, BinaryOp op, Value left, Value right);
Value negate(Vm& vm, Value value);
Value invert(Vm& vm, Value value);
Value convert(Vm& vm, Value value, Tag target);

// An integer argument of either sign as i64 or u64; raises integer_conversion out of range.
std::int64_t to_signed(Vm& vm, Value value);
std::uint64_t to_unsigned(Vm& vm, Value value);

inline bool is_int(Value value) {
    return value.tag == Tag::integer || value.tag == Tag::unsigned_integer;
}

// Calls what the type of `left` implements; nothing when it does not.
std::optional<Value> protocol_call(Vm& vm, Protocol protocol, Value left, Value right);

[[noreturn]] void unsupported(Vm& vm, BinaryOp op, Value left, Value right);
[[noreturn]] void mismatch(Vm& vm, std::string_view expected, Value found);

}  // namespace rb::rune
