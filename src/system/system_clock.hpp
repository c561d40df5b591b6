// The Clock port on the operating system's clock.

#pragma once

#include "core/ports/clock.hpp"

namespace rb::system {

class SystemClock final : public core::Clock {
public:
    [[nodiscard]] core::Timestamp now() const override {
        return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    }
};

}  // namespace rb::system
