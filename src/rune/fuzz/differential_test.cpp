// Two ways to the same result, on random programs. A failure prints the program and its seed;
// RUNE_SEED=<number> runs that one again.

#include "rune/embed.hpp"
#include "rune/fuzz/program_generator.hpp"
#include "rune/modules/modules.hpp"
#include "rune/syntax/source_format.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <string>

namespace rb::rune {
namespace {

const std::shared_ptr<const Context>& shared_context() {
    static const auto context = Context::create({.modules = all_modules()});
    return context;
}

struct Outcome {
    bool compiled = false;
    // What was printed, then the value's debug form or the error.
    std::string text = {};
    bool failed = false;

    bool operator==(const Outcome&) const = default;
    friend std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
        return out << (outcome.compiled ? "" : "does not compile: ") << outcome.text;
    }
};

enum class Optimised : bool { no, yes };

Outcome run(const std::string& text, Optimised optimised = Optimised::yes) {
    const bool all = optimised == Optimised::yes;
    const Compilation compilation =
        compile({"random.rn", text}, shared_context(), {.optimise = all});
    if (!compilation.ok()) return {.text = compilation.to_string()};
    Outcome outcome{.compiled = true};
    VmOptions options{.limits = {.instructions = 20'000'000}, .inline_caches = all};
    options.print = [&](std::string_view part) { outcome.text += part; };
    Vm vm(compilation.unit, std::move(options));
    const auto result = vm.call("main");
    outcome.failed = result.has_error();
    // Traces show columns, which the text may move.
    outcome.text += outcome.failed
                        ? std::string(word_of(result.error().kind)) + ": " + result.error().message
                        : vm.debug(*result);
    return outcome;
}

// Runs `check` with many seeds, or with that of RUNE_SEED alone.
template <typename Check>
void for_seeds(int count, Check check) {
    if (const char* fixed = std::getenv("RUNE_SEED")) {
        check(std::strtoull(fixed, nullptr, 10));
        return;
    }
    std::random_device device;
    const std::uint64_t first = (std::uint64_t{device()} << 32) | device();
    for (int i = 0; i < count && !::testing::Test::HasFailure(); ++i) {
        const std::uint64_t seed = first + static_cast<std::uint64_t>(i);
        SCOPED_TRACE("RUNE_SEED=" + std::to_string(seed));
        check(seed);
    }
}

TEST(Differential, random_programs_compile_and_mostly_end_well) {
    int well = 0;
    int programs = 0;
    for_seeds(100, [&](std::uint64_t seed) {
        const std::string text = model::ProgramGenerator(seed).program();
        const Outcome outcome = run(text);
        EXPECT_TRUE(outcome.compiled) << outcome << text;
        ++programs;
        well += outcome.failed ? 0 : 1;
    });
    // Programs that all fail at once would show nothing.
    EXPECT_GT(well * 5, programs);
}

TEST(Differential, a_program_means_the_same_without_optimisation) {
    for_seeds(300, [](std::uint64_t seed) {
        const std::string text = model::ProgramGenerator(seed).program();
        EXPECT_EQ(run(text, Optimised::no), run(text)) << text;
    });
}

TEST(Differential, a_constant_has_the_value_the_machine_computes) {
    int failed = 0;
    for_seeds(600, [&](std::uint64_t seed) {
        const std::string value = model::ProgramGenerator(seed).constant();
        const std::string common = "const fn double(x) { x * 2 }\n";
        const Outcome constant =
            run(common + "const VALUE = " + value + ";\npub fn main() { VALUE }");
        const Outcome computed = run(common + "pub fn main() { " + value + " }", Optimised::no);
        ASSERT_TRUE(computed.compiled) << computed << value;
        if (computed.failed) {
            ++failed;
            EXPECT_FALSE(constant.compiled) << value << "\nfails with " << computed;
            EXPECT_NE(constant.text.find("const_evaluation"), std::string::npos) << constant;
        } else {
            EXPECT_EQ(constant, computed) << value;
        }
    });
    if (std::getenv("RUNE_SEED") == nullptr) {
        EXPECT_GT(failed, 0);
    }
}

TEST(Differential, blanks_and_comments_change_nothing_and_formatting_is_stable) {
    for_seeds(150, [](std::uint64_t seed) {
        model::ProgramGenerator generator(seed);
        const std::string text = generator.program();
        const std::string other = generator.respaced(text);
        const Outcome expected = run(text);
        EXPECT_EQ(run(other), expected) << other;
        const std::vector<Source> sources = {{"random.rn", other}};
        DiagnosticSink sink(sources);
        const std::string formatted = format_source(other, sink);
        ASSERT_FALSE(sink.has_errors());
        EXPECT_EQ(run(formatted), expected) << formatted;
        EXPECT_EQ(format_source(formatted, sink), formatted);
    });
}

TEST(Differential, a_run_needs_exactly_the_units_it_used) {
    for_seeds(100, [](std::uint64_t seed) {
        const std::string text = model::ProgramGenerator(seed).program();
        const Compilation compilation = compile({"random.rn", text}, shared_context());
        ASSERT_TRUE(compilation.ok());
        constexpr std::int64_t plenty = 50'000'000;
        Vm measured(compilation.unit, {.limits = {.instructions = plenty}});
        const auto first = measured.call("main");
        const std::int64_t used = plenty - measured.instructions_left();
        Vm enough(compilation.unit, {.limits = {.instructions = used}});
        const auto again = enough.call("main");
        ASSERT_EQ(again.has_error(), first.has_error()) << text;
        if (first.has_error()) {
            EXPECT_EQ(again.error().kind, first.error().kind) << text;
            return;
        }
        Vm short_of_one(compilation.unit, {.limits = {.instructions = used - 1}});
        const auto refused = short_of_one.call("main");
        ASSERT_TRUE(refused.has_error()) << text;
        EXPECT_EQ(refused.error().kind, ErrorKind::budget);
    });
}

}  // namespace
}  // namespace rb::rune
