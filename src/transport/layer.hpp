// Layers: what wraps every call, in the manner of tower.
//
// The server holds an ordered list. The first layer gets the call, does its part, and calls `next`
// for the rest; the last `next` runs the method or the HTTP route. A layer may answer by itself,
// refuse with an Error, add response headers, attach attributes, look at the outcome, measure.
//
//     Result<Response> handle(CallContext& call, Next next) override {
//         const auto token = call.metadata().find("authorization");
//         if (!token) return next(call);                       // not mine: pass through
//         call.attributes().set(TRY(actor_of(*token)));
//         return next(call);
//     }
//
// Layers run where the call runs: on a worker, and may block there. Calls marked
// Execution::io_thread meet only the layers that say so, and those must not block. handle() is
// called from many threads at once; the transport never copies or locks a layer.

#pragma once

#include "base/result.hpp"

#include "transport/call_context.hpp"

#include <span>
#include <string>
#include <string_view>

namespace rb::transport {

// What a call ends with when it succeeded. Headers are added through the CallContext.
struct Response {
    // Plain HTTP only; RPC answers have the status their protocol prescribes. 200 to 599; anything
    // else is answered as an internal error.
    int http_status = 200;
    // Plain HTTP only; empty sends no content-type.
    std::string content_type = {};
    // RPC: the serialised answer of a unary call; empty after a stream. HTTP: the body.
    std::string body = {};
    // Sent instead of `body` when not empty; must live as long as the process (embedded files).
    std::string_view static_body = {};
};

Response http_text(int status, std::string text);
Response http_json(int status, std::string json);

// The innermost call: the method or route.
class Terminal {
public:
    virtual ~Terminal() = default;
    virtual Result<Response> run(CallContext& call) = 0;
};

class Layer;

// The rest of the list. Cheap to copy; must not outlive handle().
class Next {
public:
    Next(std::span<Layer* const> rest, Terminal& terminal) : rest_(rest), terminal_(&terminal) {}
    Result<Response> operator()(CallContext& call) const;

private:
    std::span<Layer* const> rest_;
    Terminal* terminal_;
};

class Layer {
public:
    virtual ~Layer() = default;
    virtual Result<Response> handle(CallContext& call, Next next) = 0;
    // True: also wraps calls that run on the I/O thread; handle() then never blocks.
    [[nodiscard]] virtual bool runs_on_io_thread() const { return false; }
};

}  // namespace rb::transport
