#include "server/workers/worker.hpp"

#include "log/log_context.hpp"

#include <algorithm>
#include <exception>

namespace rb::server {

Worker::Worker(WorkerOptions options, core::Log& log, Step step)
    : options_(std::move(options)),
      target_("rustbill_server::" + options_.name),
      log_(log),
      step_(std::move(step)) {}

Worker::~Worker() {
    request_stop();
}

void Worker::start() {
    ASSERT(!thread_.joinable());
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Worker::wake() {
    {
        const std::lock_guard lock(mutex_);
        wake_pending_ = true;
    }
    woken_.notify_one();
}

void Worker::request_stop() {
    thread_.request_stop();
}

void Worker::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) rest_for(step_once(stop), stop);
}

Rest Worker::step_once(const std::stop_token& stop) {
    const log::LogContextScope scope({.name = options_.name, .request_id = {}, .caller = {}});
    Error failure;
    try {
        auto rest = step_(stop);
        if (!rest.has_error()) {
            failures_in_a_row_ = 0;
            return *rest;
        }
        failure = rest.error();
    } catch (const std::exception& thrown) {
        failure = internal_error(thrown.what());
    }

    auto rest = options_.failure_rest_first;
    for (int i = 0; i < failures_in_a_row_ && rest < options_.failure_rest_last; ++i) rest *= 2;
    rest = std::min(rest, options_.failure_rest_last);
    ++failures_in_a_row_;
    // What passes by itself is a warning; the rest somebody must look at.
    const auto level = is_retryable(failure.code) ? core::LogLevel::warn : core::LogLevel::error;
    log_.write(level, target_, "step failed",
               {{"reason", reason_of(failure.code)},
                {"error", failure.message},
                {"detail", failure.detail},
                {"failures_in_a_row", failures_in_a_row_},
                {"next_in_ms", rest.count()}});
    return rest;
}

void Worker::rest_for(Rest rest, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    woken_.wait_for(lock, stop, rest, [this] { return wake_pending_; });
    wake_pending_ = false;
}

}  // namespace rb::server
