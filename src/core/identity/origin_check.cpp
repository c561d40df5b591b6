#include "core/identity/origin_check.hpp"

#include "core/text.hpp"

#include <algorithm>

namespace rb::core {

namespace {

Error from_another_site() {
    return Error{.code = ErrorCode::permission_denied,
                 .message = "permission_denied: the request comes from another site's page"};
}

// "https://shop.example:443" → "shop.example:443"; empty for "null" and what is no origin.
std::string_view authority_of(std::string_view origin) {
    const auto scheme_end = origin.find("://");
    if (scheme_end == std::string_view::npos) return {};
    return origin.substr(scheme_end + 3);
}

// The default ports say nothing: a proxy may drop or add them.
std::string_view without_default_port(std::string_view authority) {
    for (const std::string_view port : {":443", ":80"}) {
        if (authority.ends_with(port)) return authority.substr(0, authority.size() - port.size());
    }
    return authority;
}

}  // namespace

Result<> check_request_origin(const RequestOrigin& request,
                              std::span<const std::string> allowed_origins) {
    const bool is_named = std::ranges::any_of(allowed_origins, [&](const std::string& allowed) {
        return allowed != "*" && !request.origin.empty() && allowed == request.origin;
    });
    if (is_named) return {};

    if (!request.sec_fetch_site.empty()) {
        if (request.sec_fetch_site == "same-origin" || request.sec_fetch_site == "none") return {};
        return from_another_site();
    }
    if (!request.origin.empty()) {
        const auto authority = to_lower_ascii(without_default_port(authority_of(request.origin)));
        const auto host = to_lower_ascii(without_default_port(request.host));
        if (!authority.empty() && authority == host) return {};
        return from_another_site();
    }
    return {};
}

}  // namespace rb::core
