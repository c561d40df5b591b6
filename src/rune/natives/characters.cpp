// char.

#include "rune/natives/standard.hpp"
#include "rune/natives/text_buffers.hpp"
#include "rune/syntax/unicode.hpp"
#include "rune/vm/operations.hpp"

namespace rb::rune {

void add_characters(std::vector<Module>& modules) {
    Module module("std");
    AnyTypeBuilder type = module.type("char");
    const auto test = [&](std::string_view name, bool (*body)(char32_t)) {
        type.raw_method(name, 1,
                        [body](NativeCall& call) { return Value::of(body(char_of(call, 0))); });
    };
    test("is_alphabetic", is_alphabetic);
    test("is_alphanumeric", [](char32_t c) { return is_alphabetic(c) || is_numeric(c); });
    test("is_numeric", is_numeric);
    test("is_whitespace", is_whitespace);
    test("is_uppercase", is_uppercase);
    test("is_lowercase", is_lowercase);
    test("is_control", is_control);
    type.raw_method("to_digit", 2, [](NativeCall& call) {
        const std::uint64_t radix = to_unsigned(call.vm, call[1]);
        if (radix > 36) panic("to_digit: radix is too high (maximum 36)");
        const char32_t c = char_of(call, 0);
        std::uint64_t digit = 99;
        if (c >= '0' && c <= '9') digit = c - '0';
        if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') digit = (c | 0x20) - 'a' + 10;
        return digit < radix ? call.vm.make_some(Value::of(digit)) : call.vm.make_none();
    });
    type.raw_method("to_i64", 1, [](NativeCall& call) {
        return Value::of(static_cast<std::int64_t>(char_of(call, 0)));
    });
    type.raw_method("to_string", 1,
                    [](NativeCall& call) { return call.vm.make_string(call.vm.display(call[0])); });
    type.raw_function("from_i64", 1, [](NativeCall& call) {
        const std::int64_t number = to_signed(call.vm, call[0]);
        const bool fits = number >= 0 && is_scalar(static_cast<std::uint64_t>(number));
        return fits ? call.vm.make_some(Value::of(static_cast<char32_t>(number)))
                    : call.vm.make_none();
    });
    modules.push_back(std::move(module));
}

}  // namespace rb::rune
