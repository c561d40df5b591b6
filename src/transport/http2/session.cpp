#include "transport/http2/session.hpp"

#include "base/assert.hpp"

#include "transport/http2/stream.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace rb::transport::http2 {
namespace {

// Closed streams kept for their buffers; more than a busy connection has open on average.
constexpr std::size_t spare_streams_max = 32;
constexpr std::array<std::uint8_t, 8> drain_ping = {'r', 'b', '-', 'd', 'r', 'a', 'i', 'n'};

nghttp2_nv field(std::string_view name, std::string_view value, std::uint8_t flags) {
    const auto bytes = [](std::string_view text) {
        // nghttp2's interface predates const; it does not write to them.
        return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
    };
    return {bytes(name), bytes(value), name.size(), value.size(), flags};
}

constexpr std::uint8_t no_copy = NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE;

// Text of a status that lives for ever, so that nghttp2 need not copy it.
std::string_view status_text(int status) {
    static const auto texts = [] {
        std::array<std::array<char, 3>, 600> all{};
        for (std::size_t i = 0; i < all.size(); ++i) {
            all[i] = {static_cast<char>('0' + i / 100), static_cast<char>('0' + i / 10 % 10),
                      static_cast<char>('0' + i % 10)};
        }
        return all;
    }();
    ASSERT(status >= 100 && status < 600);
    return {texts[static_cast<std::size_t>(status)].data(), 3};
}

bool has_no_body(int status) {
    return status == 204 || status == 304;
}

}  // namespace

Http2Session::Http2Session(http::SessionHost& host, http::SessionLimits limits, TimePoint now)
    : host_(host), limits_(limits), session_(create_handle()), now_(now), last_received_(now) {
    auto* const raw = session_.get();

    const std::array settings = {
        nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS,
                               limits::concurrent_streams_max},
        nghttp2_settings_entry{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits::stream_window_bytes},
        nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
                               limits::header_list_bytes_max},
    };
    ASSERT(nghttp2_submit_settings(raw, NGHTTP2_FLAG_NONE, settings.data(), settings.size()) == 0);
    ASSERT(nghttp2_session_set_local_window_size(
               raw, NGHTTP2_FLAG_NONE, 0,
               static_cast<std::int32_t>(limits::connection_window_bytes)) == 0);
}

Http2Session::~Http2Session() {
    abort_all();
    while (streams_ != nullptr) {
        const std::unique_ptr<Stream> stream(streams_);
        streams_ = stream->next;
    }
}

// --- receiving ----------------------------------------------------------------------------------

