// Duration, the span of time of the module `time`: seconds of 64 bits and nanoseconds below one
// second.

#pragma once

#include "rune/context.hpp"

#include <compare>
#include <cstdint>

namespace rb::rune {

struct Duration {
    std::uint64_t seconds = 0;
    std::uint32_t nanoseconds = 0;

    static constexpr std::uint32_t per_second = 1'000'000'000;

    static constexpr Duration from_nanoseconds(std::uint64_t count) {
        return {count / per_second, static_cast<std::uint32_t>(count % per_second)};
    }
    // Whole units of `unit` nanoseconds, wrapping as the language's u64 results do.
    [[nodiscard]] constexpr std::uint64_t in(std::uint32_t unit) const {
        return seconds * (per_second / unit) + nanoseconds / unit;
    }
    auto operator<=>(const Duration&) const = default;
};

// -1, 0 or 1.
template <typename T>
int compare(const T& left, const T& right) {
    return left < right ? -1 : right < left ? 1 : 0;
}

void declare_duration(Module& time);

}  // namespace rb::rune
