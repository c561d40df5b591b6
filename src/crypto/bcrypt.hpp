// bcrypt ($2b$) by libcrypt's crypt_r.
//
//   $2b$<cost, two digits>$<22 characters of salt><31 characters of hash>      60 characters

#pragma once

#include "core/ports/random_source.hpp"

#include <string>
#include <string_view>

namespace rb::crypto {

// 2^11 rounds, about a tenth of a second of a core of today: slow enough for who steals the table,
// bearable for who signs in.
constexpr int bcrypt_cost = 11;
// What bcrypt itself allows; 4 is for tests.
constexpr int bcrypt_cost_min = 4;
constexpr int bcrypt_cost_max = 31;

// REQUIRES: bcrypt_cost_min <= cost <= bcrypt_cost_max; `password` holds no NUL and at most 72
// bytes
std::string bcrypt_hash(std::string_view password, int cost, core::RandomSource& random);

// False for a password with a NUL or of more than 72 bytes (which bcrypt would cut), and for a hash
// that is not of the form above. Compares in constant time.
bool bcrypt_verify(std::string_view password, std::string_view hash);

// Whether `hash` is of the form above, of any of the kinds 2a, 2b, 2y.
bool is_bcrypt_hash(std::string_view hash);

}  // namespace rb::crypto
