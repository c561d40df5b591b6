// CorsLayer: lets web pages of other origins call us.
//
// A preflight (OPTIONS with Origin and Access-Control-Request-Method) is answered here with 204 and
// never reaches the layers behind, so it needs no credential. Every other answer to a request with
// an allowed Origin gets Access-Control-Allow-Origin, and exposes grpc-status, grpc-message and
// what else a client must read. An origin that is not allowed gets no CORS headers: the browser
// refuses.

#pragma once

#include "transport/layer.hpp"

#include <string>
#include <vector>

namespace rb::transport {

struct CorsOptions {
    // Origins as browsers send them ("https://shop.example.com"). Empty or {"*"}: any, without
    // credentials. Named origins may send cookies.
    std::vector<std::string> allowed_origins = {};
    // How long a browser may remember a preflight; Chromium's own ceiling.
    int max_age_secs = 7200;
};

class CorsLayer final : public Layer {
public:
    explicit CorsLayer(CorsOptions options);
    Result<Response> handle(CallContext& call, Next next) override;
    [[nodiscard]] bool runs_on_io_thread() const override { return true; }

private:
    [[nodiscard]] bool allows(std::string_view origin) const;
    CorsOptions options_;
    bool any_origin_;
};

}  // namespace rb::transport
