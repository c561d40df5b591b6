// Connect's JSON: what is accepted must come back as the same message.

#include "transport/connect/connect.hpp"

#include <grpc/reflection/v1/reflection.pb.h>

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace rb::transport;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto& type = *::grpc::reflection::v1::ServerReflectionResponse::descriptor();
    static_cast<void>(connect::json_from_message(input, type));
    const auto message = connect::message_from_json(input, type);
    if (message.has_error()) return 0;
    const auto json = connect::json_from_message(*message, type);
    ASSERT(json.has_value());
    const auto again = connect::message_from_json(*json, type);
    ASSERT(again.has_value() && *again == *message);
    return 0;
}
