// A real redis-server of one's own, which a test may kill and start again on the same port.

#pragma once

#include <sys/types.h>

#include <string>

namespace rb::test {

class PrivateRedis {
public:
    // Whether there is one on this machine (make test-setup installs it).
    static bool is_installed();

    // Listens on a port of its own. Fails the test when it does not come up.
    PrivateRedis();
    ~PrivateRedis();
    PrivateRedis(const PrivateRedis&) = delete;
    PrivateRedis& operator=(const PrivateRedis&) = delete;

    void start();
    // As a crash would: what it held is forgotten.
    void kill();
    [[nodiscard]] int port() const { return port_; }
    [[nodiscard]] std::string url() const { return "redis://127.0.0.1:" + std::to_string(port_); }

private:
    // Until it answers or is gone.
    bool answers();

    std::string directory_;
    int port_ = 0;
    pid_t pid_ = 0;
};

}  // namespace rb::test
