// HTTP/2 frames as bytes, for tests that speak to a session or a server without a library.

#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rb::transport::testing {

inline constexpr std::uint8_t end_stream = 0x1;
inline constexpr std::uint8_t end_headers = 0x4;
inline constexpr std::uint8_t ack = 0x1;

enum class FrameType : std::uint8_t {
    data = 0,
    headers = 1,
    priority = 2,
    rst_stream = 3,
    settings = 4,
    push_promise = 5,
    ping = 6,
    goaway = 7,
    window_update = 8,
    continuation = 9,
};

inline std::string number32(std::uint32_t number) {
    std::string out;
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(number >> shift));
    return out;
}

inline std::string frame(FrameType type, std::uint8_t flags, std::uint32_t stream,
                         std::string_view payload = {}) {
    std::string out = number32(static_cast<std::uint32_t>(payload.size())).substr(1);
    out.push_back(static_cast<char>(type));
    out.push_back(static_cast<char>(flags));
    return out + number32(stream) + std::string(payload);
}

// A literal field without indexing (RFC 7541, 6.2.2); texts below 127 bytes, or up to 16 kB.
inline std::string field(std::string_view name, std::string_view value) {
    const auto text = [](std::string_view bytes) {
        std::string out;
        if (bytes.size() < 127) {
            out.push_back(static_cast<char>(bytes.size()));
        } else {
            auto rest = bytes.size() - 127;
            out.push_back(127);
            for (; rest >= 128; rest /= 128) out.push_back(static_cast<char>(rest % 128 + 128));
            out.push_back(static_cast<char>(rest));
        }
        return out.append(bytes);
    };
    return std::string(1, '\0') + text(name) + text(value);
}

inline std::string request_fields(std::string_view method, std::string_view path) {
    return field(":method", method) + field(":scheme", "http") + field(":path", path) +
           field(":authority", "test");
}

inline std::string preface() {
    return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(FrameType::settings, 0, 0);
}

struct ReceivedFrame {
    FrameType type;
    std::uint8_t flags;
    std::uint32_t stream;
    std::string payload;
};

// Splits whole frames off the front of `bytes`.
inline std::vector<ReceivedFrame> take_frames(std::string& bytes) {
    const auto at = [&](std::size_t i) {
        return static_cast<std::uint32_t>(static_cast<std::uint8_t>(bytes[i]));
    };
    std::vector<ReceivedFrame> frames;
    while (bytes.size() >= 9) {
        const std::size_t length = at(0) << 16 | at(1) << 8 | at(2);
        if (bytes.size() < 9 + length) break;
        frames.push_back({static_cast<FrameType>(at(3)), static_cast<std::uint8_t>(at(4)),
                          (at(5) & 127) << 24 | at(6) << 16 | at(7) << 8 | at(8),
                          bytes.substr(9, length)});
        bytes.erase(0, 9 + length);
    }
    return frames;
}

// Decodes header blocks of one connection, in order.
class HeaderDecoder {
public:
    HeaderDecoder() { nghttp2_hd_inflate_new(&inflater_); }
    ~HeaderDecoder() { nghttp2_hd_inflate_del(inflater_); }
    HeaderDecoder(const HeaderDecoder&) = delete;
    HeaderDecoder& operator=(const HeaderDecoder&) = delete;

    // "name: value\n" each.
    std::string decode(std::string_view block) {
        std::string out;
        auto* bytes = reinterpret_cast<const std::uint8_t*>(block.data());
        auto left = block.size();
        while (true) {
            nghttp2_nv field{};
            int flags = 0;
            const auto used = nghttp2_hd_inflate_hd2(inflater_, &field, &flags, bytes, left, 1);
            if (used < 0) return "undecodable";
            bytes += used;
            left -= static_cast<std::size_t>(used);
            if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
                out.append(reinterpret_cast<char*>(field.name), field.namelen).append(": ");
                out.append(reinterpret_cast<char*>(field.value), field.valuelen).append("\n");
            }
            if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) break;
            if ((flags & NGHTTP2_HD_INFLATE_EMIT) == 0 && left == 0) break;
        }
        nghttp2_hd_inflate_end_headers(inflater_);
        return out;
    }

private:
    nghttp2_hd_inflater* inflater_ = nullptr;
};

}  // namespace rb::transport::testing
