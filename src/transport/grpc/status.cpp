#include "transport/grpc/status.hpp"

#include "transport/limits.hpp"

#include <array>

namespace rb::transport::grpc {
namespace {

bool stands_for_itself(unsigned char byte) {
    return byte >= 0x20 && byte <= 0x7e && byte != '%';
}

// What of `message` there is room for, whole characters of UTF-8.
std::string_view cut_to_fit(std::string_view message) {
    std::size_t encoded_bytes = 0;
    std::size_t whole = 0;
    for (std::size_t i = 0; i < message.size(); ++i) {
        const auto byte = static_cast<unsigned char>(message[i]);
        const bool begins_character = (byte & 0xc0) != 0x80;
        if (begins_character) whole = i;
        encoded_bytes += stands_for_itself(byte) ? 1 : 3;
        if (encoded_bytes > limits::status_message_bytes_max) return message.substr(0, whole);
    }
    return message;
}

}  // namespace

std::string percent_encode(std::string_view message) {
    static constexpr std::string_view hex = "0123456789ABCDEF";
    std::string out;
    out.reserve(message.size());
    for (std::size_t i = 0; i < message.size(); ++i) {
        const auto byte = static_cast<unsigned char>(message[i]);
        // A blank at either end would be lost as white space around a field value.
        const bool at_edge = byte == ' ' && (i == 0 || i + 1 == message.size());
        if (stands_for_itself(byte) && !at_edge) {
            out.push_back(message[i]);
        } else {
            out.push_back('%');
            out.push_back(hex[byte >> 4]);
            out.push_back(hex[byte & 15]);
        }
    }
    return out;
}

std::string public_message(const Error& error, const CallContext& call) {
    if (error.code != ErrorCode::internal) return error.message;
    return "internal error, request " + call.request_id();
}

void append_status(const Error& error, const CallContext& call, HeaderFields& fields) {
    fields.add("grpc-status", std::to_string(static_cast<int>(grpc_status_of(error.code))));
    const auto message = public_message(error, call);
    if (!message.empty()) {
        const auto shown = cut_to_fit(message);
        fields.add("grpc-message",
                   percent_encode(shown) + (shown.size() < message.size() ? "..." : ""));
    }
    fields.add("rb-reason", reason_of(error.code));
}

}  // namespace rb::transport::grpc
