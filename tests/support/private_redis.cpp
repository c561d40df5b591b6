#include "support/private_redis.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string_view>
#include <thread>
#include <vector>

extern char** environ;

namespace rb::test {
namespace {

constexpr char redis_program[] = "/usr/bin/redis-server";

bool answers_ping(int port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    char reply[8] = {};
    const bool is_pong =
        ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
        ::send(socket, "PING\r\n", 6, MSG_NOSIGNAL) == 6 &&
        ::recv(socket, reply, sizeof reply - 1, 0) > 0 &&
        std::string_view(reply).starts_with("+PONG");
    ::close(socket);
    return is_pong;
}

}  // namespace

bool PrivateRedis::is_installed() {
    return ::access(redis_program, X_OK) == 0;
}

PrivateRedis::PrivateRedis() {
    char name[] = "/tmp/rb-redis-XXXXXX";
    directory_ = ::mkdtemp(name);
    // Not a free port but a likely one: a clash shows as a server that does not come up.
    port_ = 20'000 + static_cast<int>(::getpid() % 20'000);
    start();
}

PrivateRedis::~PrivateRedis() {
    kill();
    std::filesystem::remove_all(directory_);
}

void PrivateRedis::start() {
    for (int attempt = 0; attempt < 20; ++attempt) {
        const auto port = std::to_string(port_);
        const std::vector<std::string> words{
            redis_program, "--port",   port,        "--bind",           "127.0.0.1", "--save", "",
            "--dir",       directory_, "--logfile", directory_ + "/log"};
        std::vector<char*> arguments;
        for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
        arguments.push_back(nullptr);
        ASSERT_EQ(::posix_spawn(&pid_, redis_program, nullptr, nullptr, arguments.data(), environ),
                  0);
        if (answers()) return;
        kill();
        ++port_;
    }
    FAIL() << "redis-server does not start; see " << directory_;
}

void PrivateRedis::kill() {
    if (pid_ == 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
}

bool PrivateRedis::answers() {
    while (::waitpid(pid_, nullptr, WNOHANG) == 0) {
        if (answers_ping(port_)) return true;
        std::this_thread::yield();
    }
    pid_ = 0;
    return false;
}

}  // namespace rb::test
