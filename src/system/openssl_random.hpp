// The RandomSource port on OpenSSL's generator, which the kernel seeds.

#pragma once

#include "core/ports/random_source.hpp"

namespace rb::system {

class OpensslRandom final : public core::RandomSource {
public:
    // Ends the process when the generator fails: a guessable token is worse than a restart.
    void fill(std::span<std::uint8_t> bytes) override;
};

}  // namespace rb::system
