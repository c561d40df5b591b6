#include "base/error.hpp"

#include "base/assert.hpp"
#include "base/result.hpp"

#include <array>

namespace rb {
namespace {

enum class Retry { never, later };

struct ErrorTraits {
    std::string_view reason;
    GrpcStatus grpc;
    Retry retry;
};

constexpr std::array error_traits = {
#define RB_ERROR(code, reason, grpc, retry) ErrorTraits{reason, GrpcStatus::grpc, Retry::retry},
#include "base/errors.def"
#undef RB_ERROR
};

const ErrorTraits& traits_of(ErrorCode code) {
    const auto index = static_cast<std::size_t>(code);
    ASSERT(index < error_traits.size());
    return error_traits[index];
}

}  // namespace

std::string_view reason_of(ErrorCode code) {
    return traits_of(code).reason;
}

GrpcStatus grpc_status_of(ErrorCode code) {
    return traits_of(code).grpc;
}

bool is_retryable(ErrorCode code) {
    return traits_of(code).retry == Retry::later;
}

Error invalid_field(std::string field, std::string rule) {
    std::string message = field + ": " + std::move(rule);
    return Error{ErrorCode::invalid_argument, std::move(message), std::move(field)};
}

Error internal_error(std::string detail) {
    return Error{ErrorCode::internal, "internal error", {}, std::move(detail)};
}

void throw_exception_from_error(const Error& error, const boost::source_location& where) {
    assertion_failed(error.message.c_str(), where.file_name(), static_cast<int>(where.line()));
}

}  // namespace rb
