#include "transport/asio/listener.hpp"

#include <boost/asio/post.hpp>

#include <future>

namespace rb::transport {
namespace {

using std::chrono_literals::operator""ms;
using boost::asio::ip::tcp;

// Out of descriptors or memory: accepting again at once would spin.
constexpr auto accept_pause = 100ms;

Error cannot(const std::string& what, const std::string& host, std::uint16_t port,
             const boost::system::error_code& error) {
    return {ErrorCode::unavailable,
            "cannot " + what + " " + host + ":" + std::to_string(port) + ": " + error.message()};
}

}  // namespace

Listener::Listener(std::vector<std::unique_ptr<IoThread>>& threads)
    : threads_(threads), acceptor_(threads.front()->loop()), pause_(threads.front()->loop()) {}

Result<> Listener::open(const std::string& host, std::uint16_t port) {
    boost::system::error_code error;
    tcp::resolver resolver(threads_.front()->loop());
    const auto found = resolver.resolve(host, std::to_string(port), tcp::resolver::passive, error);
    if (error || found.empty()) return cannot("resolve", host, port, error);
    const auto endpoint = found.begin()->endpoint();
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(tcp::acceptor::max_listen_connections, error);
    if (!error) port_ = acceptor_.local_endpoint(error).port();
    if (error) return cannot("listen on", host, port, error);
    return {};
}

void Listener::start() {
    boost::asio::post(threads_.front()->loop(), [this] { accept(); });
}

void Listener::close() {
    std::promise<void> closed;
    boost::asio::post(threads_.front()->loop(), [&] {
        boost::system::error_code ignored;  // it is gone either way
        acceptor_.close(ignored);
        pause_.cancel();
        closed.set_value();
    });
    closed.get_future().wait();
}

void Listener::accept() {
    if (!acceptor_.is_open()) return;
    auto& target = *threads_[next_];
    acceptor_.async_accept(target.loop(),
                           [this](boost::system::error_code error, tcp::socket socket) {
                               if (error == boost::asio::error::operation_aborted) return;
                               if (error) {
                                   pause_.expires_after(accept_pause);
                                   pause_.async_wait([this](boost::system::error_code stopped) {
                                       if (!stopped) accept();
                                   });
                                   return;
                               }
                               pass_on(std::move(socket));
                               accept();
                           });
}

void Listener::pass_on(tcp::socket socket) {
    auto& target = *threads_[next_];
    next_ = (next_ + 1) % threads_.size();
    auto& environment = target.environment();
    auto& counters = environment.counters;
    counters.connections_accepted.fetch_add(1);
    if (counters.connections_open.fetch_add(1) >= environment.options.connections_max) {
        counters.connections_open.fetch_sub(1);
        counters.connections_refused.fetch_add(1);
        return;
    }
    target.adopt(std::move(socket));
}

}  // namespace rb::transport
