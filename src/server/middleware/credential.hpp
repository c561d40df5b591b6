// What the three credential layers share: from a credential to the Actor attached to the call.
//
// No layer answers 401 (operations manual 1.3). A credential that is not good is logged (WARN) and
// kept as a CredentialProblem; the call goes on as nobody's, which is all a public method needs,
// and where somebody is needed AccessLayer answers with the problem.

#pragma once

#include "base/result.hpp"

#include "core/identity/actor.hpp"
#include "core/identity/origin_check.hpp"
#include "core/identity/session.hpp"
#include "core/ports/log.hpp"

#include "transport/layer.hpp"

#include <functional>
#include <string_view>

namespace rb::server {

// Core's Authenticator, one kind of credential of it.
using Authenticate =
    std::function<Result<core::Actor>(std::string_view credential, const core::ClientInfo&)>;

// Attached when a credential was presented and refused.
struct CredentialProblem {
    Error error;
};

// Address, browser and request id of the call, for sessions and the operation log.
core::ClientInfo client_info_of(const transport::CallContext& call);

// From which page; of the call's fields, and lives as long as they.
core::RequestOrigin request_origin_of(const transport::CallContext& call);

// Attaches the actor, or the problem and nobody: a caller who presents a bad credential is not
// taken for whom another one of his says he is. `kind` is for the log ("session").
void attach_outcome(transport::CallContext& call, Result<core::Actor> outcome,
                    std::string_view kind, core::Log& log);

// The value after "Bearer " of the authorization field; empty when there is none.
std::string_view bearer_token(const transport::CallContext& call);

}  // namespace rb::server
