// Http2Session's part that ends: timeouts, the drain, the lost connection.

#include "transport/http2/session.hpp"
#include "transport/http2/stream.hpp"

#include <algorithm>

namespace rb::transport::http2 {
namespace {

using std::chrono_literals::operator""s;

// How long a peer may take to answer the ping of the first GOAWAY, after which the second follows.
constexpr auto goaway_patience = 1s;

}  // namespace

void Http2Session::update_end() {
    if (end_ != http::SessionEnd::open) return;
    if (nghttp2_session_want_read(session_.get()) != 0) return;
    if (nghttp2_session_want_write(session_.get()) != 0) return;
    end_ = http::SessionEnd::done;
    if (error_goaway_sent_) end_ = http::SessionEnd::protocol;
    if (calmed_) end_ = http::SessionEnd::calm;
}

void Http2Session::tick(TimePoint now) {
    now_ = std::max(now_, now);
    if (end_ != http::SessionEnd::open) return;
    if (now - frame_clock_.since().value_or(now) > limits_.head_timeout) {
        end_ = http::SessionEnd::timed_out;
        return;
    }
    if (drain_since_ && now - *drain_since_ >= goaway_patience) send_final_goaway();
    tick_streams(now);
    tick_pings(now);
}

void Http2Session::tick_streams(TimePoint now) {
    if (open_streams_ == 0) {
        if (!idle_since_) idle_since_ = now;
        if (now - *idle_since_ > limits_.http2_idle_timeout) drain(now);
        return;
    }
    idle_since_.reset();
    for (auto* stream = streams_; stream != nullptr; stream = stream->next) {
        const bool owes_body = !stream->request_ended && !stream->finished && !stream->began;
        const bool owes_window = stream->began && !stream->unsent().empty();
        const auto patience = owes_body ? limits_.body_idle_timeout : limits_.write_idle_timeout;
        if ((!owes_body && !owes_window) || now - stream->last_progress <= patience) continue;
        // The peer promised a body and sends none of it, or opens no window for the answer.
        stream->finished = true;
        nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, stream->id, NGHTTP2_CANCEL);
    }
}

void Http2Session::tick_pings(TimePoint now) {
    if (ping_sent_) {
        if (now - *ping_sent_ > limits_.ping_timeout) {
            end_ = http::SessionEnd::timed_out;
        }
        return;
    }
    if (now - last_received_ > limits_.ping_interval) {
        ping_sent_ = now;
        nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, nullptr);
    }
}

void Http2Session::drain(TimePoint now) {
    if (drain_since_ || end_ != http::SessionEnd::open) return;
    // First "no more soon", then, one round trip later, "none after stream N": a request that was
    // on its way is neither lost nor refused (RFC 9113, 6.8).
    drain_since_ = now;
    nghttp2_submit_shutdown_notice(session_.get());
    for (auto* stream = streams_; stream != nullptr;) {
        auto* const next = stream->next;
        if (const auto handler = stream->handler) handler->on_drain();
        stream = next;
    }
}

void Http2Session::send_final_goaway() {
    if (final_goaway_sent_) return;
    final_goaway_sent_ = true;
    const auto last = nghttp2_session_get_last_proc_stream_id(session_.get());
    nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE, last, NGHTTP2_NO_ERROR, nullptr, 0);
}

void Http2Session::abort_all() {
    for (auto* stream = streams_; stream != nullptr; stream = stream->next) {
        stream->finished = true;
        if (!stream->handler) continue;
        const auto handler = std::move(stream->handler);
        stream->handler = nullptr;
        handler->on_abort(http::AbortReason::connection_lost);
    }
}

}  // namespace rb::transport::http2
