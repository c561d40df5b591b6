// AccessLayer: the last before the method. Decides whether the caller may make this call at all, by
// the rule that stands on the method; which rows he may see is for the services.

#pragma once

#include "transport/layer.hpp"

#include "server/middleware/access_table.hpp"

namespace rb::server {

class AccessLayer final : public transport::Layer {
public:
    explicit AccessLayer(AccessTable table) : table_(std::move(table)) {}
    Result<transport::Response> handle(transport::CallContext& call, transport::Next next) override;

private:
    const AccessTable table_;
};

}  // namespace rb::server