void Http2Session::receive(std::string_view bytes, TimePoint now) {
    now_ = now;
    last_received_ = now;
    if (end_ != http::SessionEnd::open || calmed_) return;
    frame_clock_.feed(bytes, now);
    const auto taken = nghttp2_session_mem_recv(
        session_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    if (taken < 0 && !calmed_) {
        // Too broken for a GOAWAY (not even a preface), or acknowledgements piled up unread.
        end_ = taken == NGHTTP2_ERR_FLOODED ? http::SessionEnd::calm : http::SessionEnd::protocol;
        abort_all();
        return;
    }
    update_end();
}

void Http2Session::receive_end() {
    // A peer that stopped sending can acknowledge nothing and open nothing: the connection is over.
    abort_all();
    if (end_ == http::SessionEnd::open) end_ = http::SessionEnd::done;
}

bool Http2Session::frame_began(const nghttp2_frame_hd& header) {
    bool within = true;
    switch (header.type) {
        case NGHTTP2_DATA:
            if (header.length == 0 && (header.flags & NGHTTP2_FLAG_END_STREAM) == 0) {
                within = floods_.empty_data.take(now_);
            }
            break;
        case NGHTTP2_HEADERS:
            break;
        case NGHTTP2_RST_STREAM:
            within = floods_.resets.take(now_);
            break;
        case NGHTTP2_PING:
            if ((header.flags & NGHTTP2_FLAG_ACK) == 0) within = floods_.pings.take(now_);
            break;
        case NGHTTP2_SETTINGS:
            if ((header.flags & NGHTTP2_FLAG_ACK) == 0) within = floods_.settings.take(now_);
            break;
        case NGHTTP2_WINDOW_UPDATE:
            within = floods_.window_updates.take(now_);
            break;
        // Limited by nghttp2, which also drops frames of unknown types without asking us.
        case NGHTTP2_CONTINUATION:
            break;
        default:
            within = floods_.priorities.take(now_);
            break;
    }
    if (!within) calm();
    return within;
}

// nghttp2 refuses to run after a failed callback but still sends what terminate_session() queued.
void Http2Session::calm() {
    if (calmed_) return;
    calmed_ = true;
    nghttp2_session_terminate_session(session_.get(), NGHTTP2_ENHANCE_YOUR_CALM);
}

Stream* Http2Session::open_stream(std::int32_t id) {
    std::unique_ptr<Stream> stream;
    if (spare_.empty()) {
        stream = std::make_unique<Stream>();
    } else {
        stream = std::move(spare_.back());
        spare_.pop_back();
    }
    stream->id = id;
    stream->last_progress = now_;
    stream->head.version = http::Version::http2;
    stream->head.fields.reserve(256, 12);
    stream->next = streams_;
    if (streams_ != nullptr) streams_->previous = stream.get();
    streams_ = stream.get();
    ++open_streams_;
    nghttp2_session_set_stream_user_data(session_.get(), id, stream.get());
    return stream.release();
}

void Http2Session::close_stream(Stream& stream) {
    if (stream.handler) {
        const auto handler = std::move(stream.handler);
        if (stream.end_sent) {
            handler->on_complete();
        } else {
            handler->on_abort(http::AbortReason::reset_by_peer);
        }
    }
    if (stream.previous != nullptr) stream.previous->next = stream.next;
    if (stream.next != nullptr) stream.next->previous = stream.previous;
    if (streams_ == &stream) streams_ = stream.next;
    --open_streams_;
    std::unique_ptr<Stream> closed(&stream);
    if (spare_.size() >= spare_streams_max) return;
    auto out = std::move(stream.out);
    auto trailers = std::move(stream.trailers);
    *closed = Stream{};
    out.clear();
    trailers.clear();
    if (out.capacity() <= limits::read_buffer_bytes) closed->out = std::move(out);
    closed->trailers = std::move(trailers);
    spare_.push_back(std::move(closed));
}

Stream* Http2Session::find(http::StreamId id) const {
    return static_cast<Stream*>(
        nghttp2_session_get_stream_user_data(session_.get(), static_cast<std::int32_t>(id)));
}

void Http2Session::add_header(Stream& stream, std::string_view name, std::string_view value) {
    auto& head = stream.head;
    if (head.too_large) return;
    if (name.starts_with(':')) {
        if (name == ":method") {
            head.method = value;
        } else if (name == ":path") {
            const auto question = value.find('?');
            head.path = value.substr(0, question);
            if (question != std::string_view::npos) head.query = value.substr(question + 1);
        } else if (name == ":authority") {
            head.fields.add_unchecked("host", value);
        }
    } else {
        head.fields.add_unchecked(name, value);
    }
    head.too_large = head.fields.list_bytes() + head.path.size() + head.query.size() >
                         limits::header_list_bytes_max ||
                     head.fields.size() > limits::header_fields_max;
}

void Http2Session::frame_received(const nghttp2_frame& frame) {
    if (frame.hd.type == NGHTTP2_PING && (frame.hd.flags & NGHTTP2_FLAG_ACK) != 0) {
        ping_sent_.reset();
        const bool ours = std::equal(drain_ping.begin(), drain_ping.end(), frame.ping.opaque_data);
        // The peer has seen the first GOAWAY, so nothing it sends from now on can surprise it.
        if (ours && drain_since_) send_final_goaway();
        return;
    }
    if (frame.hd.type != NGHTTP2_HEADERS && frame.hd.type != NGHTTP2_DATA) return;
    auto* stream = static_cast<Stream*>(
        nghttp2_session_get_stream_user_data(session_.get(), frame.hd.stream_id));
    if (stream == nullptr) return;
    const bool ends = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (frame.hd.type == NGHTTP2_HEADERS && frame.headers.cat == NGHTTP2_HCAT_REQUEST) {
        request_head_done(*stream, ends);
    } else if (ends) {
        request_ended(*stream);
    }
}

void Http2Session::request_head_done(Stream& stream, bool ends) {
    stream.last_progress = now_;
    stream.head_only = stream.head.method == "HEAD";
    // Before anything is answered: an answer to a request that is over needs no RST_STREAM.
    stream.request_ended = ends;
    stream.handler =
        host_.on_request(static_cast<http::StreamId>(stream.id), std::move(stream.head));
    const auto handler = stream.handler;
    handler->on_open();
    if (drain_since_ && !stream.finished) handler->on_drain();
    if (ends && !stream.finished) handler->on_body_end();
}

void Http2Session::request_ended(Stream& stream) {
    stream.request_ended = true;
    if (!stream.handler || stream.finished) return;
    const auto handler = stream.handler;
    handler->on_body_end();
}

// --- answering ----------------------------------------------------------------------------------

void Http2Session::submit_head(Stream& stream, int status, const HeaderFields& fields,
                               std::optional<std::size_t> length, bool with_body) {
    stream.began = true;
    stream.last_progress = now_;
    fields_.clear();
    fields_.push_back(field(":status", status_text(status), no_copy));
    for (const auto [name, value] : fields) {
        fields_.push_back(field(name, value, NGHTTP2_NV_FLAG_NONE));
    }
    if (length) {
        number_ = std::to_string(*length);
        fields_.push_back(field("content-length", number_, NGHTTP2_NV_FLAG_NO_COPY_NAME));
    }
    const auto provider = body_of(stream);
    const int outcome = nghttp2_submit_response(session_.get(), stream.id, fields_.data(),
                                                fields_.size(), with_body ? &provider : nullptr);
    ASSERT(outcome != NGHTTP2_ERR_INVALID_ARGUMENT && outcome != NGHTTP2_ERR_PROTO);
}

void Http2Session::respond(http::StreamId id, http::Answer answer) {
    auto* stream = find(id);
    if (stream == nullptr || stream->began) return;
    stream->out = std::move(answer.body);
    stream->static_out = answer.static_body;
    stream->finished = true;
    const std::size_t length = stream->unsent().size();
    if (answer.trailers != nullptr && !answer.trailers->empty()) {
        stream->has_trailers = true;
        stream->trailers = *answer.trailers;
    }
    const bool with_body =
        (length > 0 || stream->has_trailers) && !stream->head_only && !has_no_body(answer.status);
    const bool with_length = answer.with_length && !has_no_body(answer.status);
    submit_head(*stream, answer.status, *answer.fields,
                with_length ? std::optional(length) : std::nullopt, with_body);
}

void Http2Session::begin(http::StreamId id, int status, const HeaderFields& fields) {
    auto* stream = find(id);
    if (stream == nullptr || stream->began) return;
    submit_head(*stream, status, fields, std::nullopt, true);
}

void Http2Session::write(http::StreamId id, std::string bytes) {
    auto* stream = find(id);
    if (stream == nullptr || stream->finished || !stream->began) return;
    if (stream->out.empty()) {
        stream->last_progress = now_;
        stream->out = std::move(bytes);
    } else {
        stream->out.append(bytes);
    }
    if (stream->waiting) {
        stream->waiting = false;
        nghttp2_session_resume_data(session_.get(), stream->id);
    }
}

void Http2Session::finish(http::StreamId id, const HeaderFields& trailers) {
    auto* stream = find(id);
    if (stream == nullptr || stream->finished || !stream->began) return;
    stream->finished = true;
    stream->has_trailers = !trailers.empty();
    stream->trailers = trailers;
    if (stream->waiting) {
        stream->waiting = false;
        nghttp2_session_resume_data(session_.get(), stream->id);
    }
}

void Http2Session::reset(http::StreamId id) {
    auto* stream = find(id);
    if (stream == nullptr) return;
    stream->finished = true;
    nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, stream->id, NGHTTP2_CANCEL);
}

