#include "server/middleware/log_context_layer.hpp"

#include "core/identity/actor.hpp"

#include "log/log_context.hpp"

#include <chrono>

namespace rb::server {

namespace {

constexpr std::string_view request_log_target = "rustbill_server::grpc";

std::string caller_text(const transport::CallContext& call) {
    const auto* actor = call.attributes().find<core::Actor>();
    if (actor == nullptr) return "anonymous";
    switch (actor->kind) {
        case core::ActorKind::admin:
            return "admin " + actor->user.to_string();
        case core::ActorKind::customer:
            return "customer " + actor->customer.to_string();
        case core::ActorKind::api_key:
            return "api_key of " + actor->customer.to_string();
        case core::ActorKind::anonymous:
        case core::ActorKind::system:
            break;
    }
    return "anonymous";
}

// What nobody did wrong who called: somebody should look.
bool is_our_fault(ErrorCode code) {
    return code == ErrorCode::internal || code == ErrorCode::data_loss;
}

}  // namespace

Result<transport::Response> LogContextLayer::handle(transport::CallContext& call,
                                                    transport::Next next) {
    const log::LogContextScope scope(
        {.name = "request", .request_id = call.request_id(), .caller = caller_text(call)});
    const auto begun = std::chrono::steady_clock::now();
    auto outcome = next(call);
    report(call, outcome, std::chrono::steady_clock::now() - begun);
    return outcome;
}

void LogContextLayer::report(const transport::CallContext& call,
                             const Result<transport::Response>& outcome,
                             std::chrono::steady_clock::duration took) {
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
    if (!outcome.has_error()) {
        if (!log_.is_on(core::LogLevel::debug, request_log_target)) return;
        const int status = call.is_rpc() ? 0 : outcome->http_status;
        log_.debug(request_log_target, "request",
                   {{"path", call.path()},
                    {"protocol", name_of(call.protocol())},
                    {"status", status},
                    {"elapsed_us", micros}});
        return;
    }
    const auto& error = outcome.error();
    const auto level = is_our_fault(error.code)               ? core::LogLevel::error
                       : error.code == ErrorCode::unavailable ? core::LogLevel::warn
                                                              : core::LogLevel::debug;
    log_.write(level, request_log_target, "request failed",
               {{"path", call.path()},
                {"protocol", name_of(call.protocol())},
                {"status", static_cast<int>(grpc_status_of(error.code))},
                {"reason", reason_of(error.code)},
                {"error", error.message},
                {"detail", error.detail},
                {"elapsed_us", micros}});
}

}  // namespace rb::server
