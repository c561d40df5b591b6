#include "rune/cli/script_file.hpp"

#include "rune/modules/modules.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace rb::rune::cli {

namespace {

// Little more than a source may have, so that the compiler refuses what is longer: a device may
// never end.
std::string read_bounded(std::istream& in) {
    std::string text;
    std::array<char, 16 << 10> part;
    while (in && text.size() <= source_bytes_max) {
        in.read(part.data(), part.size());
        text.append(part.data(), static_cast<std::size_t>(in.gcount()));
    }
    return text;
}

}  // namespace

std::optional<std::string> read_source(const std::string& path) {
    if (path == "-") return read_bounded(std::cin);
    // Opening a directory works, and reads as an empty file.
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) return std::nullopt;
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    std::string text = read_bounded(file);
    if (file.bad()) return std::nullopt;
    return text;
}

std::shared_ptr<const Context> command_context(const CommandHost& host) {
    auto modules = all_modules();
    for (auto& module : host.modules()) modules.push_back(std::move(module));
    std::string error;
    auto context = Context::create({.modules = std::move(modules)}, &error);
    ASSERT(context != nullptr);
    return context;
}

Compilation compile_file(const std::string& path, std::string text, bool script_mode,
                         const CommandHost& host) {
    CompileOptions options{.script_mode = script_mode};
    options.load = [](const std::string& module_path) { return read_source(module_path); };
    return compile({path, std::move(text)}, command_context(host), options);
}

}  // namespace rb::rune::cli
