// RequestScopeLayer: the outermost of ours. Resolves the client's address, and puts the request id
// on every line logged while the call runs, the layers' own lines included.

#pragma once

#include "transport/layer.hpp"

#include "config/ip_network.hpp"

#include <vector>

namespace rb::server {

class RequestScopeLayer final : public transport::Layer {
public:
    explicit RequestScopeLayer(std::vector<config::IpNetwork> trusted_proxies)
        : trusted_proxies_(std::move(trusted_proxies)) {}
    Result<transport::Response> handle(transport::CallContext& call, transport::Next next) override;

private:
    const std::vector<config::IpNetwork> trusted_proxies_;
};

}  // namespace rb::server
