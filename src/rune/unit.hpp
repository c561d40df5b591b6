// compile(): from sources to a Unit, the immutable program.
//
// A Unit belongs to the Context it was compiled with and keeps it alive; any number of Vms on any
// threads run it at once.

#pragma once

#include "rune/diagnostics.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rb::rune {

class Context;
class Unit;
struct RuntimeError;

struct CompileOptions {
    // The source is the body of a function instead of a list of items: statements and items mix,
    // the last expression is the result of the entry `main`, and it is async when it awaits.
    bool script_mode = false;
    // Fold constants and pick special instructions for common cases. Off, the program means the
    // same and runs slower: a second way to a result, for tests.
    bool optimise = true;
    // Gives the text of a file a `mod x;` names ("dir/x.rn", then "dir/x/mod.rn"; forward slashes,
    // relative to the name of the main source), or nothing. Without one, `mod x;` is an error.
    std::function<std::optional<std::string>(const std::string& path)> load = {};
};

struct Compilation {
    // Null when there was an error.
    std::shared_ptr<const Unit> unit;
    // Errors and warnings, in source order.
    std::vector<Diagnostic> diagnostics;

    [[nodiscard]] bool ok() const { return unit != nullptr; }
    // All diagnostics rendered.
    [[nodiscard]] std::string to_string() const;
};

Compilation compile(Source main, std::shared_ptr<const Context> context,
                    const CompileOptions& options = {});

// What a host may ask of a Unit.
struct UnitFunction {
    std::string path;
    std::size_t parameters = 0;
    bool is_test = false;
    bool is_async = false;
    std::uint32_t line = 0;
};
std::vector<UnitFunction> functions_of(const Unit& unit);
// Whether `path` ("main", "api::create") can be called.
bool has_function(const Unit& unit, std::string_view path);
// RuntimeError::to_string with the source line between message and trace, as in diagnostics.
std::string to_string(const Unit& unit, const RuntimeError& error);

}  // namespace rb::rune
