#include "server/middleware/access_layer.hpp"

#include "server/middleware/credential.hpp"

namespace rb::server {

Result<transport::Response> AccessLayer::handle(transport::CallContext& call,
                                                transport::Next next) {
    if (call.method() == nullptr) return next(call);
    static const core::Actor nobody;
    const auto* attached = call.attributes().find<core::Actor>();
    const auto& actor = attached != nullptr ? *attached : nobody;
    const auto decision = core::decide(table_.rule_of(call.method()->path), actor);
    if (decision.has_error()) {
        // "Your token has expired" helps where "sign in first" would puzzle.
        const auto* problem = call.attributes().find<CredentialProblem>();
        return problem != nullptr ? problem->error : decision.error();
    }
    return next(call);
}

}  // namespace rb::server
