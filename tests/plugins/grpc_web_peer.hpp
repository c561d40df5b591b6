// An upstream for one test: answers gRPC-Web calls of our own wire contract over a real HTTP server
// on 127.0.0.1, by method ("order.OrderService/GetOrder"). Decodes requests and frames answers
// itself, apart from the client under test.

#pragma once

#include "plugins/http_peer.hpp"

#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include <string>

namespace rb::test {

// flag | 4-byte big-endian length | content
inline std::string grpc_frame(char flag, const std::string& content) {
    std::string frame(1, flag);
    const auto size = static_cast<std::uint32_t>(content.size());
    for (const int shift : {24, 16, 8, 0}) frame += static_cast<char>((size >> shift) & 0xFF);
    return frame + content;
}

inline std::string data_frame(const google::protobuf::Message& message) {
    return grpc_frame('\0', message.SerializeAsString());
}

inline std::string trailer_frame(int status, const std::string& message = "") {
    return grpc_frame(
        '\x80', "grpc-status:" + std::to_string(status) + "\r\ngrpc-message:" + message + "\r\n");
}

inline PeerAnswer grpc_ok(const google::protobuf::Message& message) {
    return {.body = data_frame(message) + trailer_frame(0)};
}

// "trailers-only": the status in the headers, no body.
inline PeerAnswer grpc_error(int status, const std::string& message) {
    return {.extra_headers =
                "grpc-status: " + std::to_string(status) + "\r\ngrpc-message: " + message + "\r\n"};
}

// "order.OrderService/GetOrder"
inline std::string grpc_method(const PeerRequest& request) {
    const std::string prefix = "/rustbill.";
    return request.target.starts_with(prefix) ? request.target.substr(prefix.size()) : "";
}

template <typename Message>
Message grpc_message(const PeerRequest& request) {
    Message message;
    EXPECT_TRUE(request.body.size() >= 5 && message.ParseFromString(request.body.substr(5)));
    return message;
}

}  // namespace rb::test
