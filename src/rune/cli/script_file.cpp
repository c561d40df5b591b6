#include "rune/cli/script_file.hpp"

#include "rune/modules/modules.hpp"

#include <fstream>
#include <iostream>
#include <sstream>

namespace rb::rune::cli {

std::optional<std::string> read_source(const std::string& path) {
    std::ostringstream text;
    if (path == "-") {
        text << std::cin.rdbuf();
        return text.str();
    }
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    text << file.rdbuf();
    if (file.bad()) return std::nullopt;
    return text.str();
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
