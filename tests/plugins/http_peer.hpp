// A real HTTP/1.1 server on the loopback for one test, with or without TLS: keeps every request and
// answers what the test says. One connection at a time, closed after each answer.

#pragma once

#include "plugins/test_authority.hpp"

#include <openssl/ssl.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace rb::test {

struct PeerRequest {
    std::string method;
    std::string target;
    std::map<std::string, std::string> headers;  // lower-case names
    std::string body;
};

struct PeerAnswer {
    int status = 200;
    std::string body = {};
    std::string extra_headers = {};  // "Location: …\r\n"
    // Close without an answer, once the request has been read.
    bool hangs_up = false;
    // Say nothing until the client has gone.
    bool is_silent = false;
};

struct PeerOptions {
    // What it shows; plain HTTP without one.
    std::optional<Identity> identity = {};
    // Clients must show a certificate that this authority signed.
    std::string client_authority_pem = {};
    // Listens on ::1.
    bool is_ipv6 = false;
};

class HttpPeer {
public:
    using Answer = std::function<PeerAnswer(const PeerRequest&)>;
    explicit HttpPeer(Answer answer, PeerOptions options = {});
    ~HttpPeer();
    HttpPeer(const HttpPeer&) = delete;
    HttpPeer& operator=(const HttpPeer&) = delete;

    // "http://127.0.0.1:PORT", "https://…", "http://[::1]:PORT"
    [[nodiscard]] std::string url() const;
    [[nodiscard]] std::vector<PeerRequest> requests() const;

private:
    void serve();
    void listen_on_loopback();
    void use_tls();
    class Connection;
    void serve_one(Connection& connection);

    Answer answer_;
    PeerOptions options_;
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> tls_{nullptr, SSL_CTX_free};
    int listener_ = -1;
    int port_ = 0;
    mutable std::mutex mutex_;
    std::vector<PeerRequest> requests_;  // guarded by mutex_
    std::thread thread_;
};

}  // namespace rb::test
