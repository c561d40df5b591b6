#include "transport/cors_layer.hpp"

namespace rb::transport {

Result<Response> CorsLayer::handle(CallContext& call, Next next) {
    if (CorsPolicy::is_preflight(call)) return policy_.answer_preflight(call);
    policy_.open_answer(call);
    return next(call);
}

}  // namespace rb::transport
