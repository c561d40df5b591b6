// Everything that reads text or frames by itself: gRPC messages, grpc-web-text, base64, timeouts,
// gzip, and the header helpers. Pieces must not matter, and what is encoded must decode.

#include "transport/base64.hpp"
#include "transport/connect/connect.hpp"
#include "transport/grpc/message_reader.hpp"
#include "transport/grpc/status.hpp"
#include "transport/grpc/timeout.hpp"
#include "transport/grpc_web/text_reader.hpp"
#include "transport/gzip.hpp"

#include <cstddef>
#include <cstdint>

namespace {

using namespace rb::transport;

std::string messages_of(std::string_view input, std::size_t piece) {
    grpc::MessageReader reader(1000);
    std::string seen;
    while (!input.empty()) {
        if (reader.append(input.substr(0, piece)).has_error()) return seen + "error";
        input.remove_prefix(std::min(piece, input.size()));
        while (const auto message = reader.next()) {
            seen.append(message->compressed ? "c" : "p").append(message->bytes);
        }
    }
    return seen;
}

void decode_text(std::string_view input, std::size_t piece) {
    grpc_web::TextReader reader;
    std::string out;
    while (!input.empty() && !reader.decode(input.substr(0, piece), out).has_error()) {
        input.remove_prefix(std::min(piece, input.size()));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const std::size_t piece = data[0] % 64 + 1U;
    const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);

    const auto whole = messages_of(input, input.size() + 1);
    const auto in_pieces = messages_of(input, piece);
    if (!whole.ends_with("error")) ASSERT(whole == in_pieces);

    decode_text(input, piece);
    ASSERT(base64_decode(base64_encode(input)) == input);
    ASSERT(base64_decode(base64_encode(input, Padding::without)) == input);
    static_cast<void>(base64_decode(input));
    static_cast<void>(grpc::parse_timeout(input));
    static_cast<void>(connect::parse_timeout(input));
    ASSERT(is_field_value(grpc::percent_encode(input)));
    static_cast<void>(accepts_gzip(input));
    static_cast<void>(gunzip(input, 10'000));
    ASSERT(*gunzip(gzip(input), input.size()) == input);

    HeaderFields fields;
    fields.add_unchecked("cookie", input);
    fields.add("x", input);
    static_cast<void>(fields.find_cookie("rustbill_session"));
    return 0;
}
