// Macros of a host, as scripts call them.

#include "rune/embed.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace rb::rune {
namespace {

Module macros() {
    Module shop("shop");
    shop.function("twice", [](std::int64_t n) { return n * 2; });
    shop.macro("maximum", [](MacroCall& call) {
        const auto parts = call.split(",");
        if (parts.size() != 2) call.fail("expected two values");
        TokenStream result = call.quote("let left = ");
        result += parts[0];
        result += call.quote("; let right = ");
        result += parts[1];
        result += call.quote("; if left > right { left } else { right }");
        return result;
    });
    shop.macro("same", [](MacroCall& call) { return call.tokens; });
    shop.macro("text", [](MacroCall& call) {
        TokenStream result;
        return result += MacroCall::string_literal(call.tokens.to_string());
    });
    shop.macro("kinds", [](MacroCall& call) {
        TokenStream result = call.quote("[");
        for (const MacroToken& token : call.tokens.tokens()) {
            constexpr const char* names[] = {"word",        "literal", "label",
                                             "punctuation", "open",    "close"};
            result += MacroCall::string_literal(names[static_cast<int>(token.kind)]);
            result += call.quote(",");
        }
        return result += call.quote("]");
    });
    shop.macro("refuse", [](MacroCall& call) -> TokenStream {
        call.fail("not today", call.tokens.tokens().back());
    });
    shop.macro("broken", [](MacroCall& call) { return call.quote("1 +"); });
    shop.macro("unlexed", [](MacroCall& call) { return call.quote("\"open"); });
    shop.macro("endless", [](MacroCall& call) { return call.quote("shop::endless!()"); });
    shop.macro("nothing", [](MacroCall&) { return TokenStream(); });
    shop.attribute_macro("doubled", [](MacroCall& call) {
        // fn name ( ) { body }  becomes  fn name ( ) { shop::twice({ body }) + extra }
        TokenStream result;
        const auto& item = call.item.tokens();
        std::size_t open = 0;
        while (open < item.size() && item[open].text != "{") ++open;
        if (open == item.size()) call.fail("expected a function");
        for (std::size_t i = 0; i < open; ++i) result += item[i];
        result += call.quote("{ ::shop::twice(");
        for (std::size_t i = open; i < item.size(); ++i) result += item[i];
        result += call.quote(")");
        if (!call.tokens.empty()) {
            result += call.quote("+ (");
            result += call.tokens;
            result += call.quote(")");
        }
        return result += call.quote("}");
    });
    shop.attribute_macro("two_items",
                         [](MacroCall& call) { return call.quote("fn a() {} fn b() {}"); });
    return shop;
}

std::shared_ptr<const Context> macro_context() {
    std::vector<Module> modules;
    modules.push_back(macros());
    return Context::create({.modules = std::move(modules)});
}

std::string run(const std::string& text, const std::vector<Value>& arguments = {}) {
    const Compilation compilation = compile({"m.rn", text}, macro_context());
    if (!compilation.ok()) {
        const Diagnostic& first = compilation.diagnostics[0];
        return std::to_string(first.line) + ":" + std::to_string(first.column) + ": " +
               first.message;
    }
    Vm vm(compilation.unit);
    const auto result = vm.call("main", arguments);
    return result.has_error() ? result.error().message : vm.debug(*result);
}

TEST(Macros, a_call_stands_for_the_tokens_the_host_returns) {
    EXPECT_EQ(run("pub fn main() { shop::maximum!(3, 4 + 5) }"), "9");
    EXPECT_EQ(run("pub fn main() { 2 * ::shop::same!{1 + 1} }"), "4");
    EXPECT_EQ(run("pub fn main() { let x = 5; let f = || shop::same![x + 1]; f() }"), "6");
    EXPECT_EQ(run("pub fn main() { shop::same!(return 3); 4 }"), "3");
    EXPECT_EQ(run("pub fn main() { let a = shop::nothing!(); a }"), "()");
    EXPECT_EQ(run("const N = shop::same!(2 + 3); pub fn main() { N }"), "5");
}

TEST(Macros, a_macro_sees_tokens_as_the_author_wrote_them) {
    EXPECT_EQ(run("pub fn main() { shop::text!(a+b  ..=\n \"q\\\"\" `t ${ x + `y` }` 'c' /* no */ "
                  "match) }"),
              R"("a + b ..= \"q\\\"\" `t ${ x + `y` }` 'c' match")");
    EXPECT_EQ(run("pub fn main() { shop::kinds!(a 1 'l: (`x${1}`) b'c' _ if ..=) }"),
              R"(["word", "literal", "label", "punctuation", "open", "literal", "close", )"
              R"("literal", "word", "word", "punctuation"])");
}

TEST(Macros, an_import_shortens_the_path) {
    EXPECT_EQ(run("pub fn main() { maximum!(1, 2) }\nuse shop::maximum;"), "2");
    EXPECT_EQ(run("use shop::{maximum as most, self as s};\n"
                  "pub fn main() { most!(1, s::same!(7)) }"),
              "7");
    EXPECT_EQ(run("use shop::*;\npub fn main() { maximum!(same!(8), 2) }"), "8");
    EXPECT_EQ(run("pub fn main() { { use shop::same; } same!(1) }"), "1:37: no macro `same!`");
    EXPECT_EQ(run("use shop::same;\nmod inner { pub fn f() { same!(1) } }\n"
                  "pub fn main() { inner::f() }"),
              "2:26: no macro `same!`");
    EXPECT_EQ(run("mod inner { use shop::same; pub fn f() { same!(1) } }\n"
                  "pub fn main() { inner::f() }"),
              "1");
    EXPECT_EQ(run("use std::fmt::format as f;\npub fn main() { f!(\"{}\", 1) }"), "\"1\"");
}

TEST(Macros, an_attribute_replaces_its_item) {
    EXPECT_EQ(run("#[shop::doubled]\npub fn main() { 21 }"), "42");
    EXPECT_EQ(run("use shop::doubled;\n/// A comment.\n#[doubled(3 * 2)]\n#[doc = \"x\"]\n"
                  "pub fn main() { let a = 1; a + 1 }"),
              "10");
    EXPECT_EQ(
        run("struct A; impl A { #[shop::doubled] fn f(self) { 4 } }\npub fn main() { A.f() }"),
        "8");
    EXPECT_EQ(run("pub fn main() { #[shop::doubled] fn f() { 6 } f() }"), "12");
    EXPECT_EQ(run("#[shop::doubled]\nconst X = 1;\npub fn main() { X }"),
              "1:1: `shop::doubled!`: expected a function");
    EXPECT_EQ(run("#[shop::two_items]\nfn f() {}\npub fn main() {}"),
              "1:1: `shop::two_items` must return exactly one item");
    EXPECT_EQ(run("#[shop::same]\npub fn main() {}"), "1:1: attribute `shop` is not supported");
}

TEST(Macros, errors_stand_where_the_author_wrote_what_is_wrong) {
    EXPECT_EQ(run("pub fn main() {\n    shop::maximum!(1)\n}"),
              "2:5: `shop::maximum!`: expected two values");
    EXPECT_EQ(run("pub fn main() {\n    shop::refuse!(1,\n  two)\n}"),
              "3:3: `shop::refuse!`: not today");
    EXPECT_EQ(run("pub fn main() {\n    shop::maximum!(1,\n  totl)\n}"),
              "3:3: no variable or function `totl` (in what `shop::maximum!` made)");
    EXPECT_EQ(run("pub fn main() {\n    shop::broken!()\n}"),
              "2:5: expected an expression, found end of file (in what `shop::broken!` made)");
    EXPECT_EQ(run("pub fn main() {\n    shop::unlexed!()\n}"),
              "2:5: `shop::unlexed!`: the macro quotes what is no Rune: this literal is never "
              "closed");
    EXPECT_EQ(run("pub fn main() { shop::maximun!(1, 2) }"), "1:17: no macro `shop::maximun!`");
    EXPECT_EQ(run("pub fn main() { shop::twice!(1) }"), "1:17: no macro `shop::twice!`");
}

TEST(Macros, a_trace_shows_the_line_of_the_token) {
    const Compilation compilation = compile(
        {"m.rn", "pub fn main() {\n    shop::maximum!(1,\n        2 / 0)\n}"}, macro_context());
    ASSERT_TRUE(compilation.ok()) << compilation.to_string();
    Vm vm(compilation.unit);
    const auto result = vm.call("main");
    ASSERT_TRUE(result.has_error());
    EXPECT_EQ(result.error().trace[0].file, "m.rn");
    EXPECT_EQ(result.error().trace[0].line, 3U);
    EXPECT_EQ(run("pub fn main() {\n    shop::same!(\n        (line!(), file!()))\n}"),
              "(3, \"m.rn\")");
}

TEST(Macros, expansions_that_never_end_are_refused) {
    EXPECT_EQ(run("pub fn main() { shop::endless!() }").find("1:17: this is nested too deep"), 0U);
    std::string many = "pub fn main() {";
    for (std::size_t i = 0; i < macro_expansions_max; ++i) many += " shop::nothing!();";
    EXPECT_EQ(run(many + " 1 }"), "1");
    std::string more = many;
    for (int i = 0; i < 300; ++i) more += " shop::nothing!();";
    EXPECT_NE(run(more + " 1 }").find("too many macros are expanded"), std::string::npos);
}

TEST(Macros, two_macros_cannot_have_one_path) {
    std::vector<Module> modules;
    modules.push_back(macros());
    modules.push_back(macros());
    std::string error;
    EXPECT_EQ(Context::create({.modules = std::move(modules)}, &error), nullptr);
    EXPECT_EQ(error.find("two "), 0U);
}

}  // namespace
}  // namespace rb::rune
