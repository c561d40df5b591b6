// Makes the right kind of Call for a request's head.

#pragma once

#include "transport/call/call.hpp"

#include <memory>
#include <string>

namespace rb::transport {

// Never nullptr: what cannot be served becomes a call that is refused.
std::shared_ptr<Call> make_call(Seat seat, http::RequestHead head, const std::string& peer);

}  // namespace rb::transport
