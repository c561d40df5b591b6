// Captured HTTP traffic, so that a plugin can be tested against what a real peer once said.
//
//   {"version": 1, "exchanges": [
//     {"request": {"method": "GET", "url": "https://…", "headers": {…}, "body": "…"},
//      "response": {"status": 200, "headers": {…}, "body": "…"}}]}
//
// A body that is not UTF-8 stands as "body_base64" instead. Secrets never reach a cassette: the
// values of headers and of JSON, XML, query and form fields that carry one (authorization, cookie,
// password, key, sign, token, secret…), and every text the recorder was told of, also URL-encoded
// or in base64, are written as "[redacted]". In a request of a cassette "[redacted]" stands for any
// text, so a test needs no secret, and a hand may write it over what changes from call to call.

#pragma once

#include "base/result.hpp"

#include "plugin/http/http_client.hpp"
#include "plugin/json.hpp"

#include <mutex>
#include <string>
#include <vector>

namespace rb::plugin {

// Passes requests on and keeps what was said. Thread-safe.
class RecordingHttpClient final : public HttpClient {
public:
    // `next` must outlive the recorder. `secrets`: texts to blank wherever they stand.
    RecordingHttpClient(HttpClient& next, const std::vector<std::string>& secrets);

    HttpResult send(const HttpRequest& request, const HttpPolicy& policy) override;
    // What was recorded so far. An exchange without an answer is not part of it.
    [[nodiscard]] std::string cassette() const;

private:
    HttpClient& next_;
    std::vector<std::string> secrets_;
    mutable std::mutex mutex_;
    Json exchanges_ = Json::array();  // guarded by mutex_
};

// Answers from a cassette: each request takes the first unused exchange of its method and URL
// (secrets redacted before they are compared) and, where the cassette has a request body, of that
// body. What is not on the cassette fails, delivery not_sent. Thread-safe.
class ReplayingHttpClient final : public HttpClient {
public:
    // ERRORS: invalid_argument  not a cassette
    static Result<ReplayingHttpClient> create(const std::string& cassette);
    ReplayingHttpClient(ReplayingHttpClient&& other) noexcept;

    HttpResult send(const HttpRequest& request, const HttpPolicy& policy) override;
    // Every request that was made, in order; secrets are not redacted here, a test looks at them.
    [[nodiscard]] std::vector<HttpRequest> requests() const;
    // Exchanges nobody asked for.
    [[nodiscard]] std::size_t unused() const;

private:
    explicit ReplayingHttpClient(Json exchanges);

    mutable std::mutex mutex_;
    // Guarded by mutex_.
    Json exchanges_;
    std::vector<bool> used_;
    std::vector<HttpRequest> requests_;
};

// A URL whose query fields that carry secrets are blanked.
std::string redacted_url(const std::string& url);

}  // namespace rb::plugin
