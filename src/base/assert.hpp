// ASSERT states what only a bug can break. It stays on in release builds and ends the process with
// the place and the expression, so that a wrong sum of money never reaches a commit.
//
// Never assert on input, on a peer's answer or on the state of a disk: those are a Result.

#pragma once

namespace rb {

[[noreturn]] void assertion_failed(const char* expression, const char* file, int line) noexcept;

}  // namespace rb

#define ASSERT(expression)                   \
    (static_cast<bool>(expression) ? void(0) \
                                   : ::rb::assertion_failed(#expression, __FILE__, __LINE__))
