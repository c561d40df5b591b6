#include "plugin/grpc/grpc_web_client.hpp"

#include "base/utf8.hpp"

#include "plugin/encoding/text_encoding.hpp"
#include "plugin/limits.hpp"

#include "rustbill/balance.pb.h"
#include "rustbill/instance.pb.h"
#include "rustbill/integration.pb.h"
#include "rustbill/order.pb.h"
#include "rustbill/product.pb.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <optional>

namespace rb::plugin {

namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::MethodDescriptor;

constexpr std::size_t frame_header_bytes = 5;
constexpr unsigned char data_flag = 0x00;
constexpr unsigned char trailer_flag = 0x80;

// Naming one message of each file keeps the linker from leaving its descriptors out.
const MethodDescriptor* find_method(std::string_view path) {
    const std::array<const Descriptor*, 5> known{
        ::rustbill::balance::GetBalanceRequest::descriptor(),
        ::rustbill::instance::GetInstanceRequest::descriptor(),
        ::rustbill::integration::ListProvidersRequest::descriptor(),
        ::rustbill::order::GetOrderRequest::descriptor(),
        ::rustbill::product::GetProductRequest::descriptor()};
    ASSERT(std::ranges::find(known, nullptr) == known.end());
    std::string name(path);
    std::ranges::replace(name, '/', '.');
    return DescriptorPool::generated_pool()->FindMethodByName(name);
}

std::unique_ptr<Message> new_message(const Descriptor* type) {
    return std::unique_ptr<Message>(MessageFactory::generated_factory()->GetPrototype(type)->New());
}

std::string framed(const std::string& message) {
    std::string out(1, '\0');
    const auto size = static_cast<std::uint32_t>(message.size());
    for (const int shift : {24, 16, 8, 0}) out += static_cast<char>((size >> shift) & 0xFF);
    return out + message;
}

GrpcWebFailure malformed(const std::string& why) {
    return {.delivery = Delivery::uncertain, .message = "the answer is not gRPC-Web: " + why};
}

struct Frames {
    std::optional<std::string_view> message;
    std::string_view trailers;
};
using FramesResult = boost::system::result<Frames, GrpcWebFailure>;

// At most one data frame, then at most one trailer frame, and nothing behind it: what a unary call
// answers.
FramesResult split_frames(std::string_view body) {
    Frames frames;
    while (!body.empty()) {
        if (body.size() < frame_header_bytes) return malformed("a frame is cut off");
        std::size_t size = 0;
        for (std::size_t i = 1; i < frame_header_bytes; ++i) {
            size = size * 256 + static_cast<unsigned char>(body[i]);
        }
        if (body.size() - frame_header_bytes < size) return malformed("a frame is cut off");
        const auto flag = static_cast<unsigned char>(body[0]);
        const auto content = body.substr(frame_header_bytes, size);
        body.remove_prefix(frame_header_bytes + size);
        if (flag == trailer_flag) {
            if (!body.empty()) return malformed("something follows the trailers");
            frames.trailers = content;
        } else if (flag != data_flag) {
            return malformed("a frame of an unknown kind");
        } else if (frames.message) {
            return malformed("more than one message");
        } else {
            frames.message = content;
        }
    }
    return frames;
}

bool equals_ignoring_case(std::string_view left, std::string_view right) {
    const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    return std::ranges::equal(left, right, {}, lower, lower);
}

std::string trailer(std::string_view trailers, std::string_view name) {
    while (!trailers.empty()) {
        const auto end = trailers.find("\r\n");
        const auto line = trailers.substr(0, end);
        const auto colon = line.find(':');
        if (colon != std::string_view::npos && equals_ignoring_case(line.substr(0, colon), name)) {
            auto value = line.substr(colon + 1);
            while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
            while (!value.empty() && value.back() == ' ') value.remove_suffix(1);
            return std::string(value);
        }
        if (end == std::string_view::npos) break;
        trailers.remove_prefix(end + 2);
    }
    return {};
}

// The peer's words, fit to be kept: decoded where they can be, UTF-8, and no longer than a
// sentence.
std::string message_of(const std::string& encoded) {
    std::string text = encoded;
    if (auto decoded = url_decode(encoded); decoded.has_value()) text = std::move(*decoded);
    if (!is_utf8(text)) return "a message that is not UTF-8";
    return std::string(front_of(text, grpc_message_bytes_max));
}

// What a status says about the work: whether it was certainly not done, and for good.
GrpcWebFailure failure_of(int status, const std::string& encoded_message) {
    GrpcWebFailure failure{
        .status = status, .delivery = Delivery::uncertain, .message = message_of(encoded_message)};
    switch (static_cast<GrpcStatus>(status)) {
        case GrpcStatus::invalid_argument:
        case GrpcStatus::not_found:
        case GrpcStatus::already_exists:
        case GrpcStatus::permission_denied:
        case GrpcStatus::failed_precondition:
        case GrpcStatus::out_of_range:
        case GrpcStatus::unimplemented:
        case GrpcStatus::unauthenticated:
            failure.delivery = Delivery::not_sent;
            failure.is_refusal = true;
            break;
        case GrpcStatus::resource_exhausted:
        case GrpcStatus::aborted:
            failure.delivery = Delivery::not_sent;
            break;
        default:
            break;
    }
    return failure;
}

// The status, from the headers of a trailers-only answer or from the trailer frame.
struct StatusLine {
    std::string status;
    std::string message;
};

StatusLine status_line(const HttpResponse& response, std::string_view trailers) {
    StatusLine line{std::string(response.header("grpc-status")),
                    std::string(response.header("grpc-message"))};
    if (!line.status.empty()) return line;
    return {trailer(trailers, "grpc-status"), trailer(trailers, "grpc-message")};
}

}  // namespace

