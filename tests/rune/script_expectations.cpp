#include "rune/script_expectations.hpp"

#include <charconv>
#include <chrono>

namespace rb::rune::testing {
namespace {

constexpr std::string_view output_mark = "// expect:";
constexpr std::string_view compile_mark = "// expect compile error";
constexpr std::string_view runtime_mark = "// expect runtime error";
constexpr std::string_view limit_mark = "// limit:";

// What follows the mark: a colon and a blank are its separator, `\n` stands for a line break.
std::string text_after(std::string_view line, std::size_t at, std::size_t mark_length) {
    std::string_view rest = line.substr(at + mark_length);
    if (rest.starts_with(":")) rest.remove_prefix(1);
    if (rest.starts_with(" ")) rest.remove_prefix(1);
    return std::string(rest);
}

std::string unescape(std::string_view text) {
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool is_break = text.substr(at).starts_with("\\n");
        plain += is_break ? '\n' : text[at];
        if (is_break) ++at;
    }
    return plain;
}

std::int64_t number_after(std::string_view line, std::string_view name, std::int64_t otherwise) {
    const auto at = line.find(name);
    if (at == std::string_view::npos) return otherwise;
    std::int64_t value = otherwise;
    const std::string_view digits = line.substr(at + name.size());
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

void read_limits(std::string_view line, Expectations& found) {
    found.budget = number_after(line, "budget=", found.budget);
    found.memory_bytes = static_cast<std::size_t>(
        number_after(line, "memory=", static_cast<std::int64_t>(found.memory_bytes)));
    found.call_depth = static_cast<int>(number_after(line, "depth=", found.call_depth));
    found.timeout_ms = number_after(line, "timeout_ms=", found.timeout_ms);
}

void read_line(std::string_view line, std::uint32_t number, Expectations& found) {
    if (line.starts_with(limit_mark)) return read_limits(line, found);
    if (const auto at = line.find(output_mark); at != std::string_view::npos) {
        found.output.push_back(text_after(line, at, output_mark.size()));
    }
    if (const auto at = line.find(compile_mark); at != std::string_view::npos) {
        found.compile_errors.push_back(
            {number, unescape(text_after(line, at, compile_mark.size()))});
    }
    if (const auto at = line.find(runtime_mark); at != std::string_view::npos) {
        found.runtime_error = {number, unescape(text_after(line, at, runtime_mark.size()))};
    }
}

}  // namespace

Limits Expectations::limits() const {
    return {.instructions = budget,
            .memory_bytes = memory_bytes,
            .call_depth = call_depth,
            .deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms)};
}

Expectations read_expectations(std::string_view text) {
    Expectations found;
    std::uint32_t number = 0;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        read_line(text.substr(0, end), ++number, found);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return found;
}

}  // namespace rb::rune::testing
