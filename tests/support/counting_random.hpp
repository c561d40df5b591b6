// Random bytes for tests: 0, 1, 2, ...

#pragma once

#include "core/ports/random_source.hpp"

namespace rb::test {

class CountingRandom final : public core::RandomSource {
public:
    void fill(std::span<std::uint8_t> bytes) override {
        for (auto& byte : bytes) byte = next_++;
    }

private:
    std::uint8_t next_ = 0;
};

}  // namespace rb::test
