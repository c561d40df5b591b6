// The IdSource port: UUIDv7 (RFC 9562, 5.7), in this layout of 128 bits:
//
//   48 milliseconds since 1970 | 4 version 7 | 12 counter, high | 2 variant | 14 counter, low |
//   48 random
//
// The counter (RFC 9562, 6.2, method 1) starts at a random value below half its range each
// millisecond and goes up by one, so ids of one process ascend even within a millisecond and when
// the clock is set back; the 48 random bits and the random start keep processes apart.

#pragma once

#include "core/ports/clock.hpp"
#include "core/ports/id_source.hpp"
#include "core/ports/random_source.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace rb::system {

class Uuid7Source final : public core::IdSource {
public:
    // Both must outlive the source.
    Uuid7Source(const core::Clock& clock, core::RandomSource& random)
        : clock_(clock), random_(random) {}
    Uuid next() override;

private:
    // 6 of the id, 4 for where a millisecond's counter starts.
    static constexpr std::size_t random_bytes = 10;
    // Drawn together, because asking the generator costs more than what it gives. An id is no
    // secret, so the bytes of the next ones may lie in memory.
    static constexpr std::size_t ids_per_draw = 64;

    const core::Clock& clock_;
    core::RandomSource& random_;

    std::mutex mutex_;
    // Guarded by mutex_.
    std::array<std::uint8_t, random_bytes * ids_per_draw> drawn_{};
    std::size_t drawn_left_ = 0;  // in ids, from the front
    std::uint64_t last_millis_ = 0;
    std::uint32_t counter_ = 0;
};

}  // namespace rb::system
