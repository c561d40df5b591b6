// A real HTTP/1.1 server on 127.0.0.1 for one test: keeps every request and answers what the test
// says. One connection at a time, closed after each answer.

#pragma once

#include <functional>
#include <map>
#include <mutex>
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
};

class HttpPeer {
public:
    using Answer = std::function<PeerAnswer(const PeerRequest&)>;
    explicit HttpPeer(Answer answer);
    ~HttpPeer();
    HttpPeer(const HttpPeer&) = delete;
    HttpPeer& operator=(const HttpPeer&) = delete;

    // "http://127.0.0.1:PORT"
    [[nodiscard]] std::string url() const;
    [[nodiscard]] std::vector<PeerRequest> requests() const;

private:
    void serve();
    void serve_one(int connection);

    Answer answer_;
    int listener_ = -1;
    int port_ = 0;
    mutable std::mutex mutex_;
    std::vector<PeerRequest> requests_;  // guarded by mutex_
    std::thread thread_;
};

}  // namespace rb::test
