#include "rune/bytecode/unit_data.hpp"
#include "rune/context.hpp"
#include "rune/limits.hpp"
#include "rune/unit.hpp"
#include "rune/vm.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace rb::rune {
namespace {

Compilation build(std::string text, const CompileOptions& options = {}) {
    static const auto context = Context::create({});
    return compile({"t.rn", std::move(text)}, context, options);
}

std::vector<std::string> words_of(const Compilation& compilation) {
    std::vector<std::string> words;
    for (const auto& diagnostic : compilation.diagnostics) {
        if (diagnostic.severity == Severity::error) {
            words.emplace_back(word_of(diagnostic.diagnostic_class));
        }
    }
    return words;
}

TEST(Diagnostics, show_the_line_with_a_caret_and_a_hint) {
    const auto failed = build("pub fn main() {\n    let total = 1;\n    totl + 1\n}\n");
    ASSERT_FALSE(failed.ok());
    EXPECT_EQ(failed.to_string(),
              "error[missing_local]: no local variable `totl`\n"
              "  --> t.rn:3:5\n"
              "   |\n"
              " 3 |     totl + 1\n"
              "   |     ^^^^\n"
              "   = hint: did you mean `total`?\n");
}

TEST(Diagnostics, find_several_errors_in_one_run) {
    const auto failed = build(
        "pub fn a() { let x = 5 let y = 6; }\n"
        "pub fn b() { 1 == 2 == 3; }\n"
        "pub fn c() { nowhere::f() }\n");
    EXPECT_EQ(words_of(failed),
              (std::vector<std::string>{"missing_semicolon", "precedence_group_required",
                                        "missing_item"}));
}

TEST(Diagnostics, do_not_repeat_what_a_failed_item_declares) {
    EXPECT_EQ(words_of(build("fn f(a = 1) {}\npub fn main() { f() }")),
              std::vector<std::string>{"syntax"});
}

// Letters are compared with letters: two names of a quarter of a megabyte would take minutes.
TEST(Diagnostics, compare_no_long_names_and_not_all_of_many) {
    const auto hint = [](std::size_t length, std::size_t others) {
        const std::string name(length, 'x');
        std::vector<std::string> known(others, "another_name");
        known.push_back(name + "y");
        return nearest_name(name, known);
    };
    EXPECT_EQ(hint(compared_name_bytes_max, 0), std::string(compared_name_bytes_max, 'x') + "y");
    EXPECT_EQ(hint(compared_name_bytes_max + 1, 0), "");
    EXPECT_NE(hint(9, compared_names_max - 1), "");
    EXPECT_EQ(hint(9, compared_names_max), "");
}

TEST(Diagnostics, look_for_no_hint_that_is_not_shown) {
    std::string text;
    std::string body;
    for (int i = 0; i < 8'000; ++i) {
        text += "fn name_of_it" + std::to_string(i) + "() {} ";
        body += "name_of_yt" + std::to_string(i) + "; ";
    }
    const auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(words_of(build(text + "pub fn main() { " + body + "}")).size(), diagnostics_max);
    // A second; it were minutes.
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(15));
}

TEST(Diagnostics, are_bounded_in_number) {
    std::string text = "pub fn main() {\n";
    for (int i = 0; i < 500; ++i) text += "unknown_name_" + std::to_string(i) + ";\n";
    EXPECT_EQ(words_of(build(text + "}")).size(), diagnostics_max);
}

TEST(Compiler, does_not_resolve_private_functions_nobody_uses) {
    EXPECT_TRUE(build("fn unused() { nonsense::path(); } pub fn main() {}").ok());
    EXPECT_FALSE(build("fn used() { nonsense::path(); } pub fn main() { used() }").ok());
    EXPECT_FALSE(build("pub fn open() { nonsense::path(); }").ok());
}

