#include "transport/grpc/message_reader.hpp"

#include <cstdint>
#include <limits>

namespace rb::transport::grpc {
namespace {

std::size_t length_at(std::string_view prefix) {
    std::size_t length = 0;
    for (std::size_t i = 1; i < prefix_bytes; ++i) {
        length = length << 8 | static_cast<std::uint8_t>(prefix[i]);
    }
    return length;
}

}  // namespace

Result<> MessageReader::append(std::string_view bytes) {
    if (offset_ > 0) {
        buffer_.erase(0, offset_);
        checked_ -= offset_;
        offset_ = 0;
    }
    buffer_.append(bytes);
    while (checked_ + prefix_bytes <= buffer_.size()) {
        TRY(check_prefix(checked_));
        checked_ += prefix_bytes + length_at(std::string_view(buffer_).substr(checked_));
    }
    return {};
}

Result<> MessageReader::check_prefix(std::size_t offset) const {
    const auto flags = static_cast<std::uint8_t>(buffer_[offset]);
    if (flags > 1) {
        return Error{
            ErrorCode::invalid_argument,
            "a message's first byte must be 0 or 1 (compressed), got " + std::to_string(flags)};
    }
    const auto length = length_at(std::string_view(buffer_).substr(offset));
    if (length > message_bytes_max_) {
        return Error{ErrorCode::too_large, "a message of " + std::to_string(length) +
                                               " bytes is larger than the " +
                                               std::to_string(message_bytes_max_) + " allowed"};
    }
    return {};
}

std::optional<MessageReader::Message> MessageReader::next() {
    const auto rest = std::string_view(buffer_).substr(offset_);
    if (rest.size() < prefix_bytes) return std::nullopt;
    const auto length = length_at(rest);
    if (rest.size() - prefix_bytes < length) return std::nullopt;
    offset_ += prefix_bytes + length;
    return Message{rest[0] == 1, rest.substr(prefix_bytes, length)};
}

void append_prefix(Flags flags, std::size_t length, std::string& out) {
    ASSERT(length <= std::numeric_limits<std::uint32_t>::max());
    out.push_back(static_cast<char>(flags));
    for (int shift = 24; shift >= 0; shift -= 8) {
        out.push_back(static_cast<char>(length >> shift & 0xff));
    }
}

}  // namespace rb::transport::grpc
