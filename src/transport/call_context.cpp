#include "transport/call_context.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>

namespace rb::transport {
namespace {

constexpr std::size_t request_id_bytes_max = 64;

bool is_request_id(std::string_view text) {
    return !text.empty() && text.size() <= request_id_bytes_max &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      c == '.' || c == '_' || c == '-';
           });
}

// 96 bits that are unlike any other request's. Not a secret, so a plain generator will do; one per
// thread, because layers ask on every worker.
std::string new_request_id() {
    thread_local std::mt19937_64 generator{[] {
        std::random_device device;
        return (std::uint64_t{device()} << 32) | device();
    }()};
    static constexpr std::array hex = {'0', '1', '2', '3', '4', '5', '6', '7',
                                       '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};
    std::string id;
    id.reserve(24);
    for (int half = 0; half < 2; ++half) {
        auto bits = generator();
        for (int i = 0; i < 12; ++i, bits >>= 4) id.push_back(hex[bits & 15]);
    }
    return id;
}

}  // namespace

std::string_view name_of(Protocol protocol) {
    switch (protocol) {
        case Protocol::http:
            return "http";
        case Protocol::grpc:
            return "grpc";
        case Protocol::grpc_web:
            return "grpc-web";
        case Protocol::grpc_web_text:
            return "grpc-web-text";
        case Protocol::connect_json:
            return "connect+json";
        case Protocol::connect_proto:
            return "connect+proto";
    }
    return "http";
}

const std::string& CallContext::request_id() const {
    if (request_id_.empty()) {
        const auto given = info_.fields.find("x-request-id");
        request_id_ = given && is_request_id(*given) ? std::string(*given) : new_request_id();
    }
    return request_id_;
}

}  // namespace rb::transport