TEST(Compiler, names_what_is_not_supported) {
    for (const char* text : {
             "pub fn main() { match 1 { 1 | 2 => 1, _ => 2 } }",
             "pub fn main() { let mut x = 1; }",
             "pub fn main() { let x: i64 = 1; }",
             "pub fn f() -> i64 { 1 }",
             "pub fn main() { let Some(x) = None else { return }; }",
             "pub fn main() { match 1 { x @ 1 => x, _ => 2 } }",
             "pub fn main() { &1 }",
             "impl String { fn f(self) {} }",
         }) {
        const auto failed = build(text);
        ASSERT_FALSE(failed.ok()) << text;
        EXPECT_EQ(words_of(failed).front(), "not_supported") << text << failed.to_string();
    }
}

TEST(Compiler, refuses_what_is_nested_too_deep_without_running_out_of_stack) {
    const auto nested = [](std::string_view open, std::string_view middle, std::string_view close) {
        std::string text = "pub fn main() { ";
        for (int i = 0; i < 20'000; ++i) text += open;
        text += middle;
        for (int i = 0; i < 20'000; ++i) text += close;
        return text + " }";
    };
    EXPECT_FALSE(build(nested("(", "1", ")")).ok());
    EXPECT_FALSE(build(nested("[", "", "]")).ok());
    EXPECT_FALSE(build(nested("{", "", "}")).ok());
    EXPECT_FALSE(build(nested("!", "true", "")).ok());
    EXPECT_FALSE(build(nested("", "1", " + 1")).ok());
    EXPECT_FALSE(build(nested("", "a", ".b")).ok());
    EXPECT_FALSE(build(nested("if ", "true", " {}")).ok());
    EXPECT_FALSE(build(nested("|a| ", "a", "")).ok());
}

TEST(Compiler, refuses_too_long_chains_of_constants_without_running_out_of_stack) {
    const auto chain = [](int length, std::string_view value) {
        std::string text = "pub fn main() { C0 }";
        for (int i = 0; i < length; ++i) {
            text += "const C" + std::to_string(i) + " = ";
            const std::string next = "C" + std::to_string(i + 1);
            for (const char part : value) part == '_' ? text += next : text += part;
            text += ";";
        }
        return text + "const C" + std::to_string(length) + " = \"\";";
    };
    EXPECT_TRUE(build(chain(const_depth_max - 1, "_")).ok());
    EXPECT_EQ(words_of(build(chain(const_depth_max, "_"))).front(), "const_evaluation");
    EXPECT_TRUE(build(chain(100, "_ + \"a\"")).ok());
    EXPECT_TRUE(build(chain(100, "format!(_)")).ok());
    EXPECT_EQ(words_of(build(chain(20'000, "_"))).front(), "const_evaluation");
    EXPECT_EQ(words_of(build(chain(20'000, "`${_}`"))).front(), "const_evaluation");
    EXPECT_EQ(words_of(build(chain(20'000, "format!(_)"))).front(), "const_evaluation");
}

TEST(Compiler, takes_long_chains_up_to_the_limit) {
    std::string text = "pub fn main() { 0";
    for (int i = 0; i < expression_height_max / 2; ++i) text += " + 1";
    EXPECT_TRUE(build(text + " }").ok());
    std::string chain = "pub fn main(n) { ";
    for (int i = 0; i < 2000; ++i) chain += "if n == " + std::to_string(i) + " { 1 } else ";
    EXPECT_TRUE(build(chain + "{ 0 } }").ok());
}

TEST(Compiler, loads_the_files_of_modules) {
    CompileOptions options;
    options.load = [](const std::string& path) -> std::optional<std::string> {
        if (path == "shop/mod.rn") return "pub mod tax;";
        if (path == "shop/tax.rn") return "pub fn rate() { 20 }";
        return std::nullopt;
    };
    const auto built = build("mod shop; pub fn main() { shop::tax::rate() }", options);
    ASSERT_TRUE(built.ok()) << built.to_string();
    Vm vm(built.unit);
    EXPECT_EQ(vm.call("main")->integer, 20);
    EXPECT_EQ(words_of(build("mod shop;")), std::vector<std::string>{"missing_module"});
}

TEST(Compiler, bounds_the_evaluation_of_constants) {
    EXPECT_EQ(words_of(build("const A = loop {}; pub fn main() { A }")),
              std::vector<std::string>{"const_evaluation"});
    EXPECT_EQ(words_of(build("const A = B; const B = A; pub fn main() { A }")),
              std::vector<std::string>{"const_evaluation"});
    EXPECT_FALSE(build("const A = { let s = \"ab\"; loop { s += s; } }; pub fn main() { A }").ok());
}

TEST(Compiler, counts_what_the_evaluation_of_constants_copies) {
    const std::string large(32'000, 'x');
    for (const auto& text : {"\"" + large + "\"", "b\"" + large + "\""}) {
        const std::string loop = "let i = 0; while i < 3000 { let t = ";
        const std::string end = "; i += 1; } 1 } const A = f(); pub fn main() { A }";
        EXPECT_EQ(words_of(build("const fn f() { " + loop + text + end)),
                  std::vector<std::string>{"const_evaluation"});
        EXPECT_EQ(words_of(build("const fn f() { let s = " + text + "; " + loop + "s" + end)),
                  std::vector<std::string>{"const_evaluation"});
        EXPECT_TRUE(build("const fn f() { " + loop + "\"\"" + end).ok());
    }
}

TEST(Compiler, bounds_how_often_globs_are_looked_through) {
    const auto uses = [](int globs, int names) {
        std::string text = "mod m {} ";
        for (int i = 0; i < globs; ++i) text += "use m::*; ";
        text += "pub fn main() { ";
        for (int i = 0; i < names; ++i) text += "Some; ";
        return build(text + "}");
    };
    EXPECT_TRUE(uses(100, 1'000).ok());
    const auto words = words_of(uses(3'000, 3'000));
    EXPECT_EQ(std::count(words.begin(), words.end(), "nesting"), 1) << words.size();
}

TEST(Compiler, bounds_the_depth_of_constants_and_of_what_evaluates_them) {
    EXPECT_FALSE(build("const A = { let v = 1; let i = 0; loop { if i == 100000 { break v; } "
                       "v = [v]; i += 1; } }; pub fn main() { A }")
                     .ok());
    std::string sum;
    for (int i = 0; i < 900; ++i) sum += " + 1";
    EXPECT_FALSE(
        build("const fn f(n) { f(n)" + sum + " } const A = f(1); pub fn main() { A }").ok());
}

TEST(Compiler, counts_the_height_of_blocks_inside_expressions) {
    std::string sum;
    for (int i = 0; i < 900; ++i) sum += " + 1";
    std::string text = "1";
    for (int i = 0; i < 20; ++i) text = "{ let x = " + text + sum + "; 2 }";
    EXPECT_FALSE(build("pub fn main() { " + text + " }").ok());
}

TEST(Compiler, keeps_a_constant_once_however_often_it_is_used) {
    const auto built = build(
        "const V = [1, 2, 3]; pub fn main() { let a = V; let b = V; a.push(4);\n"
        "  match b { V => (a.len(), b.len(), const { [1] }, const { [2] }), _ => () } }");
    ASSERT_TRUE(built.ok()) << built.to_string();
    EXPECT_EQ(built.unit->constants.size(), 3U);
    Vm vm(built.unit);
    EXPECT_EQ(vm.debug(*vm.call("main")), "(4, 3, [1], [2])");
}

TEST(Compiler, refuses_sources_that_are_too_large_or_no_text) {
    EXPECT_EQ(words_of(build(std::string(source_bytes_max + 1, ' '))),
              std::vector<std::string>{"limit"});
    EXPECT_EQ(words_of(build("pub fn main() { \"\xFF\" }")), std::vector<std::string>{"syntax"});
}

TEST(Compiler, runs_a_source_in_script_mode_as_a_body) {
    CompileOptions options;
    options.script_mode = true;
    const auto built = build("fn two() { 2 } let a = async { two() }; a.await + 1", options);
    ASSERT_TRUE(built.ok()) << built.to_string();
    Vm vm(built.unit);
    EXPECT_EQ(vm.call("main")->integer, 3);
}

}  // namespace
}  // namespace rb::rune
