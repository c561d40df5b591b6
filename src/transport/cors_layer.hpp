// CorsLayer: lets web pages of other origins call us.
//
// A preflight (OPTIONS with Origin and Access-Control-Request-Method) is answered here with 204 and
// never reaches the layers behind, so it needs no credential. Every other answer to a request with
// an allowed Origin gets Access-Control-Allow-Origin, and exposes grpc-status, grpc-message and
// what else a client must read. An origin that is not allowed gets no CORS headers: the browser
// refuses.

#pragma once

#include "transport/cors_policy.hpp"
#include "transport/layer.hpp"

namespace rb::transport {

class CorsLayer final : public Layer {
public:
    explicit CorsLayer(CorsPolicy policy) : policy_(std::move(policy)) {}
    explicit CorsLayer(CorsOptions options) : policy_(std::move(options)) {}
    Result<Response> handle(CallContext& call, Next next) override;
    [[nodiscard]] bool runs_on_io_thread() const override { return true; }

private:
    const CorsPolicy policy_;
};

}  // namespace rb::transport
