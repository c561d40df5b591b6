// Many threads that do the same at the same moment.

#pragma once

#include <atomic>
#include <barrier>
#include <thread>
#include <vector>

namespace rb::test {

// How many of them returned true.
template <typename Work>
int succeeded_at_once(int threads, Work work) {
    std::barrier together(threads);
    std::atomic<int> succeeded = 0;
    {
        std::vector<std::jthread> running;
        for (int i = 0; i < threads; ++i) {
            running.emplace_back([&] {
                together.arrive_and_wait();
                if (work()) ++succeeded;
            });
        }
    }
    return succeeded;
}

}  // namespace rb::test
