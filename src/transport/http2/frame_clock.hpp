// FrameClock: since when a frame has begun and is not complete, from the bytes alone.
//
//     +---------------+------+-------+--------------------+---------+
//     | length 3 bytes| type | flags | R, stream id 31 bit| payload |
//     +---------------+------+-------+--------------------+---------+
//
// nghttp2 tells of the beginning of nearly every frame, but not of the end of those it ignores: a
// WINDOW_UPDATE or trailers for a stream that is closed. A header block (HEADERS or PUSH_PROMISE
// and its CONTINUATIONs) counts as one frame.

#pragma once

#include "transport/call_context.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace rb::transport::http2 {

class FrameClock {
public:
    // Takes what a peer sent, from its preface on. A peer that breaks the protocol is nghttp2's
    // to find out; the clock then says nothing of value.
    void feed(std::string_view bytes, TimePoint now);
    // nullopt between two frames.
    [[nodiscard]] std::optional<TimePoint> since() const { return since_; }

private:
    void feed_head(std::uint8_t byte);

    std::size_t to_skip_ = 24;  // of the payload, and first of the preface
    std::size_t head_bytes_ = 0;
    std::size_t length_ = 0;
    std::uint8_t type_ = 0;
    bool block_open_ = false;
    std::optional<TimePoint> since_;
};

}  // namespace rb::transport::http2
