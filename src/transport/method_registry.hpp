// MethodRegistry: the RPC methods a server answers, by full path ("/package.Service/Method").
//
//     registry.unary<CreateOrderRequest, CreateOrderResponse>(
//         "/rustbill.order.OrderService/CreateOrder",
//         [&](CallContext& call, const CreateOrderRequest& request) -> Result<CreateOrderResponse>
//         {
//             ...
//         });
//
// Filled at start, then moved into the Server, which only reads it. Every path must name a method
// of a .proto linked into the program, so that JSON can be transcoded and reflection can describe
// it.

#pragma once

#include "base/result.hpp"

#include "transport/call_context.hpp"
#include "transport/stream.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <variant>
#include <vector>

namespace rb::transport {

// Where a handler runs. `worker`: a thread of the bounded pool, behind the layers; may block.
// `io_thread`: at once, on the thread that reads the sockets, behind the layers that may; must take
// microseconds and never block, for everyone else on that thread waits.
enum class Execution { worker, io_thread };

// A unary call: message bytes in, message bytes out.
using UnaryHandler = std::function<Result<std::string>(CallContext&, std::string_view)>;
using ServerStreamHandler = std::function<Result<>(CallContext&, std::string_view, StreamWriter&)>;
using ClientStreamHandler = std::function<Result<std::string>(CallContext&, StreamReader&)>;
using BidiHandler = std::function<Result<>(CallContext&, StreamReader&, StreamWriter&)>;
// A bidirectional stream that answers each message with one, on the I/O thread (reflection).
struct PerMessageHandler {
    std::function<Result<std::string>(CallContext&, std::string_view)> answer;
};
// A server stream whose answers come later from anywhere (health's Watch), on the I/O thread.
struct SinkHandler {
    std::function<void(CallContext&, std::string_view, std::shared_ptr<StreamSink>)> open;
};

using MethodHandler = std::variant<UnaryHandler, ServerStreamHandler, ClientStreamHandler,
                                   BidiHandler, PerMessageHandler, SinkHandler>;

struct Method {
    std::string path;
    const google::protobuf::MethodDescriptor* descriptor = nullptr;
    Execution execution = Execution::worker;
    MethodHandler handler;
};

class MethodRegistry {
public:
    MethodRegistry();
    ~MethodRegistry();
    MethodRegistry(MethodRegistry&&) noexcept;
    MethodRegistry& operator=(MethodRegistry&&) noexcept;

    // Adds a method on bytes.
    // REQUIRES: the path names a method of a linked .proto of the handler's kind, not added before
    void add(std::string_view path, MethodHandler handler, Execution execution = Execution::worker);

    // The typed unary form. A message that does not parse answers invalid_argument.
    template <typename Request, typename Answer, typename Handler>
    void unary(std::string_view path, Handler handler, Execution execution = Execution::worker) {
        static_assert(std::is_base_of_v<google::protobuf::Message, Request>);
        add(path,
            UnaryHandler([handler = std::move(handler)](
                             CallContext& call, std::string_view bytes) -> Result<std::string> {
                Request request;
                if (!parse(bytes, request)) return unreadable(request);
                Result<Answer> answer = handler(call, std::as_const(request));
                if (answer.has_error()) return std::move(answer).error();
                return serialize(*answer);
            }),
            execution);
    }

    // nullptr when no such method was added. The pointer lives as long as the registry's methods,
    // across a move.
    [[nodiscard]] const Method* find(std::string_view path) const;
    // True when some method of the service in "/package.Service/..." was added.
    [[nodiscard]] bool has_service(std::string_view path) const;
    // All methods, sorted by path.
    [[nodiscard]] std::vector<const Method*> all() const;
    // Full names of the services, sorted.
    [[nodiscard]] std::vector<std::string> services() const;

    static bool parse(std::string_view bytes, google::protobuf::MessageLite& message);
    static Error unreadable(const google::protobuf::Message& message);
    static std::string serialize(const google::protobuf::MessageLite& message);

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };
    std::unordered_map<std::string, std::unique_ptr<Method>, Hash, std::equal_to<>> methods_;
};

}  // namespace rb::transport
