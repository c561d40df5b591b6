#include "transport/grpc_web/trailer_frame.hpp"

#include "transport/grpc/message_reader.hpp"

namespace rb::transport::grpc_web {

void append_trailer_frame(const HeaderFields& trailers, std::string& out) {
    std::size_t length = 0;
    for (const auto field : trailers) length += field.name.size() + field.value.size() + 3;
    grpc::append_prefix(grpc::Flags::trailers, length, out);
    for (const auto field : trailers) {
        out.append(field.name).append(":").append(field.value).append("\r\n");
    }
}

}  // namespace rb::transport::grpc_web
