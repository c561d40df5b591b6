// RuntimeError: why a script stopped, with the script's stack. Scripts cannot catch it; the host
// gets it from Vm::call.
//
// Raise is the exception that carries a failure from a native function to the engine. It enters in
// natives and is caught in Vm::call; it never reaches the host.

#pragma once

#include "base/assert.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rb::rune {

enum class ErrorKind : std::uint8_t {
#define RUNE_ERROR(kind, word) kind,
#include "rune/runtime_errors.def"
#undef RUNE_ERROR
};

// The stable word of a kind ("divide_by_zero").
std::string_view word_of(ErrorKind kind);

// One script function of the stack, innermost first. Lines and columns count from 1.
struct TraceEntry {
    std::string function;
    std::string file;
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    // The same place in bytes of the source.
    std::uint32_t offset = 0;
    std::uint32_t length = 0;
};

struct RuntimeError {
    ErrorKind kind = ErrorKind::panic;
    // As the language words it ("Panicked: …", "Division by zero").
    std::string message;
    // Empty when the failure happened before any script ran (a missing entry).
    std::vector<TraceEntry> trace = {};

    // The line where it happened, 0 when there is none.
    [[nodiscard]] std::uint32_t line() const { return trace.empty() ? 0 : trace.front().line; }
    // The message and the trace, one frame per line.
    [[nodiscard]] std::string to_string() const;
};

// Thrown by natives. What is thrown is the kind and the message; the engine adds the trace.
struct Raise {
    ErrorKind kind;
    std::string message;
};

[[noreturn]] void raise(ErrorKind kind, std::string message);
// Stops the script as `panic!(text)` does.
[[noreturn]] void panic(std::string_view text);

template <typename T = void>
using RunResult = boost::system::result<T, RuntimeError>;

// Called by result::value() on an error: reaching it is a bug, so it ends the process.
[[noreturn]] void throw_exception_from_error(const RuntimeError& error,
                                             const boost::source_location& where);

}  // namespace rb::rune
