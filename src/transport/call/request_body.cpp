#include "transport/call/request_body.hpp"

#include "transport/connect/connect.hpp"
#include "transport/gzip.hpp"

namespace rb::transport {
namespace {

bool is_connect(Protocol protocol) {
    return protocol == Protocol::connect_json || protocol == Protocol::connect_proto;
}

std::string_view encoding_of(const HeaderFields& fields, Protocol protocol) {
    return fields.find(is_connect(protocol) ? "content-encoding" : "grpc-encoding")
        .value_or("identity");
}

}  // namespace

Result<> check_encoding(const HeaderFields& fields, Protocol protocol) {
    const auto encoding = encoding_of(fields, protocol);
    if (encoding == "identity" || encoding == "gzip" || encoding == "deflate") return {};
    return Error{ErrorCode::unsupported, "compression " + std::string(encoding) +
                                             " is not known here; send gzip, deflate or identity"};
}

Result<> RequestBody::append(std::string_view bytes) {
    if (is_connect(protocol_)) {
        if (bytes.size() > message_bytes_max_ - whole_.size()) {
            return Error{ErrorCode::too_large, "the message is larger than the " +
                                                   std::to_string(message_bytes_max_) +
                                                   " bytes allowed"};
        }
        whole_.append(bytes);
        return {};
    }
    if (protocol_ == Protocol::grpc_web_text) {
        std::string decoded;
        TRY(text_.decode(bytes, decoded));
        return reader_.append(decoded);
    }
    return reader_.append(bytes);
}

std::optional<RequestBody::Raw> RequestBody::next() {
    const auto message = reader_.next();
    if (!message) return std::nullopt;
    return Raw{message->compressed, message->bytes};
}

Result<> RequestBody::check_end() const {
    if (reader_.at_boundary() && text_.at_boundary()) return {};
    return Error{ErrorCode::invalid_argument, "the request ends in the middle of a message"};
}

Result<RequestBody::Raw> RequestBody::only_message(const HeaderFields& fields) {
    if (is_connect(protocol_)) {
        return Raw{encoding_of(fields, protocol_) != "identity" && !whole_.empty(), whole_};
    }
    const auto message = next();
    const bool more = message && next().has_value();
    TRY(check_end());
    // Cardinality violations are UNIMPLEMENTED (gRPC status codes and their use).
    if (!message) return Error{ErrorCode::unsupported, "the call carries no message"};
    if (more) return Error{ErrorCode::unsupported, "the call carries more than one message"};
    return *message;
}

Result<std::string_view> decode_message(RequestBody::Raw raw, Protocol protocol,
                                        const google::protobuf::Descriptor& type,
                                        std::size_t message_bytes_max, std::string& storage) {
    std::string_view bytes = raw.bytes;
    if (raw.compressed) {
        storage = TRY(gunzip(bytes, message_bytes_max));
        bytes = storage;
    }
    if (protocol == Protocol::connect_json) {
        storage = TRY(connect::message_from_json(bytes, type));
        bytes = storage;
    }
    return bytes;
}

}  // namespace rb::transport
