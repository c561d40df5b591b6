// CallContext: what is known of one call, and what its handler and the layers around it add.
//
// One context serves one call, from its head to its end. Layers and the handler use it on one
// thread at a time (a worker, or the I/O thread for methods and routes marked so); only cancelled()
// may be asked from any thread.

#pragma once

#include "transport/header_fields.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <typeindex>
#include <utility>
#include <vector>

namespace rb::transport {

struct Method;

using TimePoint = std::chrono::steady_clock::time_point;

// How the caller speaks. `http` is everything that is not a call of a registered method.
enum class Protocol { http, grpc, grpc_web, grpc_web_text, connect_json, connect_proto };
std::string_view name_of(Protocol protocol);

// Values that layers attach to a call, one per type: `attributes().set(Actor{...})`, and later
// `attributes().find<Actor>()`.
class Attributes {
public:
    template <typename T>
    void set(T value) {
        auto holder = std::shared_ptr<void>(std::make_shared<T>(std::move(value)));
        for (auto& [type, slot] : slots_) {
            if (type == typeid(T)) {
                slot = std::move(holder);
                return;
            }
        }
        slots_.emplace_back(std::type_index(typeid(T)), std::move(holder));
    }
    // nullptr when nothing of that type was attached. The pointer lives as long as the call, or
    // until the next set() of the same type.
    template <typename T>
    [[nodiscard]] const T* find() const {
        for (const auto& [type, slot] : slots_) {
            if (type == typeid(T)) return static_cast<const T*>(slot.get());
        }
        return nullptr;
    }

private:
    std::vector<std::pair<std::type_index, std::shared_ptr<void>>> slots_;
};

// The head of a request, as the transport read it.
struct RequestInfo {
    Protocol protocol = Protocol::http;
    std::string http_method = {};  // "POST"
    std::string path = {};         // "/rustbill.order.OrderService/PayOrder", still percent-encoded
    std::string query = {};        // without the "?"; empty when there was none
    HeaderFields fields = {};
    std::string peer = {};           // "127.0.0.1:4711", "[::1]:4711": the socket's other end
    const Method* method = nullptr;  // set for RPC only; outlives the call
    std::optional<TimePoint> deadline = {};
};

class CallContext {
public:
    explicit CallContext(RequestInfo info) : info_(std::move(info)) {}
    CallContext(const CallContext&) = delete;
    CallContext& operator=(const CallContext&) = delete;

    [[nodiscard]] Protocol protocol() const { return info_.protocol; }
    [[nodiscard]] bool is_rpc() const { return info_.protocol != Protocol::http; }
    [[nodiscard]] std::string_view http_method() const { return info_.http_method; }
    [[nodiscard]] std::string_view path() const { return info_.path; }
    [[nodiscard]] std::string_view query() const { return info_.query; }
    // Request headers, which are the call's metadata.
    [[nodiscard]] const HeaderFields& metadata() const { return info_.fields; }
    // The socket's other end; behind a proxy, that is the proxy (see x-forwarded-for).
    [[nodiscard]] std::string_view peer() const { return info_.peer; }
    // The method that is called; nullptr for plain HTTP.
    [[nodiscard]] const Method* method() const { return info_.method; }
    // When the caller stops waiting: the shorter of his grpc-timeout (or connect-timeout-ms) and
    // limits::call_deadline_max.
    [[nodiscard]] std::optional<TimePoint> deadline() const { return info_.deadline; }

    // The request body: for a unary call the message, for plain HTTP the body, for a call that
    // streams requests empty.
    [[nodiscard]] std::string_view body() const { return body_; }

    // The caller's x-request-id when it is 1 to 64 of [A-Za-z0-9._-], else a new one. Sent back in
    // the answer's x-request-id once somebody has asked for it. Not for two threads at once.
    [[nodiscard]] const std::string& request_id() const;

    // Sent with the head of the answer (gRPC's initial metadata). Too late once a stream has begun.
    HeaderFields& response_headers() { return response_headers_; }
    // Sent after the answer (gRPC's trailing metadata); over Connect as "trailer-" headers, over
    // plain HTTP not at all.
    HeaderFields& response_trailers() { return response_trailers_; }
    [[nodiscard]] const HeaderFields& response_headers() const { return response_headers_; }
    [[nodiscard]] const HeaderFields& response_trailers() const { return response_trailers_; }

    Attributes& attributes() { return attributes_; }
    [[nodiscard]] const Attributes& attributes() const { return attributes_; }

    // True once nobody waits for the answer: the caller cancelled or went away, or the deadline
    // passed. Any thread. A handler with several slow steps asks between them.
    [[nodiscard]] bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }

    // For the transport, and for tests of layers and handlers.
    void set_body(std::string_view body) { body_ = body; }
    void cancel() { cancelled_.store(true, std::memory_order_relaxed); }
    [[nodiscard]] bool has_request_id() const { return !request_id_.empty(); }

private:
    const RequestInfo info_;
    std::string_view body_;
    HeaderFields response_headers_;
    HeaderFields response_trailers_;
    Attributes attributes_;
    mutable std::string request_id_;
    std::atomic<bool> cancelled_{false};
};

}  // namespace rb::transport
