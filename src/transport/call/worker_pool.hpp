// WorkerPool: the threads on which calls may block (decision 2).
//
// First come, first served. The queue is bounded: a caller that would wait too long is told at
// once. Thread-safety: all methods, any thread.

#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace rb::transport {

class Job {
public:
    virtual ~Job() = default;
    // Called once, on a worker. Must not throw.
    virtual void run() noexcept = 0;
};

class WorkerPool {
public:
    // REQUIRES: threads > 0
    WorkerPool(std::size_t threads, std::size_t queue_max);
    // Finishes the running jobs, drops the waiting ones.
    ~WorkerPool();
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    // False when the queue is full or the pool is stopping; the job is then not taken.
    [[nodiscard]] bool submit(std::shared_ptr<Job> job);
    [[nodiscard]] std::size_t queued() const;
    // As the destructor does; again and later calls do nothing.
    void stop();

private:
    void work();

    const std::size_t queue_max_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::shared_ptr<Job>> queue_;  // guarded by mutex_
    std::size_t idle_ = 0;                    // guarded by mutex_
    bool stopping_ = false;                   // guarded by mutex_
    std::vector<std::thread> threads_;
};

}  // namespace rb::transport
