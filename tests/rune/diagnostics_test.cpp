// What authors read when something is wrong: every script below tests/rune_diagnostics with the
// exact text of its messages beside it. RUNE_WRITE_EXPECTED=1 writes the texts anew, to be
// reviewed.

#include "rune/embed.hpp"
#include "rune/modules/modules.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace rb::rune {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::string messages_of(const fs::path& script) {
    const auto context = Context::create({.modules = all_modules()});
    const Compilation compilation = compile({script.filename().string(), read(script)}, context);
    std::string text = compilation.to_string();
    if (!compilation.ok()) return text;
    Vm vm(compilation.unit);
    const auto result = vm.call("main");
    if (result.has_error()) text += to_string(*compilation.unit, result.error());
    return text;
}

class Diagnostics : public ::testing::TestWithParam<fs::path> {};

TEST_P(Diagnostics, read_as_written_down) {
    fs::path expected = GetParam();
    expected.replace_extension(".txt");
    const std::string messages = messages_of(GetParam());
    EXPECT_NE(messages, "") << "nothing is wrong with this script";
    if (std::getenv("RUNE_WRITE_EXPECTED") != nullptr) {
        std::ofstream(expected, std::ios::binary) << messages;
    }
    EXPECT_EQ(messages, read(expected));
}

std::vector<fs::path> scripts() {
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(RUNE_DIAGNOSTICS_DIR)) {
        if (entry.path().extension() == ".rn") paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

INSTANTIATE_TEST_SUITE_P(Mistakes, Diagnostics, ::testing::ValuesIn(scripts()),
                         [](const auto& info) { return info.param.stem().string(); });

}  // namespace
}  // namespace rb::rune
