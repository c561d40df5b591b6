#include "crypto/ctap_cbor.hpp"

#include <cstdint>

namespace rb::crypto {

namespace {

constexpr int cbor_depth_max = 4;

// What an item begins with (RFC 8949, 3): its major type, and a number, which is the length of a
// string, or how many items or pairs follow.
struct CborHead {
    int major_type = 0;
    std::uint64_t argument = 0;
};

std::optional<CborHead> take_cbor_head(std::string_view& rest) {
    if (rest.empty()) return std::nullopt;
    const auto first = static_cast<std::uint8_t>(rest.front());
    rest.remove_prefix(1);
    const unsigned information = first & 31u;
    CborHead head{.major_type = first >> 5, .argument = information};
    if (information < 24) return head;
    // 28 to 30 mean nothing, 31 that no length is stated.
    if (information > 27) return std::nullopt;
    const std::size_t argument_bytes = std::size_t{1} << (information - 24);
    if (rest.size() < argument_bytes) return std::nullopt;
    head.argument = 0;
    for (const char c : rest.substr(0, argument_bytes)) {
        head.argument = (head.argument << 8) | static_cast<std::uint8_t>(c);
    }
    rest.remove_prefix(argument_bytes);
    return head;
}

bool take_cbor_item(std::string_view& rest, int depth);

bool take_cbor_items(std::string_view& rest, std::uint64_t count, int depth) {
    if (depth > cbor_depth_max) return false;
    for (; count > 0; --count) {
        if (!take_cbor_item(rest, depth)) return false;
    }
    return true;
}

bool take_cbor_item(std::string_view& rest, int depth) {
    const auto head = take_cbor_head(rest);
    if (!head) return false;
    switch (head->major_type) {
        case 0:  // unsigned
        case 1:  // negative
        case 7:  // true, false, null, floating point
            return true;
        case 2:  // bytes
        case 3:  // text
            if (head->argument > rest.size()) return false;
            rest.remove_prefix(static_cast<std::size_t>(head->argument));
            return true;
        case 4:  // array: an item has at least a byte
            return head->argument <= rest.size() &&
                   take_cbor_items(rest, head->argument, depth + 1);
        case 5:  // map
            return head->argument <= rest.size() / 2 &&
                   take_cbor_items(rest, 2 * head->argument, depth + 1);
        default:  // a tag
            return false;
    }
}

}  // namespace

std::optional<std::size_t> ctap_cbor_size(std::string_view bytes) {
    auto rest = bytes;
    if (!take_cbor_item(rest, 0)) return std::nullopt;
    return bytes.size() - rest.size();
}

}  // namespace rb::crypto
