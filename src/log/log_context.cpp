#include "log/log_context.hpp"

#include <utility>

namespace rb::log {

namespace {

thread_local const LogContext* current = nullptr;

}  // namespace

LogContextScope::LogContextScope(LogContext context)
    : context_(std::move(context)), outer_(current) {
    current = &context_;
}

LogContextScope::~LogContextScope() {
    current = outer_;
}

const LogContext* current_log_context() {
    return current;
}

}  // namespace rb::log
