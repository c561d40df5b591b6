// Challenges for passkeys: random bytes with their end and a keyed digest over both, so that
// nothing need be stored for whoever asks. What was signed in with is stored until no server takes
// it any more, so that it is good once.
//
//     expiry in seconds since 1970 [8, big-endian] | random [16] | digest [32]

#pragma once

#include "base/result.hpp"

#include "core/ports/clock.hpp"
#include "core/ports/digester.hpp"
#include "core/ports/random_source.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace rb::core {

// `purpose` says for what, and for whom, it is good.
std::string new_passkey_challenge(const Digester& digester, RandomSource& random,
                                  std::string_view purpose, Timestamp now);

// When it ends; nothing when it is over, was altered, or made for another purpose.
std::optional<Timestamp> check_passkey_challenge(const Digester& digester,
                                                 std::string_view challenge,
                                                 std::string_view purpose, Timestamp now);

}  // namespace rb::core
