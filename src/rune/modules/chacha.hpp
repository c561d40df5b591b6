// ChaCha with 12 rounds as a random generator: seeded it repeats, and from a good seed it is not
// predictable.

#pragma once

#include <array>
#include <cstdint>

namespace rb::rune {

class ChaCha {
public:
    using Seed = std::array<std::uint32_t, 8>;

    explicit ChaCha(const Seed& seed) : key_(seed) {}
    // Spreads a small seed over the whole key.
    static ChaCha from_number(std::uint64_t seed);
    // Seeded by the operating system. Raises `host` when it has no randomness to give.
    static ChaCha from_system();

    std::uint64_t next();
    // Uniform in 0..=last.
    std::uint64_t up_to(std::uint64_t last);
    // Uniform in [0, 1), all 53 bits random.
    double next_float();

private:
    void refill();

    Seed key_;
    std::uint64_t counter_ = 0;
    std::array<std::uint32_t, 16> block_{};
    std::size_t used_ = 16;
};

}  // namespace rb::rune
