// Splits a body into length-prefixed messages (gRPC over HTTP2, "Length-Prefixed-Message").
//
//     0        1                 5                         5 + length
//     +--------+-----------------+-------------------------+
//     | flags  | length, 4 bytes | message                 |  repeated
//     +--------+-----------------+-------------------------+
//       bit 0: compressed with grpc-encoding; bit 7: gRPC-Web trailers, which only we send; others
//       0
//
// Bytes may come in any pieces. Refuses a message by its announced length, before its bytes come.

#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace rb::transport::grpc {

inline constexpr std::size_t prefix_bytes = 5;

class MessageReader {
public:
    struct Message {
        bool compressed = false;
        std::string_view bytes;
    };

    explicit MessageReader(std::size_t message_bytes_max) : message_bytes_max_(message_bytes_max) {}

    // Takes more of the body. Views handed out by next() end here.
    //
    // ERRORS: too_large         a message announces more than message_bytes_max
    //         invalid_argument  a flag byte is none of 0 and 1
    // After an error the reader is of no more use.
    Result<> append(std::string_view bytes);
    // The next whole message; its view is valid until the next append().
    std::optional<Message> next();
    // True when the body so far ends between two messages.
    [[nodiscard]] bool at_boundary() const { return offset_ == buffer_.size(); }
    [[nodiscard]] std::size_t held_bytes() const { return buffer_.size(); }

private:
    [[nodiscard]] Result<> check_prefix(std::size_t offset) const;

    const std::size_t message_bytes_max_;
    std::string buffer_;
    std::size_t offset_ = 0;   // of the next message's prefix
    std::size_t checked_ = 0;  // prefixes before this offset are known to be good
};

enum class Flags : unsigned char { plain = 0x00, compressed = 0x01, trailers = 0x80 };

// Appends the five bytes in front of a message of `length` bytes. REQUIRES: length fits 32 bits
void append_prefix(Flags flags, std::size_t length, std::string& out);

}  // namespace rb::transport::grpc
