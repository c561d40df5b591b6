// What every call to a plugin shares: how it fails, and how a caller may react.
//
// A plugin's failure is an Error with one of these codes, and nothing else:
//   plugin_refused    a definite no; the thing was not done and a retry will not help
//   plugin_failed     it did not happen (peer down, circuit open, script error before any effect);
//                     the same call may be made again
//   outcome_unknown   it may have happened (the answer was lost): probe or query before repeating
//   unsupported       the plugin does not declare this capability
//   deadline_exceeded as outcome_unknown where the call has an effect
// The message is fit for an operator; what a customer sees is chosen by the service.

#pragma once

#include "base/error.hpp"

#include <chrono>
#include <map>
#include <string>

namespace rb::core {

// Repeating a call with the same key must not do the thing twice.
struct IdempotencyKey {
    std::string text;
    auto operator<=>(const IdempotencyKey&) const = default;
};

// A definite no: the thing was not done, and the same call will not be answered otherwise.
inline bool is_refusal(const Error& error) {
    return error.code == ErrorCode::plugin_refused || error.code == ErrorCode::unsupported ||
           error.code == ErrorCode::invalid_argument;
}

using StringMap = std::map<std::string, std::string>;

}  // namespace rb::core
