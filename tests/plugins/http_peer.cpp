#include "plugins/http_peer.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
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

HttpPeer::HttpPeer(Answer answer) : answer_(std::move(answer)) {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(listener_, 16), 0);
    socklen_t size = sizeof address;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
}

HttpPeer::~HttpPeer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
}

std::string HttpPeer::url() const {
    return "http://127.0.0.1:" + std::to_string(port_);
}

std::vector<PeerRequest> HttpPeer::requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
}

void HttpPeer::serve() {
    for (;;) {
        const int connection = accept(listener_, nullptr, nullptr);
        if (connection < 0) return;
        serve_one(connection);
        close(connection);
    }
}

void HttpPeer::serve_one(int connection) {
    std::string data;
    std::array<char, 4096> buffer{};
    std::size_t head_end = std::string::npos;
    PeerRequest request;
    std::size_t body_bytes = 0;
    while (head_end == std::string::npos || data.size() < head_end + 4 + body_bytes) {
        const auto count = read(connection, buffer.data(), buffer.size());
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
    const auto text = "HTTP/1.1 " + std::to_string(answer.status) +
                      " X\r\nContent-Length: " + std::to_string(answer.body.size()) +
                      "\r\nConnection: close\r\n" + answer.extra_headers + "\r\n" + answer.body;
    std::size_t sent = 0;
    while (sent < text.size()) {
        const auto count = send(connection, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
        if (count <= 0) return;
        sent += static_cast<std::size_t>(count);
    }
}

}  // namespace rb::test
