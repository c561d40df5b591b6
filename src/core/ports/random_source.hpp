// Randomness that nobody can guess: tokens, codes, keys. A test's twin repeats itself.

#pragma once

#include <cstdint>
#include <span>

namespace rb::core {

class RandomSource {
public:
    virtual ~RandomSource() = default;
    // Thread-safe. Fills all of `bytes` from a cryptographic source.
    virtual void fill(std::span<std::uint8_t> bytes) = 0;
};

}  // namespace rb::core
