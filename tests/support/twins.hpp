// Time and ids that a test is master of.

#pragma once

#include "core/ports/clock.hpp"
#include "core/ports/id_source.hpp"

#include <atomic>
#include <chrono>

namespace rb::test {

// Stands still until moved. Thread-safe.
class FakeClock final : public core::Clock {
public:
    explicit FakeClock(core::Timestamp start = std::chrono::sys_days(std::chrono::year(2027) / 1 /
                                                                     15) +
                                               std::chrono::hours(9))
        : now_(start.time_since_epoch().count()) {}

    [[nodiscard]] core::Timestamp now() const override {
        return core::Timestamp(std::chrono::microseconds(now_.load()));
    }
    void advance(std::chrono::microseconds by) { now_ += by.count(); }
    void set(core::Timestamp to) { now_ = to.time_since_epoch().count(); }

private:
    std::atomic<std::int64_t> now_;
};

// Counts, in the form of a UUIDv7. Thread-safe.
class CountingIds final : public core::IdSource {
public:
    Uuid next() override {
        Uuid uuid;
        auto number = ++count_;
        for (std::size_t index = 15; index > 8; --index, number >>= 8) {
            uuid.bytes[index] = static_cast<std::uint8_t>(number & 0xFF);
        }
        uuid.bytes[0] = 0x01;
        uuid.bytes[6] = 0x70;
        uuid.bytes[8] = 0x80;
        return uuid;
    }

private:
    std::atomic<std::uint64_t> count_{0};
};

}  // namespace rb::test
