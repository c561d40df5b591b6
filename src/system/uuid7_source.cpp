#include "system/uuid7_source.hpp"

#include <algorithm>
#include <chrono>

namespace rb::system {

namespace {

constexpr std::uint32_t counter_bits = 26;
constexpr std::uint32_t counter_max = (1U << counter_bits) - 1;
// A random start leaves the other half of the range to count in.
constexpr std::uint32_t start_mask = counter_max >> 1;

std::uint8_t byte_of(std::uint64_t value, unsigned shift) {
    return static_cast<std::uint8_t>(value >> shift);
}

}  // namespace

Uuid Uuid7Source::next() {
    const auto now = std::chrono::floor<std::chrono::milliseconds>(clock_.now());
    const auto wanted = static_cast<std::uint64_t>(now.time_since_epoch().count());

    std::array<std::uint8_t, random_bytes> random{};
    std::uint64_t millis = 0;
    std::uint32_t counter = 0;
    {
        const std::lock_guard lock(mutex_);
        if (drawn_left_ == 0) {
            random_.fill(drawn_);
            drawn_left_ = drawn_.size() / random_bytes;
        }
        --drawn_left_;
        std::copy_n(drawn_.begin() + drawn_left_ * random_bytes, random_bytes, random.begin());
        if (wanted > last_millis_) {
            last_millis_ = wanted;
            counter_ = (std::uint32_t{random[6]} << 24U | std::uint32_t{random[7]} << 16U |
                        std::uint32_t{random[8]} << 8U | random[9]) &
                       start_mask;
        } else if (++counter_ > counter_max) {
            // 33 million ids in a millisecond, or a clock far back: borrow from the next one.
            ++last_millis_;
            counter_ = 0;
        }
        millis = last_millis_;
        counter = counter_;
    }

    Uuid id;
    for (unsigned i = 0; i < 6; ++i) id.bytes[i] = byte_of(millis, 40 - 8 * i);
    id.bytes[6] = static_cast<std::uint8_t>(0x70U | counter >> 22U);
    id.bytes[7] = byte_of(counter, 14);
    id.bytes[8] = static_cast<std::uint8_t>(0x80U | (counter >> 8U & 0x3fU));
    id.bytes[9] = byte_of(counter, 0);
    for (unsigned i = 0; i < 6; ++i) id.bytes[10 + i] = random[i];
    return id;
}

}  // namespace rb::system
