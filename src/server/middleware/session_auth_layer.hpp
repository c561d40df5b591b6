// SessionAuthLayer: administrators, by the session cookie. A call without the cookie passes.
//
// A browser adds the cookie to requests of other sites' pages too, so a call with it must also come
// from our own pages (core/identity/origin_check.hpp).

#pragma once

#include "server/middleware/credential.hpp"

#include <string>
#include <vector>

namespace rb::server {

class SessionAuthLayer final : public transport::Layer {
public:
    struct Options {
        std::string cookie_name;
        std::vector<std::string> allowed_origins;
    };
    // `log` must outlive the layer.
    SessionAuthLayer(Options options, Authenticate authenticate, core::Log& log)
        : options_(std::move(options)), authenticate_(std::move(authenticate)), log_(log) {}
    Result<transport::Response> handle(transport::CallContext& call, transport::Next next) override;

private:
    Result<core::Actor> actor_of(const transport::CallContext& call, std::string_view token);

    const Options options_;
    const Authenticate authenticate_;
    core::Log& log_;
};

}  // namespace rb::server
