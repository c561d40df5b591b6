// Customers who order and pay from their balance as fast as they are answered: one connection and
// one thread each, gRPC-Web over HTTP/1.1.
//
//     bench_order_load PORT PRODUCT_ID SECONDS TOKEN...     prints paid orders per second
//
// Ends with 1 on the first answer that is not a success.

#include "rustbill/order.pb.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

class Connection {
public:
    Connection(std::uint16_t port, std::string token) : token_(std::move(token)) {
        socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            throw std::runtime_error("no server on that port");
        }
    }
    ~Connection() { ::close(socket_); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    template <typename Response, typename Request>
    Response call(const std::string& method, const Request& request) {
        std::string frame(5, '\0');
        const std::string message = request.SerializeAsString();
        const auto size = htonl(static_cast<std::uint32_t>(message.size()));
        frame.replace(1, 4, reinterpret_cast<const char*>(&size), 4);
        send("POST /rustbill." + method + " HTTP/1.1\r\nHost: bench\r\n" +
             "Content-Type: application/grpc-web+proto\r\nX-Grpc-Web: 1\r\nAuthorization: Bearer " +
             token_ + "\r\nContent-Length: " + std::to_string(frame.size() + message.size()) +
             "\r\n\r\n" + frame + message);
        const std::string body = receive_body(method);
        if (body.size() < 5 || body[0] != 0) throw std::runtime_error(method + ": no data frame");
        std::uint32_t length = 0;
        body.copy(reinterpret_cast<char*>(&length), 4, 1);
        Response response;
        if (!response.ParseFromArray(body.data() + 5, static_cast<int>(ntohl(length)))) {
            throw std::runtime_error(method + ": not the message it should be");
        }
        return response;
    }

private:
    void send(const std::string& bytes) const {
        if (::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) !=
            static_cast<ssize_t>(bytes.size())) {
            throw std::runtime_error("the server hung up");
        }
    }

    void receive_some() {
        char buffer[16384];
        const ssize_t got = ::recv(socket_, buffer, sizeof buffer, 0);
        if (got <= 0) throw std::runtime_error("the server hung up");
        input_.append(buffer, static_cast<std::size_t>(got));
    }

    // A body with a length or in chunks; either way the whole of it.
    std::string receive_body(const std::string& method) {
        std::size_t end = 0;
        while ((end = input_.find("\r\n\r\n")) == std::string::npos) receive_some();
        std::string head = input_.substr(0, end + 2);
        input_.erase(0, end + 4);
        for (char& c : head) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        if (head.find("\r\ngrpc-status:") != std::string::npos) {
            throw std::runtime_error(method + ": " + head);
        }
        const auto length = head.find("\r\ncontent-length:");
        if (length != std::string::npos) return take(std::stoul(head.substr(length + 17)));
        std::string body;
        while (true) {
            std::size_t line = 0;
            while ((line = input_.find("\r\n")) == std::string::npos) receive_some();
            const auto size = std::stoul(input_.substr(0, line), nullptr, 16);
            input_.erase(0, line + 2);
            body += take(size);
            take(2);
            if (size == 0) return body;
        }
    }

    std::string take(std::size_t size) {
        while (input_.size() < size) receive_some();
        std::string taken = input_.substr(0, size);
        input_.erase(0, size);
        return taken;
    }

    int socket_ = -1;
    std::string token_;
    std::string input_;
};

void buy_once(Connection& connection, const std::string& product) {
    rustbill::order::CreateOrderRequest create;
    create.set_product_id(product);
    create.set_currency("CNY");
    create.set_gateway_id("balance");
    create.set_billing_cycle("monthly");
    const auto created = connection.call<rustbill::order::CreateOrderResponse>(
        "order.OrderService/CreateOrder", create);
    rustbill::order::PayOrderRequest pay;
    pay.set_order_id(created.order().id());
    pay.set_gateway_id("balance");
    connection.call<rustbill::order::PayOrderResponse>("order.OrderService/PayOrder", pay);
}

}  // namespace

int main(int count, char** words) {
    if (count < 5) {
        std::cerr << "usage: bench_order_load PORT PRODUCT_ID SECONDS TOKEN...\n";
        return 2;
    }
    const auto port = static_cast<std::uint16_t>(std::stoul(words[1]));
    const std::string product = words[2];
    const auto began = Clock::now();
    const auto ends = began + std::chrono::seconds(std::stol(words[3]));
    std::atomic<long> paid{0};
    std::vector<std::thread> customers;
    for (int i = 4; i < count; ++i) {
        customers.emplace_back([&, token = std::string(words[i])] {
            try {
                Connection connection(port, token);
                while (Clock::now() < ends) {
                    buy_once(connection, product);
                    ++paid;
                }
            } catch (const std::exception& failure) {
                std::cerr << failure.what() << '\n';
                std::exit(1);
            }
        });
    }
    for (auto& customer : customers) customer.join();
    const std::chrono::duration<double> took = Clock::now() - began;
    std::printf("%.1f\n", static_cast<double>(paid) / took.count());
    return 0;
}
