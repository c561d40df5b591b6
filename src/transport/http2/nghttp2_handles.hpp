// Owners of nghttp2's C handles.

#pragma once

#include <nghttp2/nghttp2.h>

#include <memory>

namespace rb::transport::http2 {

struct Nghttp2Delete {
    void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
    void operator()(nghttp2_session_callbacks* callbacks) const {
        nghttp2_session_callbacks_del(callbacks);
    }
    void operator()(nghttp2_option* option) const { nghttp2_option_del(option); }
};

using SessionHandle = std::unique_ptr<nghttp2_session, Nghttp2Delete>;
using CallbacksHandle = std::unique_ptr<nghttp2_session_callbacks, Nghttp2Delete>;
using OptionHandle = std::unique_ptr<nghttp2_option, Nghttp2Delete>;

}  // namespace rb::transport::http2
