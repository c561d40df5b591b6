#include "server/middleware/credential.hpp"

#include "server/limits.hpp"
#include "server/middleware/client_address.hpp"

namespace rb::server {

namespace {

constexpr std::string_view auth_log_target = "rustbill_server::auth";

bool is_bearer(std::string_view scheme) {
    constexpr std::string_view expected = "bearer ";
    if (scheme.size() < expected.size()) return false;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        // Letters only differ in bit 5; the blank stays itself.
        if ((scheme[i] | 0x20) != (expected[i] | 0x20)) return false;
    }
    return true;
}

}  // namespace

core::ClientInfo client_info_of(const transport::CallContext& call) {
    const auto* address = call.attributes().find<ClientAddress>();
    const auto agent = call.metadata().find("user-agent").value_or("");
    return {.ip = address != nullptr ? address->ip : std::string(),
            .user_agent = std::string(agent.substr(0, limits::user_agent_bytes_max)),
            .request_id = call.request_id()};
}

core::RequestOrigin request_origin_of(const transport::CallContext& call) {
    const auto& fields = call.metadata();
    return {.origin = fields.find("origin").value_or(""),
            .sec_fetch_site = fields.find("sec-fetch-site").value_or(""),
            .host = fields.find("host").value_or("")};
}

void attach_outcome(transport::CallContext& call, Result<core::Actor> outcome,
                    std::string_view kind, core::Log& log) {
    if (!outcome.has_error()) {
        call.attributes().set(std::move(*outcome));
        return;
    }
    const auto client = client_info_of(call);
    log.warn(auth_log_target, "credential refused",
             {{"kind", kind},
              {"reason", outcome.error().message},
              {"detail", outcome.error().detail},
              {"ip", client.ip},
              {"path", call.path()}});
    call.attributes().set(core::Actor{.request_id = client.request_id, .ip = client.ip});
    call.attributes().set(CredentialProblem{std::move(outcome).error()});
}

std::string_view bearer_token(const transport::CallContext& call) {
    const auto field = call.metadata().find("authorization").value_or("");
    if (!is_bearer(field)) return {};
    auto token = field.substr(std::string_view("bearer ").size());
    while (token.starts_with(' ')) token.remove_prefix(1);
    return token;
}

}  // namespace rb::server
