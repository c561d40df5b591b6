// How the modules host::http and http send a request of the running call.

#pragma once

#include "plugin/host/call_state.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace rb::plugin {

// What #{ kind, message } says; scripts see it as http::Error.
struct HttpError {
    std::string kind;
    std::string message;
};

// The http::Error that the value is; null for anything else. Holds while the value does.
const HttpError* http_error_of(rune::Vm& vm, rune::Value value);

// Counts the request, sends it as the grants allow, and remembers whether it may have acted.
// `is_repeatable`: the peer takes a repeat for the same request, so a lost answer is no "unknown".
// ERRORS (kinds): refused, failed, unknown.
std::variant<HttpResponse, HttpError> send_for_call(CallState& state, const HttpRequest& request,
                                                    bool is_repeatable);

// The limit of a request that names none.
std::chrono::milliseconds timeout_for_call(const CallState& state,
                                           std::chrono::milliseconds wanted);

}  // namespace rb::plugin
