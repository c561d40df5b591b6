#include "core/second_factor/relying_party.hpp"

#include "core/text.hpp"

#include <algorithm>

namespace rb::core {

namespace {

constexpr std::string_view https = "https://";
constexpr std::string_view http = "http://";

std::string_view without_port(std::string_view authority) {
    return authority.substr(0, authority.find(':'));
}

std::string_view authority_after_scheme(std::string_view origin) {
    for (const auto scheme : {https, http}) {
        if (origin.starts_with(scheme)) return origin.substr(scheme.size());
    }
    return {};
}

// RFC 1123, 2.1; the last part of a name is never a number, that of an IPv4 address always.
bool is_host_name(std::string_view host) {
    constexpr std::size_t name_bytes_max = 253;
    const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto fits = [&](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '.'; };
    if (host.empty() || host.size() > name_bytes_max || !std::ranges::all_of(host, fits)) {
        return false;
    }
    const auto last = host.substr(host.rfind('.') + 1);
    return std::ranges::any_of(last, is_letter);
}

bool is_this_machine(std::string_view host) {
    return host == "localhost" || host.ends_with(".localhost");
}

}  // namespace

Result<std::string> relying_party_of(const RequestOrigin& request) {
    auto authority = authority_after_scheme(request.origin);
    if (authority.empty()) authority = request.host;
    auto host = to_lower_ascii(without_port(authority));
    if (!is_host_name(host)) {
        return Error{.code = ErrorCode::failed_precondition,
                     .message =
                         "relying_party: passkeys work only where the page is opened by a "
                         "name, such as https://shop.example.com or http://localhost",
                     .field = "relying_party"};
    }
    return host;
}

bool is_page_of(std::string_view origin, std::string_view relying_party) {
    const auto host = to_lower_ascii(without_port(authority_after_scheme(origin)));
    if (host.empty() || host != relying_party) return false;
    return origin.starts_with(https) || is_this_machine(host);
}

}  // namespace rb::core
