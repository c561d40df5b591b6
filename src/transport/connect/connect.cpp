#include "transport/connect/connect.hpp"

#include "base/utf8.hpp"

#include "transport/grpc/status.hpp"

#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

#include <charconv>
#include <cstdint>
#include <memory>

namespace rb::transport::connect {
namespace {

std::unique_ptr<google::protobuf::Message> new_message(const google::protobuf::Descriptor& type) {
    const auto* prototype =
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type);
    ASSERT(prototype != nullptr);
    return std::unique_ptr<google::protobuf::Message>(prototype->New());
}

}  // namespace

Result<std::chrono::milliseconds> parse_timeout(std::string_view text) {
    constexpr std::size_t digits_max = 10;
    std::uint64_t count = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, count);
    if (text.empty() || text.size() > digits_max || error != std::errc() || rest != end) {
        return invalid_field("connect-timeout-ms", "must be 1 to 10 digits");
    }
    return std::chrono::milliseconds(count);
}

std::string_view code_of(GrpcStatus status) {
    switch (status) {
        case GrpcStatus::ok:
            break;
        case GrpcStatus::cancelled:
            return "canceled";
        case GrpcStatus::unknown:
            return "unknown";
        case GrpcStatus::invalid_argument:
            return "invalid_argument";
        case GrpcStatus::deadline_exceeded:
            return "deadline_exceeded";
        case GrpcStatus::not_found:
            return "not_found";
        case GrpcStatus::already_exists:
            return "already_exists";
        case GrpcStatus::permission_denied:
            return "permission_denied";
        case GrpcStatus::resource_exhausted:
            return "resource_exhausted";
        case GrpcStatus::failed_precondition:
            return "failed_precondition";
        case GrpcStatus::aborted:
            return "aborted";
        case GrpcStatus::out_of_range:
            return "out_of_range";
        case GrpcStatus::unimplemented:
            return "unimplemented";
        case GrpcStatus::internal:
            return "internal";
        case GrpcStatus::unavailable:
            return "unavailable";
        case GrpcStatus::data_loss:
            return "data_loss";
        case GrpcStatus::unauthenticated:
            return "unauthenticated";
    }
    return "unknown";
}

std::string json_string(std::string_view text) {
    static constexpr std::string_view hex = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : valid_utf8(text)) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (byte < 0x20) {
            out.append("\\u00").push_back(hex[byte >> 4]);
            out.push_back(hex[byte & 15]);
        } else {
            out.push_back(c);
        }
    }
    out.push_back('"');
    return out;
}

std::string error_json(const Error& error, const CallContext& call) {
    return "{\"code\":" + json_string(code_of(grpc_status_of(error.code))) +
           ",\"message\":" + json_string(grpc::public_message(error, call)) +
           ",\"reason\":" + json_string(reason_of(error.code)) + "}";
}

Result<std::string> message_from_json(std::string_view json,
                                      const google::protobuf::Descriptor& type) {
    if (json.empty()) return std::string();
    const auto message = new_message(type);
    const auto status =
        google::protobuf::util::JsonStringToMessage({json.data(), json.size()}, message.get());
    if (!status.ok()) {
        return Error{ErrorCode::invalid_argument,
                     "the body is not a " + type.full_name() + " in JSON: " +
                         std::string(status.message().data(), status.message().size())};
    }
    return message->SerializeAsString();
}

Result<std::string> json_from_message(std::string_view bytes,
                                      const google::protobuf::Descriptor& type) {
    const auto message = new_message(type);
    if (!message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        return internal_error("the answer is not a " + type.full_name());
    }
    std::string json;
    const auto status = google::protobuf::util::MessageToJsonString(*message, &json);
    if (!status.ok()) return internal_error("the answer has no JSON form: " + status.ToString());
    return json;
}

}  // namespace rb::transport::connect
