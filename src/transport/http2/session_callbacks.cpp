#include "base/assert.hpp"

#include "transport/http2/session.hpp"
#include "transport/http2/stream.hpp"

namespace rb::transport::http2 {
namespace {

std::string_view view_of(const std::uint8_t* bytes, std::size_t length) {
    return {reinterpret_cast<const char*>(bytes), length};
}

}  // namespace

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
    static int on_frame_not_send(nghttp2_session*, const nghttp2_frame* frame, int, void* user) {
        self(user).frame_not_sent(*frame);
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
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(raw, on_data);
        nghttp2_session_callbacks_set_on_stream_close_callback(raw, on_stream_close);
        nghttp2_session_callbacks_set_on_frame_send_callback(raw, on_frame_send);
        nghttp2_session_callbacks_set_on_frame_not_send_callback(raw, on_frame_not_send);
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

SessionHandle Http2Session::create_handle() {
    const auto callbacks = Callbacks::create();
    const auto options = Callbacks::options();
    nghttp2_session* raw = nullptr;
    ASSERT(nghttp2_session_server_new2(&raw, callbacks.get(), this, options.get()) == 0);
    return SessionHandle(raw);
}

nghttp2_data_provider Http2Session::body_of(Stream& stream) {
    nghttp2_data_provider provider{};
    provider.source.ptr = &stream;
    provider.read_callback = Callbacks::read_body;
    return provider;
}

}  // namespace rb::transport::http2
