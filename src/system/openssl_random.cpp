#include "system/openssl_random.hpp"

#include "base/assert.hpp"

#include <openssl/rand.h>

namespace rb::system {

void OpensslRandom::fill(std::span<std::uint8_t> bytes) {
    if (bytes.empty()) return;
    const auto filled = RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));
    ASSERT(filled == 1);
}

}  // namespace rb::system
