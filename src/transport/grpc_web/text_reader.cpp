#include "transport/grpc_web/text_reader.hpp"

#include "transport/base64.hpp"

namespace rb::transport::grpc_web {

Result<> TextReader::decode(std::string_view text, std::string& out) {
    for (const char c : text) {
        group_[held_++] = c;
        if (held_ < sizeof(group_)) continue;
        held_ = 0;
        const auto bytes = base64_decode({group_, sizeof(group_)});
        if (!bytes) {
            return Error{ErrorCode::invalid_argument, "the grpc-web-text body is not base64"};
        }
        out.append(*bytes);
    }
    return {};
}

}  // namespace rb::transport::grpc_web
