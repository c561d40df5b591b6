#include "transport/call/classify.hpp"

#include "transport/connect/connect.hpp"
#include "transport/grpc/timeout.hpp"

#include <algorithm>
#include <cctype>

namespace rb::transport {
namespace {

// The media type without parameters, lower case.
std::string media_type_of(const HeaderFields& fields) {
    const auto value = fields.find("content-type");
    if (!value) return {};
    auto type = value->substr(0, value->find(';'));
    while (!type.empty() && type.back() == ' ') type.remove_suffix(1);
    std::string lower(type);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return lower;
}

Refusal refusal(int http_status, std::string message) {
    return {Error{ErrorCode::unsupported, std::move(message)}, http_status};
}

// Cuts `prefix`; true when nothing or "+proto" is left.
bool is_proto_of(std::string_view type, std::string_view prefix) {
    const auto rest = type.substr(prefix.size());
    return rest.empty() || rest == "+proto";
}

std::optional<Protocol> grpc_protocol_of(std::string_view type) {
    constexpr std::string_view web_text = "application/grpc-web-text";
    constexpr std::string_view web = "application/grpc-web";
    constexpr std::string_view native = "application/grpc";
    if (type.starts_with(web_text)) {
        if (is_proto_of(type, web_text)) return Protocol::grpc_web_text;
    } else if (type.starts_with(web)) {
        if (is_proto_of(type, web)) return Protocol::grpc_web;
    } else if (is_proto_of(type, native)) {
        return Protocol::grpc;
    }
    return std::nullopt;
}

Classification classify_grpc(const http::RequestHead& head, std::string_view type,
                             const MethodRegistry& methods) {
    Classification result;
    const auto protocol = grpc_protocol_of(type);
    if (!protocol) {
        result.refusal = refusal(415, "content-type: only protobuf messages are spoken here");
        return result;
    }
    if (head.method != "POST") {
        result.refusal = refusal(405, "a call must be a POST");
        return result;
    }
    if (*protocol == Protocol::grpc && head.version != http::Version::http2) {
        result.refusal = refusal(505, "gRPC needs HTTP/2; over HTTP/1.1 use gRPC-Web or Connect");
        return result;
    }
    result.protocol = *protocol;
    result.method = methods.find(head.path);
    if (result.method == nullptr) {
        result.refusal = refusal(0, "there is no method " + head.path);
    }
    return result;
}

Classification classify_connect(const http::RequestHead& head, std::string_view type,
                                const Method& method) {
    Classification result;
    if (head.method != "POST") {
        result.refusal = refusal(405, "a call must be a POST");
        return result;
    }
    if (type != "application/json" && type != "application/proto") {
        result.refusal = refusal(415,
                                 "content-type: must be application/json, application/proto, "
                                 "application/grpc or application/grpc-web");
        return result;
    }
    result.protocol = type == "application/json" ? Protocol::connect_json : Protocol::connect_proto;
    result.method = &method;
    if (!std::holds_alternative<UnaryHandler>(method.handler)) {
        result.refusal = refusal(415, method.path + " streams: use gRPC or gRPC-Web");
    }
    return result;
}

}  // namespace

Classification classify(const http::RequestHead& head, const MethodRegistry& methods,
                        const HttpRoutes& routes) {
    Classification result;
    const std::string type = media_type_of(head.fields);
    if (head.too_large) {
        if (const auto protocol =
                type.starts_with("application/grpc") ? grpc_protocol_of(type) : std::nullopt) {
            result.protocol = *protocol;
        }
        result.refusal = Refusal{
            Error{ErrorCode::too_large,
                  "the request's headers are larger than the " +
                      std::to_string(limits::header_list_bytes_max) + " bytes or more than the " +
                      std::to_string(limits::header_fields_max) + " fields allowed"},
            431};
        return result;
    }
    if (head.method == "OPTIONS") {
        result.route = routes.find(head.method, head.path);
        return result;
    }
    if (type.starts_with("application/grpc")) return classify_grpc(head, type, methods);
    if (const auto* method = methods.find(head.path)) return classify_connect(head, type, *method);
    if (head.method == "CONNECT" || head.path.empty()) {
        result.refusal = refusal(501, "this is not a proxy");
        return result;
    }
    result.route = routes.find(head.method, head.path);
    const bool connect_type = type == "application/json" || type == "application/proto";
    if (result.route == nullptr && connect_type && methods.has_service(head.path)) {
        result.protocol =
            type == "application/json" ? Protocol::connect_json : Protocol::connect_proto;
        result.refusal = refusal(0, "there is no method " + head.path);
    }
    return result;
}

Result<std::optional<std::chrono::nanoseconds>> timeout_of(const HeaderFields& fields,
                                                           Protocol protocol) {
    using Timeout = std::optional<std::chrono::nanoseconds>;
    switch (protocol) {
        case Protocol::http:
            return Timeout();
        case Protocol::connect_json:
        case Protocol::connect_proto:
            if (const auto text = fields.find("connect-timeout-ms")) {
                return Timeout(TRY(connect::parse_timeout(*text)));
            }
            return Timeout();
        default:
            if (const auto text = fields.find("grpc-timeout")) {
                return Timeout(TRY(grpc::parse_timeout(*text)));
            }
            return Timeout();
    }
}

}  // namespace rb::transport
