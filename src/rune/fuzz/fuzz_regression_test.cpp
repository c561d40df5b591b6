// Runs the fuzz checks over every conformance script and over the inputs in tests/rune_fuzz, which
// once broke the engine.

#include "rune/fuzz/fuzz_cases.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace rb::rune::fuzz {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> inputs_below(const fs::path& root) {
    std::vector<std::string> found;
    if (!fs::exists(root)) return found;
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
        if (!entry.is_regular_file()) continue;
        std::ifstream file(entry.path(), std::ios::binary);
        std::ostringstream text;
        text << file.rdbuf();
        found.push_back(text.str());
    }
    return found;
}

TEST(RuneFuzz, lexer_keeps_its_promises_on_all_inputs) {
    const auto inputs = inputs_below("tests/rune");
    ASSERT_GT(inputs.size(), 400U);
    for (const std::string& input : inputs) check_lexer(input);
    for (const std::string& input : inputs_below("tests/rune_fuzz/lexer")) check_lexer(input);
}

TEST(RuneFuzz, parser_keeps_its_promises_on_all_inputs) {
    for (const std::string& input : inputs_below("tests/rune")) check_parser(input);
    for (const std::string& input : inputs_below("tests/rune_fuzz/parser")) check_parser(input);
}

// A script cut off anywhere is the commonest broken one.
TEST(RuneFuzz, parser_keeps_its_promises_on_cut_off_scripts) {
    for (const std::string& input : inputs_below("tests/rune/pitfalls")) {
        for (std::size_t length = 0; length < input.size(); length += 3) {
            check_parser(std::string_view(input).substr(0, length));
        }
    }
}

TEST(RuneFuzz, machine_keeps_its_promises_on_all_scripts) {
    for (const std::string& input : inputs_below("tests/rune")) check_vm(input + "\nmain()");
}

TEST(RuneFuzz, machine_keeps_its_promises_on_inputs_that_broke_it) {
    for (const std::string& input : inputs_below("tests/rune_fuzz/vm")) check_vm(input);
}

}  // namespace
}  // namespace rb::rune::fuzz
