// Listener: accepts connections and deals them out to the I/O threads in turn.

#pragma once

#include "transport/asio/io_thread.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace rb::transport {

class Listener {
public:
    // Runs on the first of `threads`, which must outlive it.
    explicit Listener(std::vector<std::unique_ptr<IoThread>>& threads);

    // ERRORS: unavailable  cannot resolve, bind or listen; the message says what and why
    Result<> open(const std::string& host, std::uint16_t port);
    [[nodiscard]] std::uint16_t port() const { return port_; }
    void start();
    // No connection is accepted once this has returned. Not on an I/O thread.
    void close();

private:
    void accept();
    void pass_on(boost::asio::ip::tcp::socket socket);

    std::vector<std::unique_ptr<IoThread>>& threads_;
    boost::asio::ip::tcp::acceptor acceptor_;
    boost::asio::steady_timer pause_;
    std::uint16_t port_ = 0;
    std::size_t next_ = 0;
};

}  // namespace rb::transport
