// The last frame of a gRPC-Web answer: trailers in the body (PROTOCOL-WEB, "Message framing").
//
//     +------+-----------------+---------------------------------------------+
//     | 0x80 | length, 4 bytes | "grpc-status:0\r\n" "grpc-message:...\r\n"  |
//     +------+-----------------+---------------------------------------------+
//
// Names are lower case, without a blank after the colon, as tonic-web wrote them to the clients
// that exist.

#pragma once

#include "transport/header_fields.hpp"

#include <string>

namespace rb::transport::grpc_web {

void append_trailer_frame(const HeaderFields& trailers, std::string& out);

}  // namespace rb::transport::grpc_web
