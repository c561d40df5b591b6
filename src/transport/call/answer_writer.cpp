#include "transport/call/answer_writer.hpp"

#include "transport/base64.hpp"
#include "transport/connect/connect.hpp"
#include "transport/grpc/message_reader.hpp"
#include "transport/grpc/status.hpp"
#include "transport/grpc_web/trailer_frame.hpp"
#include "transport/gzip.hpp"
#include "transport/http_routes.hpp"
#include "transport/method_registry.hpp"

namespace rb::transport {
namespace {

std::string_view content_type_of(Protocol protocol) {
    switch (protocol) {
        case Protocol::grpc:
            return "application/grpc";
        case Protocol::grpc_web:
            return "application/grpc-web+proto";
        case Protocol::grpc_web_text:
            return "application/grpc-web-text+proto";
        case Protocol::connect_json:
            return "application/json";
        case Protocol::connect_proto:
            return "application/proto";
        case Protocol::http:
            return {};
    }
    return {};
}

// Fields that say how the message is carried are ours to write: a second content-length, or a
// transfer-encoding over HTTP/2, would break the connection for the requests behind it.
bool is_about_carriage(std::string_view name) {
    return name == "connection" || name == "content-length" || name == "keep-alive" ||
           name == "proxy-connection" || name == "transfer-encoding" || name == "upgrade";
}

void append_all(const HeaderFields& from, HeaderFields& to, std::string_view prefix = {}) {
    for (const auto [name, value] : from) {
        if (is_about_carriage(name)) continue;
        if (prefix.empty()) {
            to.add(name, value);
        } else {
            to.add(std::string(prefix).append(name), value);
        }
    }
}

void append_call_headers(const CallContext& call, HeaderFields& fields) {
    if (call.has_request_id()) fields.add("x-request-id", call.request_id());
    append_all(call.response_headers(), fields);
}

bool peer_accepts_gzip(const CallContext& call, Compression compression) {
    if (compression == Compression::off) return false;
    const auto protocol = call.protocol();
    const bool framed = protocol == Protocol::grpc || protocol == Protocol::grpc_web ||
                        protocol == Protocol::grpc_web_text;
    const auto accepted = call.metadata().find(framed ? "grpc-accept-encoding" : "accept-encoding");
    return accepted && accepts_gzip(*accepted);
}

void append_message(std::string_view message, bool compress, std::string& out) {
    if (compress && message.size() >= limits::compress_bytes_min) {
        const auto compressed = gzip(message);
        if (compressed.size() < message.size()) {
            grpc::append_prefix(grpc::Flags::compressed, compressed.size(), out);
            out += compressed;
            return;
        }
    }
    out.reserve(out.size() + grpc::prefix_bytes + message.size());
    grpc::append_prefix(grpc::Flags::plain, message.size(), out);
    out += message;
}

HeaderFields success_trailers(const CallContext& call) {
    HeaderFields trailers;
    trailers.add_unchecked("grpc-status", "0");
    append_all(call.response_trailers(), trailers);
    return trailers;
}

void write_grpc(const CallContext& call, const Result<Response>& outcome, Compression compression,
                WrittenAnswer& answer) {
    answer.fields.add_unchecked("content-type", content_type_of(call.protocol()));
    if (outcome.has_error()) {
        grpc::append_status(outcome.error(), call, answer.fields);
        if (outcome.error().code == ErrorCode::unsupported) {
            answer.fields.add("grpc-accept-encoding", "gzip, deflate, identity");
        }
        append_call_headers(call, answer.fields);
        append_all(call.response_trailers(), answer.fields);
        return;
    }
    const bool compress =
        peer_accepts_gzip(call, compression) && outcome->body.size() >= limits::compress_bytes_min;
    if (compress) answer.fields.add_unchecked("grpc-encoding", "gzip");
    append_call_headers(call, answer.fields);
    append_message(outcome->body, compress, answer.body);
    answer.trailers = success_trailers(call);
}

// gRPC-Web is native gRPC with the trailers moved into the body.
void move_trailers_into_body(Protocol protocol, WrittenAnswer& answer) {
    if (!answer.trailers.empty()) {
        grpc_web::append_trailer_frame(answer.trailers, answer.body);
        answer.trailers.clear();
    }
    if (protocol == Protocol::grpc_web_text) answer.body = base64_encode(answer.body);
}

void write_error_body(const CallContext& call, const Error& error, int failure_status,
                      WrittenAnswer& answer) {
    answer.status =
        failure_status != 0 ? failure_status : http_status_of(grpc_status_of(error.code));
    answer.fields.add_unchecked("content-type", "application/json");
    answer.body = connect::error_json(error, call);
    answer.fields.add("rb-reason", reason_of(error.code));
    append_call_headers(call, answer.fields);
    if (call.is_rpc()) append_all(call.response_trailers(), answer.fields, "trailer-");
}

void compress_body(const CallContext& call, Compression compression, WrittenAnswer& answer) {
    if (answer.body.size() < limits::compress_bytes_min) return;
    if (answer.fields.find("content-encoding")) return;
    answer.fields.add_unchecked("vary", "accept-encoding");
    if (!peer_accepts_gzip(call, compression)) return;
    answer.fields.add_unchecked("content-encoding", "gzip");
    answer.body = gzip(answer.body);
}

Result<std::string> connect_body(const CallContext& call, Response& response) {
    if (call.protocol() == Protocol::connect_proto) return std::move(response.body);
    return connect::json_from_message(response.body, *call.method()->descriptor->output_type());
}

void write_connect(const CallContext& call, Result<Response> outcome, Compression compression,
                   int failure_status, WrittenAnswer& answer) {
    if (outcome.has_error()) {
        return write_error_body(call, outcome.error(), failure_status, answer);
    }
    auto body = connect_body(call, *outcome);
    if (body.has_error()) return write_error_body(call, body.error(), 0, answer);
    answer.fields.add_unchecked("content-type", content_type_of(call.protocol()));
    append_call_headers(call, answer.fields);
    append_all(call.response_trailers(), answer.fields, "trailer-");
    answer.body = std::move(*body);
    compress_body(call, compression, answer);
}

void write_http(const CallContext& call, Result<Response> outcome, Compression compression,
                int failure_status, WrittenAnswer& answer) {
    if (outcome.has_error()) {
        return write_error_body(call, outcome.error(), failure_status, answer);
    }
    // The status may come from a script that answers a gateway.
    if (outcome->http_status < 200 || outcome->http_status > 599) {
        const auto what = "a route answered with status " + std::to_string(outcome->http_status);
        return write_error_body(call, internal_error(what), 0, answer);
    }
    answer.status = outcome->http_status;
    if (!outcome->content_type.empty()) answer.fields.add("content-type", outcome->content_type);
    append_call_headers(call, answer.fields);
    answer.static_body = outcome->static_body;
    answer.body = std::move(outcome->body);
    if (answer.static_body.empty()) compress_body(call, compression, answer);
}

}  // namespace

WrittenAnswer write_answer(const CallContext& call, Result<Response> outcome,
                           Compression compression, int failure_status) {
    WrittenAnswer answer;
    switch (call.protocol()) {
        case Protocol::grpc:
            answer.with_length = false;
            write_grpc(call, outcome, compression, answer);
            break;
        case Protocol::grpc_web:
        case Protocol::grpc_web_text:
            write_grpc(call, outcome, compression, answer);
            move_trailers_into_body(call.protocol(), answer);
            break;
        case Protocol::connect_json:
        case Protocol::connect_proto:
            write_connect(call, std::move(outcome), compression, failure_status, answer);
            break;
        case Protocol::http:
            write_http(call, std::move(outcome), compression, failure_status, answer);
            break;
    }
    return answer;
}

HeaderFields write_stream_head(const CallContext& call, Compression compression) {
    HeaderFields fields;
    fields.add_unchecked("content-type", content_type_of(call.protocol()));
    if (peer_accepts_gzip(call, compression)) fields.add_unchecked("grpc-encoding", "gzip");
    append_call_headers(call, fields);
    return fields;
}

std::string write_stream_message(const CallContext& call, std::string_view message,
                                 Compression compression) {
    std::string out;
    append_message(message, peer_accepts_gzip(call, compression), out);
    if (call.protocol() == Protocol::grpc_web_text) return base64_encode(out);
    return out;
}

StreamEnd write_stream_end(const CallContext& call, const Result<>& outcome) {
    StreamEnd end;
    if (outcome.has_error()) {
        grpc::append_status(outcome.error(), call, end.trailers);
        append_all(call.response_trailers(), end.trailers);
    } else {
        end.trailers = success_trailers(call);
    }
    if (call.protocol() == Protocol::grpc) return end;
    grpc_web::append_trailer_frame(end.trailers, end.body);
    end.trailers.clear();
    if (call.protocol() == Protocol::grpc_web_text) end.body = base64_encode(end.body);
    return end;
}

}  // namespace rb::transport
