#include "plugin/host/http_status.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <string>

namespace rb::plugin {

namespace {

struct KnownStatus {
    std::uint16_t code;
    std::string_view name;
    std::string_view reason;
};

constexpr KnownStatus known_statuses[] = {
    {100, "CONTINUE", "Continue"},
    {101, "SWITCHING_PROTOCOLS", "Switching Protocols"},
    {102, "PROCESSING", "Processing"},
    {200, "OK", "OK"},
    {201, "CREATED", "Created"},
    {202, "ACCEPTED", "Accepted"},
    {203, "NON_AUTHORITATIVE_INFORMATION", "Non Authoritative Information"},
    {204, "NO_CONTENT", "No Content"},
    {205, "RESET_CONTENT", "Reset Content"},
    {206, "PARTIAL_CONTENT", "Partial Content"},
    {207, "MULTI_STATUS", "Multi-Status"},
    {208, "ALREADY_REPORTED", "Already Reported"},
    {226, "IM_USED", "IM Used"},
    {300, "MULTIPLE_CHOICES", "Multiple Choices"},
    {301, "MOVED_PERMANENTLY", "Moved Permanently"},
    {302, "FOUND", "Found"},
    {303, "SEE_OTHER", "See Other"},
    {304, "NOT_MODIFIED", "Not Modified"},
    {305, "USE_PROXY", "Use Proxy"},
    {307, "TEMPORARY_REDIRECT", "Temporary Redirect"},
    {308, "PERMANENT_REDIRECT", "Permanent Redirect"},
    {400, "BAD_REQUEST", "Bad Request"},
    {401, "UNAUTHORIZED", "Unauthorized"},
    {402, "PAYMENT_REQUIRED", "Payment Required"},
    {403, "FORBIDDEN", "Forbidden"},
    {404, "NOT_FOUND", "Not Found"},
    {405, "METHOD_NOT_ALLOWED", "Method Not Allowed"},
    {406, "NOT_ACCEPTABLE", "Not Acceptable"},
    {407, "PROXY_AUTHENTICATION_REQUIRED", "Proxy Authentication Required"},
    {408, "REQUEST_TIMEOUT", "Request Timeout"},
    {409, "CONFLICT", "Conflict"},
    {410, "GONE", "Gone"},
    {411, "LENGTH_REQUIRED", "Length Required"},
    {412, "PRECONDITION_FAILED", "Precondition Failed"},
    {413, "PAYLOAD_TOO_LARGE", "Payload Too Large"},
    {414, "URI_TOO_LONG", "URI Too Long"},
    {415, "UNSUPPORTED_MEDIA_TYPE", "Unsupported Media Type"},
    {416, "RANGE_NOT_SATISFIABLE", "Range Not Satisfiable"},
    {417, "EXPECTATION_FAILED", "Expectation Failed"},
    {418, "IM_A_TEAPOT", "I'm a teapot"},
    {421, "MISDIRECTED_REQUEST", "Misdirected Request"},
    {422, "UNPROCESSABLE_ENTITY", "Unprocessable Entity"},
    {423, "LOCKED", "Locked"},
    {424, "FAILED_DEPENDENCY", "Failed Dependency"},
    {426, "UPGRADE_REQUIRED", "Upgrade Required"},
    {428, "PRECONDITION_REQUIRED", "Precondition Required"},
    {429, "TOO_MANY_REQUESTS", "Too Many Requests"},
    {431, "REQUEST_HEADER_FIELDS_TOO_LARGE", "Request Header Fields Too Large"},
    {451, "UNAVAILABLE_FOR_LEGAL_REASONS", "Unavailable For Legal Reasons"},
    {500, "INTERNAL_SERVER_ERROR", "Internal Server Error"},
    {501, "NOT_IMPLEMENTED", "Not Implemented"},
    {502, "BAD_GATEWAY", "Bad Gateway"},
    {503, "SERVICE_UNAVAILABLE", "Service Unavailable"},
    {504, "GATEWAY_TIMEOUT", "Gateway Timeout"},
    {505, "HTTP_VERSION_NOT_SUPPORTED", "HTTP Version Not Supported"},
    {506, "VARIANT_ALSO_NEGOTIATES", "Variant Also Negotiates"},
    {507, "INSUFFICIENT_STORAGE", "Insufficient Storage"},
    {508, "LOOP_DETECTED", "Loop Detected"},
    {510, "NOT_EXTENDED", "Not Extended"},
    {511, "NETWORK_AUTHENTICATION_REQUIRED", "Network Authentication Required"},
};

std::optional<std::string> reason_of(HttpStatus status) {
    const auto* known =
        std::ranges::lower_bound(known_statuses, status.code, {}, &KnownStatus::code);
    if (known == std::end(known_statuses) || known->code != status.code) return std::nullopt;
    return std::string(known->reason);
}

rune::Value order_of(HttpStatus left, HttpStatus right) {
    return rune::Value::ordering(left.code < right.code ? -1 : left.code > right.code ? 1 : 0);
}

void declare_status_classes(rune::AnyTypeBuilder& type) {
    const auto is_class = [&](std::string_view name, int first_digit) {
        type.method(name, [first_digit](HttpStatus& s) { return s.code / 100 == first_digit; });
    };
    is_class("is_informational", 1);
    is_class("is_success", 2);
    is_class("is_redirection", 3);
    is_class("is_client_error", 4);
    is_class("is_server_error", 5);
}

void declare_status_constants(rune::AnyTypeBuilder& type) {
    for (const auto& known : known_statuses) {
        const HttpStatus status{known.code};
        rune::NativeFunction make{std::string(known.name),
                                  rune::wrap_native([status] { return status; }), 0};
        type.constant(known.name,
                      {rune::ConstValue::Made{
                          std::make_shared<const rune::NativeFunction>(std::move(make))}});
    }
}

}  // namespace

void declare_http_status(rune::Module& http) {
    using rune::Protocol;
    auto type = http.type<HttpStatus>("StatusCode");
    type.method("as_u16", [](HttpStatus& s) { return s.code; })
        .method("as_str", [](HttpStatus& s) { return std::to_string(s.code); })
        .method("canonical_reason", [](HttpStatus& s) { return reason_of(s); })
        .protocol(Protocol::partial_eq,
                  [](HttpStatus& a, HttpStatus& b) { return a.code == b.code; })
        .protocol(Protocol::eq, [](HttpStatus& a, HttpStatus& b) { return a.code == b.code; })
        .protocol(Protocol::partial_cmp,
                  [](HttpStatus& a, HttpStatus& b) { return order_of(a, b); })
        .protocol(Protocol::cmp, [](HttpStatus& a, HttpStatus& b) { return order_of(a, b); })
        .protocol(Protocol::clone, [](HttpStatus& s) { return s; })
        .protocol(Protocol::display,
                  [](HttpStatus& s) {
                      return std::to_string(s.code) + " " +
                             reason_of(s).value_or("<unknown status code>");
                  })
        .protocol(Protocol::debug, [](HttpStatus& s) { return std::to_string(s.code); });
    declare_status_classes(type);
    declare_status_constants(type);
}

}  // namespace rb::plugin