void Http2Session::consumed(http::StreamId id, std::size_t bytes) {
    if (find(id) == nullptr) return;
    nghttp2_session_consume_stream(session_.get(), static_cast<std::int32_t>(id), bytes);
}

ssize_t Http2Session::read_body(Stream& stream, std::uint8_t* buffer, std::size_t capacity,
                                std::uint32_t& flags) {
    const auto unsent = stream.unsent();
    const std::size_t taken = std::min(capacity, unsent.size());
    if (taken == 0 && !stream.finished) {
        stream.waiting = true;
        return NGHTTP2_ERR_DEFERRED;
    }
    std::memcpy(buffer, unsent.data(), taken);
    const bool last = stream.finished && taken == unsent.size();
    stream.sent(taken);
    stream.last_progress = now_;
    if (!stream.finished) sent_.push_back(static_cast<http::StreamId>(stream.id));
    if (last) {
        flags |= NGHTTP2_DATA_FLAG_EOF;
        if (stream.has_trailers) {
            flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
            submit_trailers(stream);
        }
    }
    return static_cast<ssize_t>(taken);
}

void Http2Session::submit_trailers(Stream& stream) {
    fields_.clear();
    for (const auto [name, value] : stream.trailers) {
        // The stream outlives its frames, so nghttp2 need not copy.
        fields_.push_back(field(name, value, no_copy));
    }
    nghttp2_submit_trailer(session_.get(), stream.id, fields_.data(), fields_.size());
}

