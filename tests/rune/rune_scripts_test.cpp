// Runs every script below tests/rune as a test of its own: Rune.<section>/<behaviour_as_sentence>.
//
// A folder named like a script holds the files its `mod x;` loads and is not walked.

#include "rune/embed.hpp"
#include "rune/modules/modules.hpp"
#include "rune/script_expectations.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace rb::rune::testing {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> read_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::vector<fs::path> scripts_below(const fs::path& root) {
    std::vector<fs::path> found;
    for (auto entry = fs::recursive_directory_iterator(root); entry != fs::end(entry); ++entry) {
        if (entry->is_directory()) {
            if (fs::exists(entry->path().string() + ".rn")) entry.disable_recursion_pending();
        } else if (entry->path().extension() == ".rn") {
            found.push_back(entry->path());
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

const std::shared_ptr<const Context>& shared_context() {
    static const std::shared_ptr<const Context> context = [] {
        std::string error;
        auto created = Context::create({.modules = all_modules()}, &error);
        EXPECT_TRUE(created) << error;
        return created;
    }();
    return context;
}

std::string lines_of(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return text;
}

// Each line with an expected error must have one, and no other line may; but what is left open may
// be missed once more at the end of the file.
void check_compile_errors(const std::vector<Diagnostic>& found, const Expectations& expected,
                          std::uint32_t last_line) {
    for (const ExpectedError& wanted : expected.compile_errors) {
        EXPECT_TRUE(std::any_of(found.begin(), found.end(),
                                [&](const Diagnostic& one) {
                                    const std::string text =
                                        std::string(word_of(one.diagnostic_class)) + ": " +
                                        one.message + one.hint;
                                    return one.severity == Severity::error &&
                                           one.line == wanted.line &&
                                           text.find(wanted.text) != std::string::npos;
                                }))
            << "no compile error on line " << wanted.line << " with: " << wanted.text;
    }
    for (const Diagnostic& one : found) {
        if (one.severity != Severity::error) continue;
        if (one.line > last_line && !expected.compile_errors.empty()) continue;
        EXPECT_TRUE(std::any_of(expected.compile_errors.begin(), expected.compile_errors.end(),
                                [&](const auto& wanted) { return wanted.line == one.line; }))
            << "unexpected " << one.to_string();
    }
}

void check_runtime_error(const RunResult<Value>& result, const Expectations& expected) {
    if (!expected.runtime_error) {
        if (result.has_error()) ADD_FAILURE() << result.error().to_string();
        return;
    }
    if (!result.has_error()) {
        ADD_FAILURE() << "no runtime error: " << expected.runtime_error->text;
        return;
    }
    const std::string text =
        std::string(word_of(result.error().kind)) + ": " + result.error().message;
    EXPECT_NE(text.find(expected.runtime_error->text), std::string::npos)
        << "expected: " << expected.runtime_error->text << "\nfound: " << text;
    EXPECT_EQ(result.error().line(), expected.runtime_error->line) << result.error().to_string();
}

class ScriptTest : public ::testing::Test {
public:
    explicit ScriptTest(fs::path path) : path_(std::move(path)) {}

    void TestBody() override {
        const std::string text = read_file(path_).value();
        const Expectations expected = read_expectations(text);
        CompileOptions options;
        // Next to the script lies a folder of its name with the files it loads.
        const fs::path folder = path_.parent_path() / path_.stem();
        options.load = [&](const std::string& file) { return read_file(folder / file); };
        const Compilation compilation =
            compile({path_.filename().string(), text}, shared_context(), options);
        const auto lines = static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n'));
        check_compile_errors(compilation.diagnostics, expected, lines);
        if (!expected.compile_errors.empty() || !compilation.ok()) {
            EXPECT_EQ(compilation.ok(), expected.compile_errors.empty());
            return;
        }

        std::string output;
        VmOptions vm_options{.limits = expected.limits()};
        vm_options.print = [&](std::string_view printed) { output += printed; };
        Vm vm(compilation.unit, std::move(vm_options));
        const RunResult<Value> result = vm.call("main");
        check_runtime_error(result, expected);
        EXPECT_EQ(output, lines_of(expected.output));
    }

private:
    fs::path path_;
};

}  // namespace
}  // namespace rb::rune::testing

int main(int argc, char** argv) {
    namespace testing_of_rune = rb::rune::testing;
    const std::filesystem::path root = "tests/rune";
    const auto scripts = testing_of_rune::scripts_below(root);
    for (const auto& path : scripts) {
        const std::string name =
            std::filesystem::relative(path, root).replace_extension().generic_string();
        ::testing::RegisterTest(
            "Rune", name.c_str(), nullptr, nullptr, path.string().c_str(), 1,
            [path]() -> ::testing::Test* { return new testing_of_rune::ScriptTest(path); });
    }
    ::testing::InitGoogleTest(&argc, argv);
    if (scripts.empty()) {
        std::fprintf(stderr, "no scripts below %s: run from the root of the tree\n", root.c_str());
        return 2;
    }
    return RUN_ALL_TESTS();
}
