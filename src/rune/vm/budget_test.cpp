// What a unit of the budget is, to the last one.

#include "rune/embed.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rb::rune {
namespace {

constexpr std::int64_t plenty = 100'000'000;

std::shared_ptr<const Unit> build(const std::string& text,
                                  std::shared_ptr<const Context> context = Context::create({})) {
    const Compilation compilation = compile({"b.rn", text}, std::move(context));
    EXPECT_TRUE(compilation.ok()) << compilation.to_string();
    return compilation.unit;
}

std::int64_t used_by(const std::string& text) {
    Vm vm(build(text), {.limits = {.instructions = plenty}});
    const auto result = vm.call("main");
    EXPECT_FALSE(result.has_error()) << result.error().to_string();
    return plenty - vm.instructions_left();
}

std::string repeated(const std::string& text, std::size_t times) {
    std::string result;
    for (std::size_t i = 0; i < times; ++i) result += text;
    return result;
}

TEST(Budget, a_statement_costs_what_it_costs_however_many_there_are) {
    const auto of = [](std::size_t times) {
        return used_by("pub fn main() { let x = 0; " + repeated("x += 1; ", times) + "x }");
    };
    const std::int64_t each = (of(200) - of(100)) / 100;
    EXPECT_GE(each, 1);
    EXPECT_LE(each, 2);
    EXPECT_EQ(of(900) - of(100), 800 * each);
}

TEST(Budget, a_branch_that_is_not_taken_costs_nothing) {
    const auto of = [](const std::string& condition, std::size_t times) {
        return used_by("pub fn main() { let x = 0; let c = " + condition + "; if c { " +
                       repeated("x += 1; ", times) + " } else { x = 2; } x }");
    };
    EXPECT_EQ(of("false", 1), of("false", 500));
    EXPECT_GT(of("true", 500), of("true", 1) + 400);
    EXPECT_EQ(
        used_by("pub fn main() { match 3 { 1 => { " + repeated("dbg!(1); ", 100) + " } _ => 1 } }"),
        used_by("pub fn main() { match 3 { 1 => { dbg!(1); } _ => 1 } }"));
}

TEST(Budget, a_loop_costs_its_rounds) {
    const auto of = [](int rounds) {
        return used_by("pub fn main() { let x = 0; while x < " + std::to_string(rounds) +
                       " { if x % 3 == 0 { x += 1; continue; } x += 1; } x }");
    };
    EXPECT_EQ(of(330) - of(300), of(630) - of(600));
    EXPECT_EQ(of(1'000'002) - of(999'999), of(600'003) - of(600'000));
}

TEST(Budget, a_script_runs_with_what_it_needs_and_not_with_one_unit_less) {
    for (const std::string& text : {
             std::string("pub fn main() { 1 }"),
             std::string("pub fn main() { let n = 0; for i in 0..1000 { n += i; } n }"),
             std::string("fn f(n) { if n < 2 { n } else { f(n - 1) + f(n - 2) } } "
                         "pub fn main() { f(15) }"),
             std::string("fn g() { for i in 0..50 { yield i; } } pub fn main() { "
                         "let a = g(); a.next(); let b = a.clone(); a.iter().sum::<i64>() + "
                         "b.iter().sum::<i64>() }"),
             std::string("async fn f(n) { if n == 0 { 0 } else { f(n - 1).await + 1 } } "
                         "pub async fn main() { f(20).await }"),
             std::string("pub fn main() { [3, 1, 2].iter().map(|x| x * 2).filter(|x| x > 2)"
                         ".collect::<Vec>() }"),
             "pub fn main() { let x = 0; " + repeated("x += 1; ", 50'000) + "x }",
             "pub fn main() { [" + repeated("1, ", 30'000) + "].len() }",
         }) {
        const std::int64_t used = used_by(text);
        const std::string shown = text.substr(0, 60);
        Vm enough(build(text), {.limits = {.instructions = used}});
        EXPECT_FALSE(enough.call("main").has_error()) << shown;
        EXPECT_EQ(enough.instructions_left(), 0) << shown;
        Vm short_of_one(build(text), {.limits = {.instructions = used - 1}});
        const auto refused = short_of_one.call("main");
        ASSERT_TRUE(refused.has_error()) << shown;
        EXPECT_EQ(refused.error().kind, ErrorKind::budget) << shown;
        EXPECT_FALSE(refused.error().trace.empty()) << shown;
    }
}

// Code without a loop or a call of a script function must not run to its end first.
TEST(Budget, a_straight_run_is_stopped_on_the_way) {
    constexpr std::int64_t budget = 20'000;
    std::int64_t ticks = 0;
    Module host("host");
    host.function("tick", [&ticks] { ++ticks; });
    std::vector<Module> modules;
    modules.push_back(std::move(host));
    const auto context = Context::create({.modules = std::move(modules)});
    for (const std::string& text : {
             "pub fn main() { " + repeated("host::tick(); ", 100'000) + "}",
             "pub fn main() { [" + repeated("host::tick(), ", 50'000) + "] }",
             "pub fn main() { #{ " +
                 [] {
                     std::string fields;
                     for (int i = 0; i < 30'000; ++i) {
                         fields += "k" + std::to_string(i) + ": host::tick(), ";
                     }
                     return fields;
                 }() +
                 "} }",
             "pub fn main() { match 5 { " + repeated("x if host::tick() is i64 => 1, ", 50'000) +
                 "_ => 2 } }",
         }) {
        ticks = 0;
        Vm vm(build(text, context), {.limits = {.instructions = budget}});
        const auto result = vm.call("main");
        ASSERT_TRUE(result.has_error()) << text.substr(0, 40);
        EXPECT_EQ(result.error().kind, ErrorKind::budget);
        EXPECT_GT(ticks, 0);
        EXPECT_LE(ticks, budget + static_cast<std::int64_t>(straight_run_max));
    }
}

TEST(Budget, a_generator_that_is_left_alone_has_paid) {
    const std::string generator =
        "fn g() { let x = 0; " + repeated("x += 1; ", 5'000) + "yield x; }\n";
    const std::int64_t one = used_by(generator + "pub fn main() { g().next(); }");
    EXPECT_GT(one, 5'000);
    const std::int64_t ten =
        used_by(generator + "pub fn main() { for i in 0..10 { g().next(); } }");
    EXPECT_GT(ten, 50'000);
}

TEST(Budget, calls_that_fail_are_paid) {
    const std::string text =
        "pub fn main() { let x = 0; " + repeated("x += 1; ", 5'000) + "panic!(\"end\") }";
    Vm vm(build(text), {.limits = {.instructions = 12'000}});
    EXPECT_EQ(vm.call("main").error().kind, ErrorKind::panic);
    EXPECT_EQ(vm.call("main").error().kind, ErrorKind::panic);
    EXPECT_EQ(vm.call("main").error().kind, ErrorKind::budget);
    EXPECT_EQ(vm.instructions_left(), 0);
}

}  // namespace
}  // namespace rb::rune
