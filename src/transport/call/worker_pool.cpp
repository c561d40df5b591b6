#include "transport/call/worker_pool.hpp"

#include "base/assert.hpp"

#include <utility>

namespace rb::transport {

WorkerPool::WorkerPool(std::size_t threads, std::size_t queue_max) : queue_max_(queue_max) {
    ASSERT(threads > 0);
    threads_.reserve(threads);
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

WorkerPool::~WorkerPool() {
    stop();
}

void WorkerPool::stop() {
    std::deque<std::shared_ptr<Job>> dropped;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        dropped.swap(queue_);
    }
    wake_.notify_all();
    for (auto& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

bool WorkerPool::submit(std::shared_ptr<Job> job) {
    bool wake = false;
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return false;
        // A job that an idle worker takes at once does not wait.
        if (queue_.size() >= queue_max_ + idle_) return false;
        queue_.push_back(std::move(job));
        // Workers that were woken already are no longer idle, so each wake-up is paid once.
        wake = idle_ > 0;
    }
    if (wake) wake_.notify_one();
    return true;
}

std::size_t WorkerPool::queued() const {
    const std::lock_guard lock(mutex_);
    return queue_.size();
}

void WorkerPool::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        while (queue_.empty() && !stopping_) {
            ++idle_;
            wake_.wait(lock);
            --idle_;
        }
        if (stopping_) return;
        const auto job = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        job->run();
        lock.lock();
    }
}

}  // namespace rb::transport
