// LogContext: what is known of the work a thread is doing. Every record written on the thread
// carries it, from the middleware down to the statement in store_pg that was slow, without anybody
// passing it along.

#pragma once

#include <string>

namespace rb::log {

struct LogContext {
    // "request", or the worker's name ("event_worker").
    std::string name;
    // The call's request id, or the id of what the worker works on.
    std::string request_id;
    // "anonymous", "customer 0192...", "admin 0192...", "api_key 0192...".
    std::string caller;
};

// Sets the thread's context for as long as it lives; scopes nest.
class LogContextScope {
public:
    explicit LogContextScope(LogContext context);
    ~LogContextScope();
    LogContextScope(const LogContextScope&) = delete;
    LogContextScope& operator=(const LogContextScope&) = delete;

private:
    LogContext context_;
    const LogContext* outer_;
};

// nullptr outside every scope.
const LogContext* current_log_context();

}  // namespace rb::log
