// CorsPolicy: which pages of other origins may call us, and the fields that tell a browser so.
//
// The CORS layer (cors_layer.hpp) applies it to whatever passes through it; a layer that stands
// before that one and refuses applies it to its refusal, for a page can read only what carries the
// fields. Immutable; cheap to copy.

#pragma once

#include "transport/layer.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rb::transport {

struct CorsOptions {
    // Origins as browsers send them ("https://shop.example.com"). Empty or {"*"}: any, without
    // credentials. Named origins may send cookies.
    std::vector<std::string> allowed_origins = {};
    // How long a browser may remember a preflight; Chromium's own ceiling.
    int max_age_secs = 7200;
};

class CorsPolicy {
public:
    explicit CorsPolicy(CorsOptions options);

    // Lets the page that called read the answer, if its origin may: adds the fields to the answer's
    // head. Does nothing for a call without an Origin. Once per call.
    void open_answer(CallContext& call) const;

    [[nodiscard]] static bool is_preflight(const CallContext& call);
    // REQUIRES: is_preflight(call)
    [[nodiscard]] Response answer_preflight(CallContext& call) const;

private:
    [[nodiscard]] bool allows(std::string_view origin) const;
    // Whether the origin may; adds what says so.
    bool admit(CallContext& call, std::string_view origin) const;

    CorsOptions options_;
    bool any_origin_;
};

}  // namespace rb::transport
