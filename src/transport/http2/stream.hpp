// Stream: one request and its answer on an HTTP/2 connection, as Http2Session keeps them.

#pragma once

#include "transport/http/session.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace rb::transport::http2 {

struct Stream {
    std::int32_t id = 0;
    Stream* previous = nullptr;
    Stream* next = nullptr;
    std::shared_ptr<http::StreamHandler> handler;
    http::RequestHead head;
    TimePoint last_progress{};
    bool head_only = false;
    bool request_ended = false;
    bool began = false;     // a head was submitted
    bool finished = false;  // nothing will be written any more
    bool end_sent = false;  // END_STREAM has been handed out
    bool has_trailers = false;
    bool waiting = false;  // nghttp2 waits for resume_data
    std::string out;
    std::size_t out_offset = 0;
    std::string_view static_out;
    HeaderFields trailers;

    [[nodiscard]] std::string_view unsent() const {
        return static_out.empty() ? std::string_view(out).substr(out_offset) : static_out;
    }
    void sent(std::size_t bytes) {
        if (!static_out.empty()) {
            static_out.remove_prefix(bytes);
            return;
        }
        out_offset += bytes;
        if (out_offset == out.size()) {
            out.clear();
            out_offset = 0;
        }
    }
};

}  // namespace rb::transport::http2
