// The module `time`: spans of time, a monotonic clock and timers. There is no wall clock.

#include "rune/modules/duration.hpp"
#include "rune/modules/modules.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace rb::rune {
namespace {

using Clock = std::chrono::steady_clock;

struct Instant {
    Clock::time_point at;
};

// A repeating timer. Late ticks are caught up with in a burst.
struct Interval {
    Clock::time_point next;
    std::chrono::nanoseconds period;
};

// The longest wait the clock can express; longer ones are cut to it.
std::chrono::nanoseconds wait_of(const Duration& duration) {
    constexpr std::uint64_t century_seconds = 100ULL * 366 * 24 * 3600;
    if (duration.seconds >= century_seconds) {
        return std::chrono::seconds(static_cast<std::int64_t>(century_seconds));
    }
    return std::chrono::seconds(static_cast<std::int64_t>(duration.seconds)) +
           std::chrono::nanoseconds(duration.nanoseconds);
}

Duration duration_between(Clock::time_point earlier, Clock::time_point later) {
    if (later <= earlier) return {};
    const auto nanoseconds =
        std::chrono::duration_cast<std::chrono::nanoseconds>(later - earlier).count();
    return Duration::from_nanoseconds(static_cast<std::uint64_t>(nanoseconds));
}

// Ready at a moment.
class Sleep final : public NativeFuture {
public:
    explicit Sleep(Clock::time_point until) : until_(until) {}

    std::optional<Value> poll(Vm& vm) override {
        if (Clock::now() >= until_) return Value::unit();
        vm.wake_at(until_);
        return std::nullopt;
    }

private:
    Clock::time_point until_;
};

// Ready at the interval's next tick, which it moves on by one period.
class Tick final : public NativeFuture {
public:
    explicit Tick(Value interval) : interval_(interval) {}

    std::optional<Value> poll(Vm& vm) override {
        auto& interval = vm.native_of<Interval>(interval_);
        if (Clock::now() < interval.next) {
            vm.wake_at(interval.next);
            return std::nullopt;
        }
        const Instant ticked{interval.next};
        interval.next += interval.period;
        return vm.make_native(ticked);
    }
    void trace(Tracer& tracer) const override { tracer.visit(interval_); }

private:
    Value interval_;
};

// Ready at once.
class Ready final : public NativeFuture {
public:
    explicit Ready(Value value) : value_(value) {}

    std::optional<Value> poll(Vm& vm) override {
        (void)vm;
        return value_;
    }
    void trace(Tracer& tracer) const override { tracer.visit(value_); }

private:
    Value value_;
};

std::unique_ptr<NativeFuture> make_interval(Vm& vm, Clock::time_point start,
                                            const Duration& period) {
    if (period == Duration{}) panic("`period` must be non-zero.");
    return std::make_unique<Ready>(vm.make_native(Interval{start, wait_of(period)}));
}

void declare_instant(Module& time) {
    time.type<Instant>("Instant")
        .function("now", [] { return Instant{Clock::now()}; })
        .method("elapsed",
                [](Instant& instant) { return duration_between(instant.at, Clock::now()); })
        .method("duration_since",
                [](Instant& instant, Instant& earlier) {
                    return duration_between(earlier.at, instant.at);
                })
        .protocol(Protocol::add,
                  [](Instant& instant, Duration& duration) {
                      return Instant{instant.at + wait_of(duration)};
                  })
        .protocol(Protocol::add_assign,
                  [](Instant& instant, Duration& duration) { instant.at += wait_of(duration); })
        .protocol(Protocol::partial_eq,
                  [](Instant& left, Instant& right) { return left.at == right.at; })
        .protocol(Protocol::eq, [](Instant& left, Instant& right) { return left.at == right.at; })
        .protocol(Protocol::partial_cmp,
                  [](Instant& left, Instant& right) {
                      return Value::ordering(compare(left.at, right.at));
                  })
        .protocol(Protocol::cmp,
                  [](Instant& left, Instant& right) {
                      return Value::ordering(compare(left.at, right.at));
                  })
        .protocol(Protocol::clone, [](Instant& instant) { return instant; })
        .protocol(Protocol::debug, [](Instant& instant) {
            return "Instant(" + std::to_string(instant.at.time_since_epoch().count()) + ")";
        });
}

void declare_interval(Module& time) {
    time.type<Interval>("Interval")
        .method("tick",
                [](Vm& vm, Value interval) -> std::unique_ptr<NativeFuture> {
                    (void)vm.native_of<Interval>(interval);
                    return std::make_unique<Tick>(interval);
                })
        .method("reset", [](Interval& interval) { interval.next = Clock::now() + interval.period; })
        .method("reset_immediately", [](Interval& interval) { interval.next = Clock::now(); })
        .method("reset_after",
                [](Interval& interval, Duration& after) {
                    interval.next = Clock::now() + wait_of(after);
                })
        .method("reset_at",
                [](Interval& interval, Instant& deadline) { interval.next = deadline.at; })
        .protocol(Protocol::debug, [](Interval& interval) {
            return "Interval(" + std::to_string(interval.period.count()) + "ns)";
        });
}

}  // namespace

Module time_module() {
    Module time("time");
    declare_duration(time);
    declare_instant(time);
    declare_interval(time);
    time.async_function("sleep", [](Duration& duration) -> std::unique_ptr<NativeFuture> {
        return std::make_unique<Sleep>(Clock::now() + wait_of(duration));
    });
    time.async_function("interval", [](Vm& vm, Duration& period) {
        return make_interval(vm, Clock::now(), period);
    });
    time.async_function("interval_at", [](Vm& vm, Instant& start, Duration& period) {
        return make_interval(vm, start.at, period);
    });
    return time;
}

}  // namespace rb::rune
