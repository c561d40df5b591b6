#include "transport/http2/frame_clock.hpp"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <utility>

namespace rb::transport::http2 {
namespace {

constexpr std::size_t frame_head_bytes = 9;

}  // namespace

void FrameClock::feed(std::string_view bytes, TimePoint now) {
    while (!bytes.empty()) {
        if (to_skip_ > 0) {
            const auto skipped = std::min(to_skip_, bytes.size());
            to_skip_ -= skipped;
            bytes.remove_prefix(skipped);
        } else {
            if (!since_) since_ = now;
            feed_head(static_cast<std::uint8_t>(bytes.front()));
            bytes.remove_prefix(1);
        }
        if (to_skip_ == 0 && head_bytes_ == 0 && !block_open_) since_.reset();
    }
}

void FrameClock::feed_head(std::uint8_t byte) {
    const auto at = head_bytes_++;
    if (at < 3) length_ = length_ << 8 | byte;
    if (at == 3) type_ = byte;
    if (at == 4 && (type_ == NGHTTP2_HEADERS || type_ == NGHTTP2_PUSH_PROMISE ||
                    type_ == NGHTTP2_CONTINUATION)) {
        block_open_ = (byte & NGHTTP2_FLAG_END_HEADERS) == 0;
    }
    if (head_bytes_ < frame_head_bytes) return;
    head_bytes_ = 0;
    to_skip_ = std::exchange(length_, 0);
}

}  // namespace rb::transport::http2
