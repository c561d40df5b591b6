#include "server/workers/worker.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <semaphore>
#include <stdexcept>

namespace rb::server {
namespace {

using namespace std::chrono_literals;

// Rests so long that only a wake or a stop ends them.
constexpr Rest forever = 1h;

TEST(Worker, steps_again_when_woken) {
    core::SilentLog log;
    std::counting_semaphore<> stepped(0);
    Worker worker({.name = "w"}, log, [&](const std::stop_token&) -> Result<Rest> {
        stepped.release();
        return forever;
    });
    worker.start();
    stepped.acquire();
    worker.wake();
    stepped.acquire();
}

TEST(Worker, a_wake_during_a_step_is_not_lost) {
    core::SilentLog log;
    std::binary_semaphore in_step(0);
    std::binary_semaphore go_on(0);
    std::latch second(1);
    std::atomic<int> steps = 0;
    Worker worker({.name = "w"}, log, [&](const std::stop_token&) -> Result<Rest> {
        if (++steps == 1) {
            in_step.release();
            go_on.acquire();
        } else if (steps == 2) {
            second.count_down();
        }
        return forever;
    });
    worker.start();
    in_step.acquire();
    worker.wake();
    go_on.release();
    second.wait();
}

TEST(Worker, outlives_errors_and_exceptions) {
    core::SilentLog log;
    std::latch third(1);
    std::atomic<int> steps = 0;
    Worker worker({.name = "w", .failure_rest_first = 1ms}, log,
                  [&](const std::stop_token&) -> Result<Rest> {
                      switch (++steps) {
                          case 1:
                              return Error{ErrorCode::unavailable, "down"};
                          case 2:
                              throw std::runtime_error("surprise");
                          case 3:
                              third.count_down();
                              break;
                      }
                      return forever;
                  });
    worker.start();
    third.wait();
}

TEST(Worker, rests_longer_after_each_failure_up_to_the_last) {
    class RestLog final : public core::Log {
    public:
        [[nodiscard]] bool is_on(core::LogLevel, std::string_view) const override { return true; }
        void write(core::LogLevel, std::string_view, std::string_view,
                   core::LogFields fields) override {
            for (const auto& field : fields) {
                if (field.name == "next_in_ms") rests.push_back(field.value);
            }
        }
        std::vector<std::string> rests;
    };
    RestLog log;
    std::latch enough(1);
    int steps = 0;
    {
        Worker worker({.name = "w", .failure_rest_first = 1ms, .failure_rest_last = 4ms}, log,
                      [&](const std::stop_token&) -> Result<Rest> {
                          if (++steps <= 4) return Error{ErrorCode::unavailable, "down"};
                          enough.count_down();
                          return forever;
                      });
        worker.start();
        enough.wait();
    }
    EXPECT_EQ(log.rests, (std::vector<std::string>{"1", "2", "4", "4"}));
}

TEST(Worker, stops_promptly_while_it_rests_and_tells_a_running_step) {
    core::SilentLog log;
    std::latch resting(1);
    {
        Worker worker({.name = "w"}, log, [&](const std::stop_token&) -> Result<Rest> {
            resting.count_down();
            return forever;
        });
        worker.start();
        resting.wait();
    }
    std::latch running(1);
    bool told = false;
    {
        Worker worker({.name = "w"}, log, [&](const std::stop_token& stop) -> Result<Rest> {
            running.count_down();
            std::mutex mutex;
            std::condition_variable_any never;
            std::unique_lock lock(mutex);
            never.wait(lock, stop, [] { return false; });
            told = stop.stop_requested();
            return forever;
        });
        worker.start();
        running.wait();
    }
    EXPECT_TRUE(told);
}

}  // namespace
}  // namespace rb::server
