#include "transport/gzip.hpp"

#include "transport/header_fields.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>

namespace rb::transport {
namespace {

constexpr int gzip_window_bits = 15 + 16;
constexpr int either_window_bits = 15 + 32;
// Fast beats small here: messages are few kilobytes and the line is not the bottleneck.
constexpr int level = 1;
constexpr std::size_t piece_bytes = 16UL * 1024;

Bytef* input_of(std::string_view bytes) {
    // zlib's interface predates const; it does not write to its input.
    return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
}

// A stream owns a quarter of a megabyte, so each thread keeps one and resets it.
class Inflater {
public:
    Inflater() { ASSERT(inflateInit2(&stream, either_window_bits) == Z_OK); }
    ~Inflater() { inflateEnd(&stream); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
    z_stream stream{};
};

class Deflater {
public:
    Deflater() {
        ASSERT(deflateInit2(&stream, level, Z_DEFLATED, gzip_window_bits, 8, Z_DEFAULT_STRATEGY) ==
               Z_OK);
    }
    ~Deflater() { deflateEnd(&stream); }
    Deflater(const Deflater&) = delete;
    Deflater& operator=(const Deflater&) = delete;
    z_stream stream{};
};

// "gzip" or "gzip;q=0.5", but not "gzip;q=0".
bool names_gzip(std::string_view item) {
    const auto semicolon = item.find(';');
    if (trimmed(item.substr(0, semicolon)) != "gzip") return false;
    if (semicolon == std::string_view::npos) return true;
    const auto weight = trimmed(item.substr(semicolon + 1));
    return !(weight.starts_with("q=0") &&
             weight.find_first_not_of("0.", 2) == std::string_view::npos);
}

}  // namespace

Result<std::string> gunzip(std::string_view bytes, std::size_t bytes_max) {
    const auto damaged = [] {
        return Error{ErrorCode::invalid_argument, "the compressed data is damaged"};
    };
    if (bytes.size() > std::numeric_limits<uInt>::max()) return damaged();
    thread_local Inflater inflater;
    z_stream& stream = inflater.stream;
    ASSERT(inflateReset2(&stream, either_window_bits) == Z_OK);
    stream.next_in = input_of(bytes);
    stream.avail_in = static_cast<uInt>(bytes.size());

    std::string out;
    std::array<char, piece_bytes> piece;
    while (true) {
        stream.next_out = reinterpret_cast<Bytef*>(piece.data());
        stream.avail_out = static_cast<uInt>(piece.size());
        const int outcome = inflate(&stream, Z_NO_FLUSH);
        const std::size_t made = piece.size() - stream.avail_out;
        if (made > bytes_max - out.size()) {
            return Error{ErrorCode::too_large, "the data decompresses to more than the " +
                                                   std::to_string(bytes_max) + " bytes allowed"};
        }
        out.append(piece.data(), made);
        if (outcome == Z_STREAM_END) break;
        // Z_BUF_ERROR: no progress is possible, so the data ended early.
        if (outcome != Z_OK) return damaged();
    }
    if (stream.avail_in != 0) return damaged();
    return out;
}

std::string gzip(std::string_view bytes) {
    thread_local Deflater deflater;
    z_stream& stream = deflater.stream;
    ASSERT(deflateReset(&stream) == Z_OK);
    ASSERT(bytes.size() <= std::numeric_limits<uInt>::max());
    std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
    stream.next_in = input_of(bytes);
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    ASSERT(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.erase(out.size() - stream.avail_out);
    return out;
}

bool accepts_gzip(std::string_view accept_encoding) {
    while (!accept_encoding.empty()) {
        const auto comma = std::min(accept_encoding.find(','), accept_encoding.size());
        if (names_gzip(accept_encoding.substr(0, comma))) return true;
        accept_encoding.remove_prefix(std::min(comma + 1, accept_encoding.size()));
    }
    return false;
}

}  // namespace rb::transport
