#include "rune/modules/chacha.hpp"

#include "rune/runtime_error.hpp"

#include <sys/random.h>

#include <bit>

namespace rb::rune {
namespace {

constexpr int rounds = 12;

void quarter_round(std::uint32_t& a, std::uint32_t& b, std::uint32_t& c, std::uint32_t& d) {
    a += b;
    d = std::rotl(d ^ a, 16);
    c += d;
    b = std::rotl(b ^ c, 12);
    a += b;
    d = std::rotl(d ^ a, 8);
    c += d;
    b = std::rotl(b ^ c, 7);
}

// Sebastiano Vigna's splitmix64, made for spreading seeds.
std::uint64_t split_mix(std::uint64_t& state) {
    std::uint64_t mixed = state += 0x9E3779B97F4A7C15ULL;
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9ULL;
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBULL;
    return mixed ^ mixed >> 31;
}

}  // namespace

ChaCha ChaCha::from_number(std::uint64_t seed) {
    Seed key;
    for (std::size_t i = 0; i < key.size(); i += 2) {
        const std::uint64_t word = split_mix(seed);
        key[i] = static_cast<std::uint32_t>(word);
        key[i + 1] = static_cast<std::uint32_t>(word >> 32);
    }
    return ChaCha(key);
}

ChaCha ChaCha::from_system() {
    Seed key;
    if (getrandom(key.data(), sizeof key, 0) != static_cast<ssize_t>(sizeof key)) {
        raise(ErrorKind::host, "the system has no randomness to give");
    }
    return ChaCha(key);
}

std::uint64_t ChaCha::next() {
    if (used_ == block_.size()) refill();
    const std::uint64_t low = block_[used_];
    const std::uint64_t high = block_[used_ + 1];
    used_ += 2;
    return high << 32 | low;
}

std::uint64_t ChaCha::up_to(std::uint64_t last) {
    if (last == UINT64_MAX) return next();
    const std::uint64_t count = last + 1;
    // Values below `uneven` would make the first results a little more likely than the others.
    const std::uint64_t uneven = (0 - count) % count;
    std::uint64_t drawn = next();
    while (drawn < uneven) drawn = next();
    return drawn % count;
}

double ChaCha::next_float() {
    return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

void ChaCha::refill() {
    // "expand 32-byte k", the constant of the algorithm.
    const std::array<std::uint32_t, 16> input = {0x61707865,
                                                 0x3320646e,
                                                 0x79622d32,
                                                 0x6b206574,
                                                 key_[0],
                                                 key_[1],
                                                 key_[2],
                                                 key_[3],
                                                 key_[4],
                                                 key_[5],
                                                 key_[6],
                                                 key_[7],
                                                 static_cast<std::uint32_t>(counter_),
                                                 static_cast<std::uint32_t>(counter_ >> 32),
                                                 0,
                                                 0};
    std::array<std::uint32_t, 16> x = input;
    for (int round = 0; round < rounds; round += 2) {
        quarter_round(x[0], x[4], x[8], x[12]);
        quarter_round(x[1], x[5], x[9], x[13]);
        quarter_round(x[2], x[6], x[10], x[14]);
        quarter_round(x[3], x[7], x[11], x[15]);
        quarter_round(x[0], x[5], x[10], x[15]);
        quarter_round(x[1], x[6], x[11], x[12]);
        quarter_round(x[2], x[7], x[8], x[13]);
        quarter_round(x[3], x[4], x[9], x[14]);
    }
    for (std::size_t i = 0; i < block_.size(); ++i) block_[i] = x[i] + input[i];
    ++counter_;
    used_ = 0;
}

}  // namespace rb::rune
