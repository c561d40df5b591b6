#include "transport/call/whole_call.hpp"

#include "transport/connect/connect.hpp"

#include <utility>

namespace rb::transport {
namespace {

Error deadline_error() {
    return {ErrorCode::deadline_exceeded, "the call's deadline passed"};
}

Execution execution_of(const RequestInfo& info, const HttpRoute* route) {
    if (route != nullptr) return route->execution;
    // A preflight is answered by a layer that runs on the I/O thread, or not at all.
    return info.http_method == "OPTIONS" ? Execution::io_thread : Execution::worker;
}

}  // namespace

void WholeCall::on_open() {
    if (execution_ == Execution::worker) watch_deadline();
}

WholeCall::Credit WholeCall::on_body(std::string_view bytes) {
    if (refused_) {
        discarded_bytes_ += bytes.size();
        if (refusal_ && discarded_bytes_ > limits::linger_bytes_max) {
            respond(std::move(*std::exchange(refusal_, std::nullopt)));
        }
        return Credit::now;
    }
    auto taken = take(bytes);
    if (taken.has_error()) {
        const bool too_large = taken.error().code == ErrorCode::too_large;
        refuse_after_body(std::move(taken).error(), too_large ? 413 : 0);
    } else if (!hold(held_bytes())) {
        refuse_after_body({ErrorCode::too_large, "too many unfinished requests on this connection"},
                          413);
    }
    return Credit::now;
}

void WholeCall::refuse(Error error, int http_status) {
    refused_ = true;
    respond(write_refusal(std::move(error), http_status, Context::own));
}

// Reads on, and throws away, what is left of the body: a peer that is still sending mostly does not
// listen, and over HTTP/1.1 an answer before the end costs the connection.
void WholeCall::refuse_after_body(Error error, int http_status) {
    refused_ = true;
    refusal_ = write_refusal(std::move(error), http_status, Context::own);
}

void WholeCall::on_body_end() {
    if (refusal_) respond(std::move(*std::exchange(refusal_, std::nullopt)));
    if (refused_) return;
    if (execution_ == Execution::io_thread) {
        respond(write_answer(context(), outcome(environment().io_layers), compression()));
        return;
    }
    if (environment().workers.submit(shared_from_this())) return;
    environment().counters.calls_refused_queue_full.fetch_add(1, std::memory_order_relaxed);
    refuse({ErrorCode::unavailable, "the server is busy: too many calls are waiting"});
}

Result<Response> WholeCall::outcome(std::span<Layer* const> layers) {
    if (context().deadline() && *context().deadline() <= std::chrono::steady_clock::now()) {
        return deadline_error();
    }
    auto bytes = body();
    if (bytes.has_error()) {
        Refuse refuse(std::move(bytes).error());
        return execute(refuse, environment().io_layers);
    }
    context().set_body(*bytes);
    return execute(*this, layers);
}

void WholeCall::run() noexcept {
    // Nobody waits for the answer any more: the place on the worker goes to the next.
    if (context().cancelled()) return;
    answer_ = write_answer(context(), outcome(environment().layers), compression());
    post();
}

void WholeCall::on_posted() {
    if (!attached() || !answer_) return;
    respond(std::move(*answer_));
    output_ready();
}

void WholeCall::answer_deadline() {
    refused_ = true;
    respond(write_refusal(deadline_error(), 0, Context::fresh));
}

UnaryCall::UnaryCall(Seat seat, RequestInfo info, const Method& method)
    : WholeCall(std::move(seat), std::move(info), method.execution),
      method_(method),
      body_(context().protocol(), environment().message_bytes_max(method.execution)) {}

Result<std::string_view> UnaryCall::body() {
    const auto raw = TRY(body_.only_message(context().metadata()));
    return decode_message(raw, context().protocol(), *method_.descriptor->input_type(),
                          environment().message_bytes_max(method_.execution), decoded_);
}

Result<Response> UnaryCall::handle(CallContext& call) {
    auto bytes = std::get<UnaryHandler>(method_.handler)(call, call.body());
    if (bytes.has_error()) return std::move(bytes).error();
    return Response{.body = std::move(*bytes)};
}

HttpCall::HttpCall(Seat seat, RequestInfo info, const HttpRoute* route)
    : WholeCall(std::move(seat), std::move(info), execution_of(info, route)), route_(route) {}

Result<> HttpCall::take(std::string_view bytes) {
    const auto max = environment().options.http_body_bytes_max;
    if (bytes.size() > max - body_.size()) {
        return Error{ErrorCode::too_large,
                     "the body is larger than the " + std::to_string(max) + " bytes allowed"};
    }
    body_.append(bytes);
    return {};
}

Result<Response> HttpCall::handle(CallContext& call) {
    if (route_ != nullptr) return route_->handler(call);
    const auto allowed = environment().routes.allowed_methods(call.path());
    if (!allowed.empty()) call.response_headers().add("allow", allowed);
    if (call.http_method() == "OPTIONS" && !allowed.empty()) return Response{.http_status = 204};
    if (allowed.empty()) {
        return Error{ErrorCode::not_found, "there is nothing at " + std::string(call.path())};
    }
    const Error error{ErrorCode::unsupported,
                      std::string(call.http_method()) + " is not answered here; try " + allowed};
    return http_json(405, connect::error_json(error, call));
}

void RefusedCall::on_open() {
    if (context().protocol() == Protocol::grpc) answer();
}

RefusedCall::Credit RefusedCall::on_body(std::string_view bytes) {
    discarded_bytes_ += bytes.size();
    if (discarded_bytes_ > limits::linger_bytes_max) answer();
    return Credit::now;
}

void RefusedCall::answer() {
    if (!refusal_) return;
    auto refusal = std::move(*std::exchange(refusal_, std::nullopt));
    if (refusal.http_status == 405) context().response_headers().add("allow", "POST");
    if (refusal.http_status == 415) {
        context().response_headers().add("accept-post",
                                         "application/json, application/proto, application/grpc, "
                                         "application/grpc-web+proto");
    }
    respond(write_refusal(std::move(refusal.error), refusal.http_status, Context::own));
}

}  // namespace rb::transport
