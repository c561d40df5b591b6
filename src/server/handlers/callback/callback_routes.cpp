#include "server/handlers/callback/callback_routes.hpp"

#include "server/middleware/client_address.hpp"

#include <array>
#include <string>

namespace rb::server {

namespace {

using transport::CallContext;

constexpr std::string_view callback_log_target = "rustbill_server::callback";
constexpr std::array<std::string_view, 2> prefixes = {"/payment/callback/", "/callbacks/"};

core::RawCallback raw_of(const CallContext& call) {
    core::RawCallback raw{.method = std::string(call.http_method()),
                          .path = std::string(call.path()),
                          .query = std::string(call.query()),
                          .headers = {},
                          .body = std::string(call.body())};
    for (const auto field : call.metadata()) {
        // A field that repeats is one list (RFC 9110, 5.3).
        auto& value = raw.headers[std::string(field.name)];
        if (!value.empty()) value += ", ";
        value += field.value;
    }
    return raw;
}

// An interface's id as administrators may choose it; nothing else can name a gateway.
bool may_be_gateway_id(std::string_view text) {
    constexpr std::string_view others = "-_.";
    if (text.empty() || text.size() > 100) return false;
    for (const char c : text) {
        const bool is_letter_or_digit =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!is_letter_or_digit && others.find(c) == std::string_view::npos) return false;
    }
    return true;
}

Result<transport::Response> receive(core::PaymentService& payments, core::Log& log,
                                    const CallContext& call, std::size_t prefix_length) {
    const std::string gateway(call.path().substr(prefix_length));
    if (!may_be_gateway_id(gateway)) return Error{ErrorCode::not_found, "there is no such gateway"};
    const auto* address = call.attributes().find<ClientAddress>();
    const auto reply = payments.receive_callback(gateway, raw_of(call),
                                                 address != nullptr ? address->ip : std::string());
    log.info(callback_log_target, "callback handled",
             {{"gateway_id", gateway}, {"status", reply.status}});
    return transport::Response{
        .http_status = reply.status, .content_type = reply.content_type, .body = reply.body};
}

}  // namespace

void add_callback_routes(transport::HttpRoutes& routes, core::PaymentService& payments,
                         core::Log& log) {
    for (const auto prefix : prefixes) {
        for (const auto* method : {"GET", "POST"}) {
            routes.add(method, std::string(prefix),
                       [&payments, &log, length = prefix.size()](CallContext& call) {
                           return receive(payments, log, call, length);
                       });
        }
    }
}

}  // namespace rb::server
