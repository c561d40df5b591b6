// What a conformance script says about itself.
//
//   println!("{}", 1 + 1); // expect: 2
//   let x = ;              // expect compile error: expected
//   1 / 0;                 // expect runtime error: Division by zero
//
// `// expect:` lists the printed lines in file order. The text after an error expectation is a part
// of "word: message"; it may be empty. Errors must be reported for the very line of the comment.
// `// limit: budget=… memory=… depth=… timeout_ms=…` in the first lines sets limits.

#pragma once

#include "rune/limits.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rb::rune::testing {

struct ExpectedError {
    std::uint32_t line = 0;
    std::string text;
};

struct Expectations {
    std::vector<std::string> output;
    std::vector<ExpectedError> compile_errors;
    std::optional<ExpectedError> runtime_error;
    std::int64_t budget = 100'000'000;
    std::size_t memory_bytes = 64U << 20;
    int call_depth = 1000;
    // Generous: only a script about the deadline sets a short one.
    std::int64_t timeout_ms = 30'000;

    [[nodiscard]] Limits limits() const;
};

Expectations read_expectations(std::string_view text);

}  // namespace rb::rune::testing
