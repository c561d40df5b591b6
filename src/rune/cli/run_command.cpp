// `rune check`, `rune run` and `rune test`.
//
// With --json the standard output carries exactly one JSON object; what the script prints then goes
// to the standard error.

#include "rune/cli/run_options.hpp"
#include "rune/cli/script_file.hpp"

#include <cstdio>
#include <iostream>
#include <limits>

namespace rb::rune::cli {
namespace {

using Json = nlohmann::ordered_json;

void print_json(const Json& json) {
    std::cout << json.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
}

Json json_error(const char* sort, const std::string& message, std::uint32_t line) {
    return {{"error", sort}, {"message", message}, {"line", line == 0 ? Json() : Json(line)}};
}

// The first error, which the others often follow from.
const Diagnostic& first_error(const Compilation& compilation) {
    for (const Diagnostic& one : compilation.diagnostics) {
        if (one.severity == Severity::error) return one;
    }
    return compilation.diagnostics.front();
}

// Reads and compiles; on failure reports it and sets the exit code.
std::shared_ptr<const Unit> compile_or_report(const RunOptions& options, int& exit_code) {
    auto text = read_source(options.file);
    if (!text) {
        std::cerr << "rune: cannot read " << options.file << '\n';
        exit_code = exit_usage;
        return nullptr;
    }
    Compilation compilation =
        compile_file(options.file, std::move(*text), options.script_mode, *options.host);
    std::cerr << compilation.to_string();
    if (compilation.ok()) return compilation.unit;
    exit_code = exit_compile_error;
    if (options.json) {
        const Diagnostic& error = first_error(compilation);
        print_json(json_error("compile", error.message, error.line));
    }
    return nullptr;
}

VmOptions vm_options(const RunOptions& options) {
    VmOptions result{.limits = options.limits(), .host_state = options.host->new_state()};
    result.print = [json = options.json](std::string_view text) {
        std::ostream& out = json ? std::cerr : std::cout;
        out << text;
    };
    return result;
}

// A value without a JSON form (a struct, a function, deep nesting) becomes its debug text.
Json json_of(Vm& vm, Value value) {
    std::string why;
    try {
        if (auto json = to_json(vm, value, why)) return *std::move(json);
        return vm.debug(value);
    } catch (const Raise& raised) {
        return "<" + raised.message + ">";
    }
}

std::string text_of(Vm& vm, Value value) {
    try {
        return vm.debug(value);
    } catch (const Raise& raised) {
        return "<" + raised.message + ">";
    }
}

// Why a test that returned has failed all the same: a `?` in it may have ended it early. Empty for
// any value but `Err` and `None`.
std::string refusal_of(Vm& vm, Value value) {
    try {
        const ItemHash type = vm.type_of(value).hash;
        const bool refused = (type == type_hash("::std::result::Result") &&
                              vm.call_method(value, "is_err", {}).boolean) ||
                             (type == type_hash("::std::option::Option") && !vm.option_of(value));
        return refused ? "the test returned `" + text_of(vm, value) + "`" : "";
    } catch (const Raise& raised) {
        return raised.message;
    }
}

int report(const Unit& unit, const RuntimeError& error, bool json) {
    std::cout.flush();
    std::cerr << to_string(unit, error) << '\n';
    if (json) print_json(json_error("runtime", error.message, error.line()));
    return exit_runtime_error;
}

}  // namespace

Limits RunOptions::limits() const {
    Limits limits{.instructions = budget > 0 ? budget : std::numeric_limits<std::int64_t>::max(),
                  .memory_bytes = memory_mebibytes << 20,
                  .call_depth = depth};
    if (timeout_ms > 0) {
        limits.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
    }
    return limits;
}

int run_check(const RunOptions& options) {
    auto text = read_source(options.file);
    if (!text) {
        std::cerr << "rune: cannot read " << options.file << '\n';
        return exit_usage;
    }
    const Compilation compilation =
        compile_file(options.file, *text, options.script_mode, *options.host);
    std::cerr << compilation.to_string();
    const auto objection = compilation.ok()
                               ? options.host->objection(*compilation.unit, options.file, *text)
                               : std::nullopt;
    if (objection) std::cerr << options.file << ": " << *objection << '\n';
    if (options.json) {
        Json found = Json::array();
        for (const Diagnostic& one : compilation.diagnostics) {
            found.push_back({{"severity", one.severity == Severity::error ? "error" : "warning"},
                             {"class", word_of(one.diagnostic_class)},
                             {"message", one.message},
                             {"hint", one.hint},
                             {"file", one.file},
                             {"line", one.line},
                             {"column", one.column}});
        }
        if (objection) {
            found.push_back({{"severity", "error"},
                             {"class", "host"},
                             {"message", *objection},
                             {"hint", ""},
                             {"file", options.file},
                             {"line", 0},
                             {"column", 0}});
        }
        print_json({{"diagnostics", std::move(found)}});
    }
    return compilation.ok() && !objection ? exit_ok : exit_compile_error;
}

int run_main(const RunOptions& options) {
    int exit_code = exit_ok;
    const auto unit = compile_or_report(options, exit_code);
    if (!unit) return exit_code;

    Vm vm(unit, vm_options(options));
    RootVector arguments(vm);
    for (const std::string& argument : options.arguments) {
        arguments.values.push_back(vm.make_string(argument));
    }
    const RunResult<Value> result = vm.call("main", arguments.values);
    if (result.has_error()) return report(*unit, result.error(), options.json);
    if (options.json) {
        print_json({{"value", json_of(vm, *result)}});
    } else {
        std::cout << text_of(vm, *result) << '\n';
    }
    return exit_ok;
}

int run_tests(const RunOptions& options) {
    int exit_code = exit_ok;
    const auto unit = compile_or_report(options, exit_code);
    if (!unit) return exit_code;

    std::size_t passed = 0;
    Json failures = Json::array();
    for (const UnitFunction& function : functions_of(*unit)) {
        if (!function.is_test || function.path.find(options.filter) == std::string::npos) continue;
        // A machine of its own for each test: no static of one is seen by another.
        Vm vm(unit, vm_options(options));
        const RunResult<Value> result = vm.call(function.path);
        std::cout.flush();
        const std::string refusal = result.has_value() ? refusal_of(vm, *result) : "";
        if (result.has_value() && refusal.empty()) {
            ++passed;
            if (!options.json) std::cout << "ok     " << function.path << '\n';
            continue;
        }
        if (result.has_value()) {
            failures.push_back({{"test", function.path}, {"message", refusal}, {"line", nullptr}});
        } else {
            failures.push_back({{"test", function.path},
                                {"message", result.error().message},
                                {"line", result.error().line()}});
        }
        if (!options.json) std::cout << "FAILED " << function.path << '\n';
        std::cerr << (result.has_value() ? refusal + '\n' : to_string(*unit, result.error()))
                  << '\n';
    }
    if (options.json) {
        print_json({{"passed", passed}, {"failed", failures}});
    } else {
        std::cout << passed << " passed, " << failures.size() << " failed\n";
    }
    return failures.empty() ? exit_ok : exit_runtime_error;
}

}  // namespace rb::rune::cli
