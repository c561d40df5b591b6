// JwtAuthLayer: customers, by "Authorization: Bearer <JWT>". A call without a bearer token, or with
// one that has the form of an API key, passes. The field is sent on purpose where a cookie is not,
// so it stands over a session.

#pragma once

#include "server/middleware/credential.hpp"

namespace rb::server {

class JwtAuthLayer final : public transport::Layer {
public:
    // `log` must outlive the layer.
    JwtAuthLayer(Authenticate authenticate, core::Log& log)
        : authenticate_(std::move(authenticate)), log_(log) {}
    Result<transport::Response> handle(transport::CallContext& call, transport::Next next) override;

private:
    const Authenticate authenticate_;
    core::Log& log_;
};

}  // namespace rb::server
