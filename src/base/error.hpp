// Error: why an operation did not happen.
//
// The codes are a closed list (errors.def). `message` is for the person who called and may be shown
// to him; it names the field and the rule and never holds a secret, an SQL text or a peer's raw
// answer. `detail` is for the log only.

#pragma once

#include <string>
#include <string_view>

namespace rb {

enum class ErrorCode {
#define RB_ERROR(code, reason, grpc, retry) code,
#include "base/errors.def"
#undef RB_ERROR
};

// Numbers of the gRPC protocol (grpc/status codes), spelled as there.
enum class GrpcStatus : int {
    ok = 0,
    cancelled = 1,
    unknown = 2,
    invalid_argument = 3,
    deadline_exceeded = 4,
    not_found = 5,
    already_exists = 6,
    permission_denied = 7,
    resource_exhausted = 8,
    failed_precondition = 9,
    aborted = 10,
    out_of_range = 11,
    unimplemented = 12,
    internal = 13,
    unavailable = 14,
    data_loss = 15,
    unauthenticated = 16,
};

struct Error {
    ErrorCode code = ErrorCode::internal;
    std::string message;
    // The input field that broke the rule ("email"), empty when no single field did.
    std::string field = {};
    // For the log; never leaves the process over the wire.
    std::string detail = {};

    [[nodiscard]] Error with_detail(std::string text) && {
        detail = std::move(text);
        return std::move(*this);
    }
};

// The stable word for a code ("order.not_payable").
std::string_view reason_of(ErrorCode code);
GrpcStatus grpc_status_of(ErrorCode code);
// Whether the same call may succeed later by itself (a busy database, a peer that was down).
bool is_retryable(ErrorCode code);

// The two that most validation needs.
Error invalid_field(std::string field, std::string rule);
Error internal_error(std::string detail);

}  // namespace rb
