#include "transport/call/call_factory.hpp"

#include "transport/call/classify.hpp"
#include "transport/call/stream_call.hpp"
#include "transport/call/whole_call.hpp"

#include <algorithm>

namespace rb::transport {
namespace {

using std::chrono::nanoseconds;

bool needs_worker(const Classification& found) {
    if (found.method != nullptr) return found.method->execution == Execution::worker;
    return found.route == nullptr || found.route->execution == Execution::worker;
}

// ERRORS: invalid_argument, unsupported  the head asks for what it may not
Result<std::optional<TimePoint>> deadline_of(const http::RequestHead& head,
                                             const Classification& found) {
    if (found.method != nullptr) TRY(check_encoding(head.fields, found.protocol));
    auto timeout = TRY(timeout_of(head.fields, found.protocol));
    if (needs_worker(found)) {
        constexpr nanoseconds ceiling = limits::call_deadline_max;
        timeout = std::min(timeout.value_or(ceiling), ceiling);
    }
    if (!timeout) return std::optional<TimePoint>();
    return std::optional(std::chrono::steady_clock::now() + *timeout);
}

}  // namespace

std::shared_ptr<Call> make_call(Seat seat, http::RequestHead head, const std::string& peer) {
    auto found = classify(head, seat.environment.methods, seat.environment.routes);
    std::optional<TimePoint> deadline;
    if (!found.refusal) {
        auto wanted = deadline_of(head, found);
        if (wanted.has_error()) {
            found.refusal = Refusal{std::move(wanted).error()};
        } else {
            deadline = *wanted;
        }
    }
    RequestInfo info{.protocol = found.protocol,
                     .http_method = std::move(head.method),
                     .path = std::move(head.path),
                     .query = std::move(head.query),
                     .fields = std::move(head.fields),
                     .peer = peer,
                     .method = found.method,
                     .deadline = deadline};
    if (found.refusal) {
        return std::make_shared<RefusedCall>(std::move(seat), std::move(info),
                                             std::move(*found.refusal));
    }
    if (found.method == nullptr) {
        return std::make_shared<HttpCall>(std::move(seat), std::move(info), found.route);
    }
    const auto& method = *found.method;
    if (std::holds_alternative<UnaryHandler>(method.handler)) {
        return std::make_shared<UnaryCall>(std::move(seat), std::move(info), method);
    }
    if (method.execution == Execution::io_thread) {
        return std::make_shared<InlineStream>(std::move(seat), std::move(info), method);
    }
    return std::make_shared<WorkerStream>(std::move(seat), std::move(info), method);
}

}  // namespace rb::transport
