#include "rune/cli/format_command.hpp"

#include "rune/cli/script_file.hpp"
#include "rune/syntax/source_format.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>

namespace rb::rune::cli {
namespace {

// Writes beside the file and renames, so that a full disk never costs the author his script.
bool replace_file(const std::string& path, const std::string& text) {
    const std::string beside = path + ".formatted";
    std::ofstream file(beside, std::ios::binary);
    file << text;
    file.close();
    if (!file) return false;
    std::error_code error;
    std::filesystem::rename(beside, path, error);
    return !error;
}

int format_one(const std::string& path, bool check) {
    const auto text = read_source(path);
    if (!text) {
        std::cerr << "rune: cannot read " << path << '\n';
        return exit_usage;
    }
    const std::vector<Source> sources = {{path, *text}};
    DiagnosticSink sink(sources);
    const std::string formatted = format_source(*text, sink);
    if (sink.has_errors()) {
        for (const Diagnostic& one : sink.take()) std::cerr << one.to_string();
        return exit_compile_error;
    }
    if (check) {
        if (formatted == *text) return exit_ok;
        std::cout << path << '\n';
        return exit_compile_error;
    }
    if (path == "-") {
        std::cout << formatted;
    } else if (formatted != *text && !replace_file(path, formatted)) {
        std::cerr << "rune: cannot write " << path << '\n';
        return exit_usage;
    }
    return exit_ok;
}

}  // namespace

int run_format(const FormatOptions& options) {
    int worst = exit_ok;
    for (const std::string& path : options.files) {
        worst = std::max(worst, format_one(path, options.check));
    }
    return worst;
}

}  // namespace rb::rune::cli
