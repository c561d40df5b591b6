#include "transport/call/call.hpp"

#include <exception>

namespace rb::transport {
namespace {

// Bodies up to this size are not accounted for: the limit of concurrent streams bounds them, and
// nearly every call of the wire contract is smaller.
constexpr std::size_t unaccounted_body_bytes = 16UL * 1024;

}  // namespace

Call::Call(Seat seat, RequestInfo info) : seat_(std::move(seat)), context_(std::move(info)) {
    auto& counters = environment().counters;
    counters.calls.fetch_add(1, std::memory_order_relaxed);
    counters.calls_active.fetch_add(1, std::memory_order_relaxed);
}

Call::~Call() {
    if (held_bytes_ > 0) seat_.budget->give_back(held_bytes_);
}

void Call::detach() {
    if (!attached_) return;
    attached_ = false;
    environment().counters.calls_active.fetch_sub(1, std::memory_order_relaxed);
    if (deadline_ticket_ != 0) {
        seat_.home.remove_deadline(deadline_ticket_, *context_.deadline());
        deadline_ticket_ = 0;
    }
}

void Call::on_abort(http::AbortReason) {
    if (!attached_) return;
    context_.cancel();
    detach();
    on_cancelled(ErrorCode::cancelled);
}

void Call::on_complete() {
    detach();
}

void Call::watch_deadline() {
    if (!context_.deadline()) return;
    deadline_ticket_ = seat_.home.add_deadline(*context_.deadline(), weak_from_this());
}

void Call::on_deadline() {
    deadline_ticket_ = 0;
    if (!attached_) return;
    context_.cancel();
    on_cancelled(ErrorCode::deadline_exceeded);
    answer_deadline();
    output_ready();
}

Result<Response> Call::execute(Terminal& terminal, std::span<Layer* const> layers) {
    try {
        return Next(layers, terminal)(context_);
    } catch (const std::exception& thrown) {
        return internal_error(thrown.what());
    }
}

WrittenAnswer Call::write_refusal(Error error, int http_status, Context which) {
    const auto refuse = [&](CallContext& call) {
        Refuse terminal(std::move(error));
        auto outcome = Next(environment().io_layers, terminal)(call);
        return write_answer(call, std::move(outcome), compression(), http_status);
    };
    if (which == Context::own) return refuse(context_);
    CallContext fresh(RequestInfo{.protocol = context_.protocol(),
                                  .http_method = std::string(context_.http_method()),
                                  .path = std::string(context_.path()),
                                  .query = std::string(context_.query()),
                                  .fields = context_.metadata(),
                                  .peer = std::string(context_.peer()),
                                  .method = context_.method(),
                                  .deadline = context_.deadline()});
    return refuse(fresh);
}

void Call::respond(WrittenAnswer answer) {
    if (!attached_) return;
    session().respond(stream(), {.status = answer.status,
                                 .fields = &answer.fields,
                                 .with_length = answer.with_length,
                                 .body = std::move(answer.body),
                                 .static_body = answer.static_body,
                                 .trailers = &answer.trailers});
}

bool Call::hold(std::size_t body_bytes) {
    if (body_bytes <= unaccounted_body_bytes || body_bytes <= held_bytes_) return true;
    if (!seat_.budget->take(body_bytes - held_bytes_)) return false;
    held_bytes_ = body_bytes;
    return true;
}

}  // namespace rb::transport
