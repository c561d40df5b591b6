// WholeCall: a call with one request and one answer, both complete: unary RPC and plain HTTP.

#pragma once

#include "transport/call/call.hpp"
#include "transport/call/classify.hpp"
#include "transport/call/request_body.hpp"

#include <optional>
#include <string>

namespace rb::transport {

class WholeCall : public Call, private Terminal {
public:
    WholeCall(Seat seat, RequestInfo info, Execution execution)
        : Call(std::move(seat), std::move(info)), execution_(execution) {}

    void on_open() final;
    Credit on_body(std::string_view bytes) final;
    void on_body_end() final;
    void on_posted() final;
    void run() noexcept final;

protected:
    // More of the body. ERRORS: too_large, invalid_argument
    virtual Result<> take(std::string_view bytes) = 0;
    [[nodiscard]] virtual std::size_t held_bytes() const = 0;
    // The whole body as the handler is to see it.
    virtual Result<std::string_view> body() = 0;
    virtual Result<Response> handle(CallContext& call) = 0;

private:
    void refuse(Error error, int http_status = 0);
    void refuse_after_body(Error error, int http_status);
    Result<Response> run(CallContext& call) final { return handle(call); }
    Result<Response> outcome(std::span<Layer* const> layers);
    void on_cancelled(ErrorCode) final {}
    void answer_deadline() final;

    const Execution execution_;
    bool refused_ = false;
    std::size_t discarded_bytes_ = 0;
    // A refusal that waits for the end of the body.
    std::optional<WrittenAnswer> refusal_;
    // Handed from the worker to the I/O thread by Home::post().
    std::optional<WrittenAnswer> answer_;
};

class UnaryCall final : public WholeCall {
public:
    // REQUIRES: the method is unary
    UnaryCall(Seat seat, RequestInfo info, const Method& method);

private:
    Result<> take(std::string_view bytes) override { return body_.append(bytes); }
    [[nodiscard]] std::size_t held_bytes() const override { return body_.held_bytes(); }
    Result<std::string_view> body() override;
    Result<Response> handle(CallContext& call) override;

    const Method& method_;
    RequestBody body_;
    std::string decoded_;
};

class HttpCall final : public WholeCall {
public:
    // `route` is nullptr when nothing has the path: layers may still answer, else 404 or 405.
    HttpCall(Seat seat, RequestInfo info, const HttpRoute* route);

private:
    Result<> take(std::string_view bytes) override;
    [[nodiscard]] std::size_t held_bytes() const override { return body_.size(); }
    Result<std::string_view> body() override { return std::string_view(body_); }
    Result<Response> handle(CallContext& call) override;

    const HttpRoute* route_;
    std::string body_;
};

// A request that is refused for its head. Native gRPC hears it at once, for its body may be a
// stream without end; the others when their body has come, as UnaryCall's are.
class RefusedCall final : public Call {
public:
    RefusedCall(Seat seat, RequestInfo info, Refusal refusal)
        : Call(std::move(seat), std::move(info)), refusal_(std::move(refusal)) {}

    void on_open() override;
    Credit on_body(std::string_view bytes) override;
    void on_body_end() override { answer(); }
    void on_posted() override {}
    void run() noexcept override {}

private:
    void on_cancelled(ErrorCode) override {}
    void answer_deadline() override {}
    void answer();

    std::optional<Refusal> refusal_;
    std::size_t discarded_bytes_ = 0;
};

}  // namespace rb::transport