void Http2Session::frame_sent(const nghttp2_frame& frame) {
    if (frame.hd.type == NGHTTP2_GOAWAY) {
        if (frame.goaway.error_code != NGHTTP2_NO_ERROR) error_goaway_sent_ = true;
        // nghttp2 sends a PING before anything else that waits, so it is queued only now: its
        // answer is to prove that the first GOAWAY was read.
        if (drain_since_ && !final_goaway_sent_) {
            nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, drain_ping.data());
        }
        return;
    }
    if (frame.hd.type == NGHTTP2_RST_STREAM) {
        const auto code = frame.rst_stream.error_code;
        const bool ours =
            code == NGHTTP2_NO_ERROR || code == NGHTTP2_CANCEL || code == NGHTTP2_INTERNAL_ERROR;
        if (!ours && !floods_.resets.take(now_)) calm();
        return;
    }
    if (frame.hd.type != NGHTTP2_HEADERS && frame.hd.type != NGHTTP2_DATA) return;
    if ((frame.hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return;
    auto* stream = find(static_cast<http::StreamId>(frame.hd.stream_id));
    if (stream == nullptr) return;
    stream->end_sent = true;
    // The answer came before the request was complete: the peer may stop sending it
    // (RFC 9113, 8.1).
    if (!stream->request_ended) {
        nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, stream->id, NGHTTP2_NO_ERROR);
    }
}

// A head above 64 KiB is none that nghttp2 sends; without a word, the peer would wait for it.
void Http2Session::frame_not_sent(const nghttp2_frame& frame) {
    auto* stream = find(static_cast<http::StreamId>(frame.hd.stream_id));
    if (stream == nullptr || frame.hd.type != NGHTTP2_HEADERS) return;
    stream->finished = true;
    nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, stream->id,
                              NGHTTP2_INTERNAL_ERROR);
}

void Http2Session::produce(std::string& out) {
    while (out.size() < limits::connection_output_bytes_max) {
        const std::uint8_t* bytes = nullptr;
        const auto length = nghttp2_session_mem_send(session_.get(), &bytes);
        if (length <= 0) break;
        out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
    }
    for (const auto id : sent_) {
        if (auto* stream = find(id); stream != nullptr && stream->handler) {
            stream->handler->on_sent(stream->unsent().size());
        }
    }
    sent_.clear();
    update_end();
}

}  // namespace rb::transport::http2
