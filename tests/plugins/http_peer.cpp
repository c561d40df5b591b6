#include "plugins/http_peer.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <sstream>

namespace rb::test {

namespace {

std::string lower(std::string text) {
    for (auto& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

PeerRequest parse_head(const std::string& head) {
    PeerRequest request;
    std::istringstream lines(head);
    std::string line;
    std::getline(lines, line);
    std::istringstream first(line);
    first >> request.method >> request.target;
    while (std::getline(lines, line) && line.size() > 1) {
        const auto colon = line.find(':');
        auto value = line.substr(colon + 1);
        value = value.substr(value.find_first_not_of(' '));
        value.erase(value.find_last_not_of("\r ") + 1);
        request.headers[lower(line.substr(0, colon))] = value;
    }
    return request;
}

}  // namespace

// One accepted connection, with TLS over it when the peer has an identity.
class HttpPeer::Connection {
public:
    Connection(int socket, SSL_CTX* tls) : socket_(socket) {
        if (tls == nullptr) return;
        ssl_.reset(SSL_new(tls));
        SSL_set_fd(ssl_.get(), socket_);
        is_open_ = SSL_accept(ssl_.get()) == 1;
    }
    ~Connection() {
        if (ssl_ && is_open_) SSL_shutdown(ssl_.get());
        close(socket_);
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // At most `size` bytes; 0 or less when there are no more.
    long read_some(char* data, int size) {
        if (!is_open_) return 0;
        if (ssl_) return SSL_read(ssl_.get(), data, size);
        return read(socket_, data, static_cast<std::size_t>(size));
    }
    bool write_all(const std::string& text) {
        std::size_t sent = 0;
        while (sent < text.size()) {
            const auto* rest = text.data() + sent;
            const long count =
                ssl_ ? SSL_write(ssl_.get(), rest, static_cast<int>(text.size() - sent))
                     : send(socket_, rest, text.size() - sent, MSG_NOSIGNAL);
            if (count <= 0) return false;
            sent += static_cast<std::size_t>(count);
        }
        return true;
    }

private:
    struct Free {
        void operator()(SSL* ssl) const { SSL_free(ssl); }
    };
    int socket_;
    std::unique_ptr<SSL, Free> ssl_;
    bool is_open_ = true;
};

HttpPeer::HttpPeer(Answer answer, PeerOptions options)
    : answer_(std::move(answer)), options_(std::move(options)) {
    // OpenSSL writes to sockets that clients have closed already.
    signal(SIGPIPE, SIG_IGN);
    if (options_.identity) use_tls();
    listen_on_loopback();
    thread_ = std::thread([this] { serve(); });
}

void HttpPeer::listen_on_loopback() {
    sockaddr_storage address{};
    socklen_t size = sizeof(sockaddr_in);
    if (options_.is_ipv6) {
        auto& v6 = reinterpret_cast<sockaddr_in6&>(address);
        v6.sin6_family = AF_INET6;
        v6.sin6_addr = in6addr_loopback;
        size = sizeof v6;
    } else {
        auto& v4 = reinterpret_cast<sockaddr_in&>(address);
        v4.sin_family = AF_INET;
        v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    }
    listener_ = socket(address.ss_family, SOCK_STREAM, 0);
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(listener_, 16), 0);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    // The port stands at the same place in both kinds of address.
    port_ = ntohs(reinterpret_cast<sockaddr_in&>(address).sin_port);
}

namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

Bio bio_of(const std::string& pem) {
    return {BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free};
}

X509* certificate_of(const std::string& pem) {
    return PEM_read_bio_X509(bio_of(pem).get(), nullptr, nullptr, nullptr);
}

}  // namespace

void HttpPeer::use_tls() {
    tls_.reset(SSL_CTX_new(TLS_server_method()));
    auto* certificate = certificate_of(options_.identity->certificate_pem);
    auto* key = PEM_read_bio_PrivateKey(bio_of(options_.identity->key_pem).get(), nullptr, nullptr,
                                        nullptr);
    EXPECT_EQ(SSL_CTX_use_certificate(tls_.get(), certificate), 1);
    EXPECT_EQ(SSL_CTX_use_PrivateKey(tls_.get(), key), 1);
    X509_free(certificate);
    EVP_PKEY_free(key);
    if (options_.client_authority_pem.empty()) return;
    auto* authority = certificate_of(options_.client_authority_pem);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(tls_.get()), authority);
    X509_free(authority);
    SSL_CTX_set_verify(tls_.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
}

HttpPeer::~HttpPeer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
}

std::string HttpPeer::url() const {
    return std::string(options_.identity ? "https" : "http") + "://" +
           (options_.is_ipv6 ? "[::1]" : "127.0.0.1") + ":" + std::to_string(port_);
}

std::vector<PeerRequest> HttpPeer::requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
}

void HttpPeer::serve() {
    for (;;) {
        const int socket = accept(listener_, nullptr, nullptr);
        if (socket < 0) return;
        Connection connection(socket, tls_.get());
        serve_one(connection);
    }
}

void HttpPeer::serve_one(Connection& connection) {
    std::string data;
    std::array<char, 4096> buffer{};
    std::size_t head_end = std::string::npos;
    PeerRequest request;
    std::size_t body_bytes = 0;
    while (head_end == std::string::npos || data.size() < head_end + 4 + body_bytes) {
        const auto count = connection.read_some(buffer.data(), buffer.size());
        if (count <= 0) return;
        data.append(buffer.data(), static_cast<std::size_t>(count));
        if (head_end != std::string::npos) continue;
        head_end = data.find("\r\n\r\n");
        if (head_end == std::string::npos) continue;
        request = parse_head(data.substr(0, head_end + 2));
        const auto length = request.headers.find("content-length");
        if (length != request.headers.end()) body_bytes = std::stoul(length->second);
    }
    request.body = data.substr(head_end + 4);
    {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
    }
    const auto answer = answer_(request);
    if (answer.hangs_up) return;
    if (answer.is_silent) {
        while (connection.read_some(buffer.data(), buffer.size()) > 0) {
        }
        return;
    }
    connection.write_all("HTTP/1.1 " + std::to_string(answer.status) +
                         " X\r\nContent-Length: " + std::to_string(answer.body.size()) +
                         "\r\nConnection: close\r\n" + answer.extra_headers + "\r\n" + answer.body);
}

}  // namespace rb::test
