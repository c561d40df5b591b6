// LogContextLayer: stands behind the credential layers and puts the caller on every line logged
// from here on; logs each call with its path, time and status (DEBUG, operations manual 7.3), and
// what failed unexpectedly with the detail that never leaves over the wire (ERROR).

#pragma once

#include "core/ports/log.hpp"

#include "transport/layer.hpp"

namespace rb::server {

class LogContextLayer final : public transport::Layer {
public:
    // `log` must outlive the layer.
    explicit LogContextLayer(core::Log& log) : log_(log) {}
    Result<transport::Response> handle(transport::CallContext& call, transport::Next next) override;

private:
    void report(const transport::CallContext& call, const Result<transport::Response>& outcome,
                std::chrono::steady_clock::duration took);

    core::Log& log_;
};

}  // namespace rb::server
