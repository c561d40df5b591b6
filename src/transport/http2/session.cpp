#include "transport/http2/session.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace rb::transport::http2 {
namespace {

using std::chrono_literals::operator""s;

// Closed streams kept for their buffers; more than a busy connection has open on average.
constexpr std::size_t spare_streams_max = 32;
// How long a peer may take to answer the ping of the first GOAWAY, after which the second follows.
constexpr auto goaway_patience = 1s;
constexpr std::array<std::uint8_t, 8> drain_ping = {'r', 'b', '-', 'd', 'r', 'a', 'i', 'n'};

std::string_view view_of(const std::uint8_t* bytes, std::size_t length) {
    return {reinterpret_cast<const char*>(bytes), length};
}

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

struct Http2Session::Stream {
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

// nghttp2's C callbacks, each one line into the session.
struct Http2Session::Callbacks {
    static Http2Session& self(void* user) { return *static_cast<Http2Session*>(user); }
    static Stream* stream_of(nghttp2_session* session, std::int32_t id) {
        return static_cast<Stream*>(nghttp2_session_get_stream_user_data(session, id));
    }

    static int on_begin_frame(nghttp2_session*, const nghttp2_frame_hd* header, void* user) {
        return self(user).frame_began(*header) ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
    }
    static int on_begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user) {
        if (frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
            self(user).open_stream(frame->hd.stream_id);
        }
        return 0;
    }
    static int on_header(nghttp2_session* session, const nghttp2_frame* frame,
                         const std::uint8_t* name, std::size_t name_bytes,
                         const std::uint8_t* value, std::size_t value_bytes, std::uint8_t,
                         void* user) {
        // Trailers of a request carry nothing we use.
        if (frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
        if (auto* stream = stream_of(session, frame->hd.stream_id)) {
            self(user).add_header(*stream, view_of(name, name_bytes), view_of(value, value_bytes));
        }
        return 0;
    }
    static int on_frame_recv(nghttp2_session*, const nghttp2_frame* frame, void* user) {
        self(user).frame_received(*frame);
        return 0;
    }
    static int on_invalid_frame(nghttp2_session*, const nghttp2_frame*, int, void* user) {
        self(user).frame_since_.reset();
        return 0;
    }
    static int on_data(nghttp2_session* session, std::uint8_t, std::int32_t id,
                       const std::uint8_t* data, std::size_t length, void* user) {
        nghttp2_session_consume_connection(session, length);
        auto* stream = stream_of(session, id);
        if (stream == nullptr || !stream->handler) {
            nghttp2_session_consume_stream(session, id, length);
            return 0;
        }
        stream->last_progress = self(user).now_;
        const bool ignored = stream->finished;
        if (ignored ||
            stream->handler->on_body(view_of(data, length)) == http::StreamHandler::Credit::now) {
            nghttp2_session_consume_stream(session, id, length);
        }
        return 0;
    }
    static int on_stream_close(nghttp2_session* session, std::int32_t id, std::uint32_t,
                               void* user) {
        if (auto* stream = stream_of(session, id)) {
            nghttp2_session_set_stream_user_data(session, id, nullptr);
            self(user).close_stream(*stream);
        }
        return 0;
    }
    static int on_frame_send(nghttp2_session*, const nghttp2_frame* frame, void* user) {
        self(user).frame_sent(*frame);
        return 0;
    }
    static ssize_t read_body(nghttp2_session*, std::int32_t, std::uint8_t* buffer,
                             std::size_t capacity, std::uint32_t* flags,
                             nghttp2_data_source* source, void* user) {
        return self(user).read_body(*static_cast<Stream*>(source->ptr), buffer, capacity, *flags);
    }

    static CallbacksHandle create() {
        nghttp2_session_callbacks* raw = nullptr;
        ASSERT(nghttp2_session_callbacks_new(&raw) == 0);
        CallbacksHandle callbacks(raw);
        nghttp2_session_callbacks_set_on_begin_frame_callback(raw, on_begin_frame);
        nghttp2_session_callbacks_set_on_begin_headers_callback(raw, on_begin_headers);
        nghttp2_session_callbacks_set_on_header_callback(raw, on_header);
        nghttp2_session_callbacks_set_on_frame_recv_callback(raw, on_frame_recv);
        nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(raw, on_invalid_frame);
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(raw, on_data);
        nghttp2_session_callbacks_set_on_stream_close_callback(raw, on_stream_close);
        nghttp2_session_callbacks_set_on_frame_send_callback(raw, on_frame_send);
        return callbacks;
    }
    static OptionHandle options() {
        nghttp2_option* raw = nullptr;
        ASSERT(nghttp2_option_new(&raw) == 0);
        OptionHandle option(raw);
        nghttp2_option_set_no_auto_window_update(raw, 1);
        nghttp2_option_set_max_outbound_ack(raw, limits::unsent_acks_max);
        nghttp2_option_set_max_settings(raw, limits::settings_entries_max);
        nghttp2_option_set_max_continuations(raw, limits::continuations_max);
        return option;
    }
};

Http2Session::Http2Session(http::SessionHost& host, http::SessionLimits limits, TimePoint now)
    : host_(host), limits_(limits), now_(now), last_received_(now) {
    const auto callbacks = Callbacks::create();
    const auto options = Callbacks::options();
    nghttp2_session* raw = nullptr;
    ASSERT(nghttp2_session_server_new2(&raw, callbacks.get(), this, options.get()) == 0);
    session_.reset(raw);

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
    frame_since_ = now_;
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
            within = floods_.settings.take(now_);
            break;
        case NGHTTP2_WINDOW_UPDATE:
            within = floods_.window_updates.take(now_);
            break;
        // CONTINUATION is limited by nghttp2. PRIORITY and all unknown types do nothing, as a flood
        // of them should.
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

Http2Session::Stream* Http2Session::open_stream(std::int32_t id) {
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

Http2Session::Stream* Http2Session::find(http::StreamId id) const {
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
    frame_since_.reset();
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
    nghttp2_data_provider provider{};
    provider.source.ptr = &stream;
    provider.read_callback = Callbacks::read_body;
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
        return;
    }
    if (frame.hd.type == NGHTTP2_RST_STREAM) {
        const auto code = frame.rst_stream.error_code;
        const bool ours = code == NGHTTP2_NO_ERROR || code == NGHTTP2_CANCEL;
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

// --- life and end -------------------------------------------------------------------------------

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
    if (frame_since_ && now - *frame_since_ > limits_.head_timeout) {
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
    nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, drain_ping.data());
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
