// One HTTP/1.1 request, parsed from pieces (RFC 9112). A thin skin over Boost.Beast's parser.
//
// What Beast lets pass and we must not: a Transfer-Encoding that does not end in "chunked" or
// stands in HTTP/1.0 (its body would be read as the next request), and a missing or repeated Host.

#pragma once

#include "transport/http/session.hpp"

#include <boost/beast/core/error.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include <string>
#include <string_view>

namespace rb::transport::http1 {

class RequestParser final : private boost::beast::http::basic_parser<true> {
public:
    enum class Step {
        need_more,  // give it more bytes
        progress,   // something was consumed
        head,       // the head is complete
        complete,   // the request is complete
        failed,     // answer with failure_status() and close
    };
    struct Progress {
        Step step;
        std::size_t consumed;
    };

    RequestParser();

    // Takes a piece; unconsumed bytes must be offered again with what follows them.
    // REQUIRES: the last step was neither complete nor failed
    Progress parse(std::string_view bytes);
    // Body bytes of the last parse(); views into its argument.
    [[nodiscard]] std::string_view body() const { return body_; }

    // Valid from Step::head on.
    [[nodiscard]] http::RequestHead& head() { return head_; }
    [[nodiscard]] bool has_body() const;
    [[nodiscard]] bool wants_continue() const { return wants_continue_; }
    [[nodiscard]] bool is_http10() const { return version_ == 10; }
    [[nodiscard]] bool keeps_alive() const { return keep_alive(); }
    // 400, 431, 501, 505.
    [[nodiscard]] int failure_status() const { return failure_status_; }
    [[nodiscard]] bool head_done() const { return head_reported_; }

private:
    using error_code = boost::beast::error_code;
    using string_view = boost::beast::string_view;

    void on_request_impl(boost::beast::http::verb verb, string_view method, string_view target,
                         int version, error_code& error) override;
    void on_response_impl(int, string_view, int, error_code&) override {}
    void on_field_impl(boost::beast::http::field field, string_view name, string_view value,
                       error_code& error) override;
    void on_header_impl(error_code& error) override;
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
    std::size_t on_body_impl(string_view body, error_code&) override;
    void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {
        chunk_began_ = true;
    }
    std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override;
    void on_finish_impl(error_code&) override {}

    Progress fail(const error_code& error);
    void refuse(int status, error_code& error);

    http::RequestHead head_;
    std::string_view body_;
    int version_ = 11;
    int failure_status_ = 0;
    int hosts_ = 0;
    bool has_transfer_encoding_ = false;
    bool chunk_began_ = false;
    bool other_transfer_coding_ = false;
    bool wants_continue_ = false;
    bool fields_done_ = false;
    bool head_reported_ = false;
};

}  // namespace rb::transport::http1
