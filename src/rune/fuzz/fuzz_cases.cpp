#include "rune/fuzz/fuzz_cases.hpp"

#include "base/assert.hpp"

#include "rune/embed.hpp"
#include "rune/modules/modules.hpp"
#include "rune/syntax/lexer.hpp"
#include "rune/syntax/source_format.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace rb::rune::fuzz {
namespace {

// Longer inputs only cost time: what breaks a parser fits.
constexpr std::size_t input_bytes_max = 64 << 10;

const std::shared_ptr<const Context>& shared_context() {
    static const std::shared_ptr<const Context> context = [] {
        std::vector<Module> modules;
        modules.push_back(json_module());
        modules.push_back(toml_module());
        modules.push_back(base64_module());
        return Context::create({.modules = std::move(modules)});
    }();
    return context;
}

Compilation compile_as(std::string_view text, bool script_mode) {
    return compile({"input.rn", std::string(text)}, shared_context(), {.script_mode = script_mode});
}

void check_places(const Compilation& compilation, std::string_view text) {
    bool has_error = false;
    for (const Diagnostic& one : compilation.diagnostics) {
        ASSERT(one.line >= 1 && one.column >= 1);
        ASSERT(one.span.start <= one.span.end && one.span.end <= text.size());
        ASSERT(!one.to_string().empty());
        has_error = has_error || one.severity == Severity::error;
    }
    ASSERT(compilation.ok() != has_error);
}

}  // namespace

void check_lexer(std::string_view text) {
    if (text.size() > input_bytes_max) return;
    const std::vector<Source> sources = {{"input.rn", std::string(text)}};
    DiagnosticSink sink(sources);
    std::uint32_t end = 0;
    const std::vector<Token> tokens = tokenize(sources[0].text, 0, sink);
    ASSERT(!tokens.empty() && tokens.back().kind == TokenKind::end);
    for (const Token& token : tokens) {
        ASSERT(token.start >= end && token.end >= token.start && token.end <= text.size());
        end = token.end;
    }
    if (sink.has_errors()) return;
    const std::string once = format_source(sources[0].text, sink);
    ASSERT(format_source(once, sink) == once);
}

void check_parser(std::string_view text) {
    if (text.size() > input_bytes_max) return;
    check_places(compile_as(text, false), text);
    check_places(compile_as(text, true), text);
}

void check_vm(std::string_view text) {
    if (text.size() > input_bytes_max) return;
    const Compilation compilation = compile_as(text, true);
    if (!compilation.ok()) return;
    Vm vm(compilation.unit,
          {.limits = {.instructions = 200'000,
                      .memory_bytes = 8U << 20,
                      .call_depth = 100,
                      .deadline = std::chrono::steady_clock::now() + std::chrono::seconds(2)}});
    for (int call = 0; call < 2; ++call) {
        const RunResult<Value> result = vm.call("main");
        if (result.has_error()) {
            ASSERT(!result.error().to_string().empty());
        } else {
            const Root root(vm, *result);
            try {
                (void)vm.debug(root.get());
            } catch (const Raise&) {
                // A cyclic value or a spent budget: an error like any other.
            }
        }
    }
    vm.collect_garbage();
}

}  // namespace rb::rune::fuzz