Result<std::string> encode_grpc_request(std::string_view method, const Json& message) {
    const auto* found = find_method(method);
    if (found == nullptr) return invalid_field("method", "is not known: " + std::string(method));
    const auto request = new_message(found->input_type());
    const auto status = google::protobuf::util::JsonStringToMessage(message.dump(), request.get());
    if (!status.ok()) return invalid_field("message", std::string(status.message()));
    return framed(request->SerializeAsString());
}

boost::system::result<Json, GrpcWebFailure> decode_grpc_answer(std::string_view method,
                                                               const HttpResponse& response) {
    const auto* found = find_method(method);
    if (found == nullptr) return malformed("no such method");
    if (response.status != 200) return malformed("HTTP status " + std::to_string(response.status));
    const auto frames = split_frames(response.body);
    if (frames.has_error()) return frames.error();
    const auto line = status_line(response, frames->trailers);
    int status = -1;
    const auto* end = line.status.data() + line.status.size();
    const auto [stop, error] = std::from_chars(line.status.data(), end, status);
    if (line.status.empty() || error != std::errc() || stop != end || status < 0) {
        return malformed("no grpc-status");
    }
    if (status != 0) return failure_of(status, line.message);
    if (!frames->message) return malformed("no message");
    const auto answer = new_message(found->output_type());
    if (!answer->ParseFromArray(frames->message->data(),
                                static_cast<int>(frames->message->size()))) {
        return malformed("a broken message");
    }
    if (answer->SpaceUsedLong() > grpc_message_space_max) return malformed("a message too large");
    google::protobuf::util::JsonPrintOptions options;
    options.preserve_proto_field_names = true;
    options.always_print_primitive_fields = true;
    std::string text;
    if (!google::protobuf::util::MessageToJsonString(*answer, &text, options).ok()) {
        return malformed("a message without a JSON form");
    }
    return {boost::system::in_place_value, Json::parse(text)};
}

}  // namespace rb::plugin
