// Whether a request that carries the session cookie comes from our own pages (CSRF).
//
// A browser adds the cookie by itself, whoever's page makes the request, so the cookie alone proves
// nothing. Three fences stand one behind another: SameSite on the cookie; this check, for every
// request that is authenticated by it; and content types that no plain form can send, which makes a
// stranger's page ask first (CORS preflight). Bearer tokens and API keys are not added by browsers
// and need none of it.
//
// The rule, in order:
//   1. Origin is one that [cors].allowed_origins lists by name: allowed.
//   2. Sec-Fetch-Site is sent (every browser since 2023): same-origin or none, else refused.
//   3. Origin is sent: its host and port must be those of Host, else refused ("null" too).
//   4. neither is sent: no browser made the request, so nobody's cookie was borrowed: allowed.

#pragma once

#include "base/result.hpp"

#include <span>
#include <string>
#include <string_view>

namespace rb::core {

struct RequestOrigin {
    // As sent; empty when absent. `host` is :authority in HTTP/2.
    std::string_view origin = {};
    std::string_view sec_fetch_site = {};
    std::string_view host = {};
};

// `allowed_origins`: exact origins ("https://admin.example.com"); "*" in it is not a name and
// allows nothing here. ERRORS: permission_denied  the request comes from another site's page
Result<> check_request_origin(const RequestOrigin& request,
                              std::span<const std::string> allowed_origins);

}  // namespace rb::core
