// Worker: one thread that does a piece of work again and again until it is stopped.
//
// A step does what there is to do and answers how long to rest. A rest ends early when wake() is
// called or the worker is stopped. A step that fails is logged and tried again with growing rests:
// a worker outlives every error, and a database that comes back finds it waiting.
//
//     Worker worker({.name = "reconciler"}, log, [&](const std::stop_token&) -> Result<Rest> {
//         TRY(reconciler.run_due());
//         return 5s;
//     });
//     worker.start();
//
// Thread-safety: wake() and stop() from any thread.

#pragma once

#include "base/result.hpp"

#include "core/ports/log.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

namespace rb::server {

using Rest = std::chrono::milliseconds;

struct WorkerOptions {
    // "event_worker": stands in the log as the target rustbill_server::event_worker.
    std::string name;
    // The rests after failed steps: doubled each time from the first to the last.
    Rest failure_rest_first{250};
    Rest failure_rest_last{30'000};
};

class Worker {
public:
    // A step that takes long asks the token between its parts. Exceptions count as failures.
    using Step = std::function<Result<Rest>(const std::stop_token&)>;

    // `log` must outlive the worker.
    Worker(WorkerOptions options, core::Log& log, Step step);
    // Stops and waits for the step that runs.
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    // REQUIRES: not started before
    void start();
    // Ends the rest, if the worker rests; a call during a step makes the next rest empty.
    void wake();
    // Asks it to stop; returns at once. The destructor waits.
    void request_stop();

private:
    void run(const std::stop_token& stop);
    Rest step_once(const std::stop_token& stop);
    void rest_for(Rest rest, const std::stop_token& stop);

    const WorkerOptions options_;
    const std::string target_;
    core::Log& log_;
    const Step step_;

    // For the worker's thread only.
    int failures_in_a_row_ = 0;

    std::mutex mutex_;
    std::condition_variable_any woken_;
    bool wake_pending_ = false;  // guarded by mutex_
    std::jthread thread_;
};

}  // namespace rb::server
