#include "transport/http1/request_parser.hpp"

#include "transport/limits.hpp"

#include <boost/beast/http/error.hpp>

#include <algorithm>

namespace rb::transport::http1 {
namespace {

namespace beast_http = boost::beast::http;

// Room for what most heads hold, so that they take two allocations.
constexpr std::size_t usual_head_bytes = 768;
constexpr std::size_t usual_head_fields = 16;

std::string_view view_of(boost::beast::string_view text) {
    return {text.data(), text.size()};
}

std::string lowered(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

// RFC 9112, 3.2: origin-form, or absolute-form as a client sends it to a proxy.
bool split_target(std::string_view target, http::RequestHead& head) {
    constexpr std::string_view scheme = "http://";
    if (lowered(target.substr(0, scheme.size())) == scheme) {
        const auto slash = target.find('/', scheme.size());
        target = slash == std::string_view::npos ? "/" : target.substr(slash);
    }
    if (target != "*" && !target.starts_with('/')) return false;
    const auto question = target.find('?');
    head.path = target.substr(0, question);
    if (question != std::string_view::npos) head.query = target.substr(question + 1);
    return true;
}

}  // namespace

RequestParser::RequestParser() {
    header_limit(static_cast<std::uint32_t>(limits::header_list_bytes_max));
    // Bodies are limited by the handler, which knows what it can take.
    body_limit(boost::none);
    head_.version = http::Version::http1;
}

bool RequestParser::has_body() const {
    return chunked() || (content_length() && *content_length() > 0);
}

RequestParser::Progress RequestParser::parse(std::string_view bytes) {
    body_ = {};
    // Beast 1.81 asserts that the last chunk comes with five bytes; one that is the first as well
    // may drip in with fewer. No chunked body is shorter than "0\r\n\r\n".
    constexpr std::size_t chunked_body_bytes_min = 5;
    const bool is_first_chunk = head_reported_ && chunked() && !chunk_began_;
    if (is_first_chunk && bytes.starts_with('0') && bytes.size() < chunked_body_bytes_min) {
        return {Step::need_more, 0};
    }
    error_code error;
    const std::size_t consumed = put({bytes.data(), bytes.size()}, error);
    if (error && error != beast_http::error::need_more) return fail(error);
    if (!head_reported_ && is_header_done()) {
        head_reported_ = true;
        return {Step::head, consumed};
    }
    if (head_reported_ && is_done()) return {Step::complete, consumed};
    if (consumed > 0) return {Step::progress, consumed};
    return {Step::need_more, 0};
}

RequestParser::Progress RequestParser::fail(const error_code& error) {
    if (failure_status_ == 0) {
        if (error == beast_http::error::header_limit) {
            failure_status_ = 431;
        } else if (error == beast_http::error::bad_version) {
            failure_status_ = 505;
        } else {
            failure_status_ = 400;
        }
    }
    return {Step::failed, 0};
}

void RequestParser::refuse(int status, error_code& error) {
    failure_status_ = status;
    error = beast_http::error::bad_field;
}

void RequestParser::on_request_impl(beast_http::verb, string_view method, string_view target,
                                    int version, error_code& error) {
    head_.method = view_of(method);
    head_.fields.reserve(usual_head_bytes, usual_head_fields);
    version_ = version;
    if (!split_target(view_of(target), head_)) refuse(400, error);
}

void RequestParser::on_field_impl(beast_http::field field, string_view name, string_view value,
                                  error_code& error) {
    // Trailers of a chunked body: nothing we speak has any over HTTP/1.1.
    if (fields_done_) return;
    if (head_.fields.size() >= limits::header_fields_max) return refuse(431, error);
    const auto text = view_of(value);
    if (!is_field_value(text)) return refuse(400, error);
    if (field == beast_http::field::host) ++hosts_;
    if (field == beast_http::field::transfer_encoding) {
        has_transfer_encoding_ = true;
        if (lowered(text) != "chunked") other_transfer_coding_ = true;
    }
    if (field == beast_http::field::expect && lowered(text) == "100-continue") {
        wants_continue_ = true;
    }
    head_.fields.add_unchecked(lowered(view_of(name)), text);
}

void RequestParser::on_header_impl(error_code& error) {
    fields_done_ = true;
    if (other_transfer_coding_) return refuse(501, error);
    if (has_transfer_encoding_ && version_ == 10) return refuse(400, error);
    if (hosts_ > 1 || (hosts_ == 0 && version_ == 11)) return refuse(400, error);
}

std::size_t RequestParser::on_body_impl(string_view body, error_code&) {
    body_ = view_of(body);
    return body.size();
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, string_view body, error_code&) {
    body_ = view_of(body);
    return body.size();
}

}  // namespace rb::transport::http1
