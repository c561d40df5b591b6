// Every limit of the language engine, with its reason. What a host may change per execution stands
// in Limits; what protects the C++ stack or a format is a constant.

#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace rb::rune {

// A source larger than this is not a plugin; it also keeps offsets within 32 bits.
inline constexpr std::size_t source_bytes_max = 4U << 20;
// Expressions, patterns, types and modules nested deeper end with a diagnostic, not on a guard
// page.
inline constexpr int parse_depth_max = 200;
// Operators in a row (`a + b + …`) nest the tree to the left; the compiler walks it recursively.
inline constexpr int expression_height_max = 1000;
// Globs looked through on behalf of other globs in one compilation. n globs that lead through each
// other can be walked in n! orders; a plugin's hundred names, each down a chain of ten, fit often.
// One that is looked through for the use of a name weighs less: those may be tens of thousands.
inline constexpr int glob_visits_max = 100'000;
inline constexpr int glob_uses_per_visit = 50;
// Results of macros in one compilation.
inline constexpr std::size_t macro_expansions_max = 4000;
// Errors shown of one compilation: past these, the later ones are consequences of the earlier ones.
inline constexpr std::size_t diagnostics_max = 50;
// Names that a wrong one is compared with letter by letter, and its length: a hint is a kindness.
inline constexpr std::size_t compared_names_max = 2000;
inline constexpr std::size_t compared_name_bytes_max = 50;
// Fields of one struct or variant, which are searched one by one.
inline constexpr std::size_t shape_fields_max = 1000;
// Registers of one function; instructions hold 16-bit register numbers.
inline constexpr std::size_t registers_max = 60000;
// Steps of evaluating constants in one compilation, as the language defines it.
inline constexpr std::int64_t const_steps_max = 1'000'000;
// Expressions inside each other, those of called functions and of other constants included: each
// takes a piece of the compiler's own stack.
inline constexpr int const_depth_max = 1500;
// Text and element bytes that constant evaluation may build.
inline constexpr std::size_t const_bytes_max = 1U << 20;
// Values that have several names while constants are evaluated, about a hundred bytes each.
inline constexpr std::size_t const_shared_max = 100'000;
// Values compared, formatted, hashed or converted to JSON nest at most this deep.
inline constexpr int value_depth_max = 128;
// C++ frames of the interpreter inside each other (a native calling a closure, a generator
// resumed).
inline constexpr int native_depth_max = 250;
// Iterators inside each other (`map` of `filter` of `chain` …): each takes a C++ frame of its own.
inline constexpr int iterator_depth_max = 1000;
// Registers of all frames of one execution together (16 bytes each).
inline constexpr std::size_t stack_values_max = 1U << 20;
// Charged units between two looks at the clock and the cancellation token.
inline constexpr std::int64_t poll_interval_units = 10'000;
// A larger budget is the same as none: what is given back for jumps must not overflow.
inline constexpr std::int64_t instructions_max = INT64_MAX / 2;
// Instructions of a function without a jump back before it looks at the budget by itself.
inline constexpr std::size_t straight_run_max = 1024;
// Script frames listed in a stack trace; the middle of a deeper one is left out.
inline constexpr std::size_t trace_frames_max = 32;

// Stops an execution from another thread. Shared between the host and any number of executions.
class CancellationToken {
public:
    void cancel() { cancelled_.store(true, std::memory_order_relaxed); }
    [[nodiscard]] bool is_cancelled() const { return cancelled_.load(std::memory_order_relaxed); }

private:
    std::atomic<bool> cancelled_{false};
};

struct Limits {
    // Units over the whole life of the execution. One is one instruction of the compiled script
    // that was run or begun, including those of calls that failed; a native adds what it does in
    // loops, at about the same rate. A script that needs n units runs with a budget of n and ends
    // with `budget` with n - 1. That is noticed when the script calls, returns to the host, jumps
    // back, or has run straight_run_max instructions on, so at most poll_interval_units too late.
    std::int64_t instructions = 100'000'000;
    // Bytes of all values alive at once.
    std::size_t memory_bytes = 64U << 20;
    // Script functions inside each other.
    int call_depth = 1000;
    std::optional<std::chrono::steady_clock::time_point> deadline = {};
    std::shared_ptr<const CancellationToken> cancellation = {};
};

}  // namespace rb::rune
