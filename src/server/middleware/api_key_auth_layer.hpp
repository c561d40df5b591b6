// ApiKeyAuthLayer: customers' programs, by "x-api-key: <key>" or "Authorization: Bearer <key>". A
// call without either passes.

#pragma once

#include "server/middleware/credential.hpp"

namespace rb::server {

class ApiKeyAuthLayer final : public transport::Layer {
public:
    // `log` must outlive the layer.
    ApiKeyAuthLayer(Authenticate authenticate, core::Log& log)
        : authenticate_(std::move(authenticate)), log_(log) {}
    Result<transport::Response> handle(transport::CallContext& call, transport::Next next) override;

private:
    const Authenticate authenticate_;
    core::Log& log_;
};

}  // namespace rb::server
