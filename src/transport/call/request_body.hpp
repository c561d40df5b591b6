// RequestBody: the body of an RPC, as its protocol frames it, turned into messages.

#pragma once

#include "transport/call_context.hpp"
#include "transport/grpc/message_reader.hpp"
#include "transport/grpc_web/text_reader.hpp"

#include <google/protobuf/descriptor.h>

#include <optional>
#include <string>
#include <string_view>

namespace rb::transport {

class RequestBody {
public:
    struct Raw {
        bool compressed = false;
        std::string_view bytes;  // valid until the next append()
    };

    RequestBody(Protocol protocol, std::size_t message_bytes_max)
        : protocol_(protocol), message_bytes_max_(message_bytes_max), reader_(message_bytes_max) {}

    // ERRORS: too_large, invalid_argument  as MessageReader and TextReader have them
    Result<> append(std::string_view bytes);
    // The next message of a stream; gRPC and gRPC-Web only.
    std::optional<Raw> next();
    // What is wrong with a body that ends here.
    // ERRORS: invalid_argument  it ends inside a message
    Result<> check_end() const;
    // The only message of a unary call whose body is complete.
    // ERRORS: invalid_argument  the body ends inside a message
    //         unsupported       there is no message, or more than one
    Result<Raw> only_message(const HeaderFields& fields);
    [[nodiscard]] std::size_t held_bytes() const { return reader_.held_bytes() + whole_.size(); }

private:
    const Protocol protocol_;
    const std::size_t message_bytes_max_;
    grpc::MessageReader reader_;
    grpc_web::TextReader text_;
    std::string whole_;  // Connect: the body is the message
};

// Whether we can undo the request's compression; asked before its body comes.
// ERRORS: unsupported  an encoding we do not know; the message names those we do
Result<> check_encoding(const HeaderFields& fields, Protocol protocol);

// Undoes compression and, for Connect's JSON, transcodes. The result is `raw.bytes` or a view of
// `storage`.
// ERRORS: too_large         it decompresses to more than message_bytes_max
//         invalid_argument  damaged, or not the message in JSON
Result<std::string_view> decode_message(RequestBody::Raw raw, Protocol protocol,
                                        const google::protobuf::Descriptor& type,
                                        std::size_t message_bytes_max, std::string& storage);

}  // namespace rb::transport
