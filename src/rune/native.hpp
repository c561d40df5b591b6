// What a native function is and sees.
//
// A native is either typed, an ordinary C++ callable whose arguments and result convert by
// themselves (convert.hpp lists the types), or raw: `Value f(NativeCall&)`. Both report failure by
// throwing Raise through raise() or panic() (runtime_error.hpp), which ends the script; a failure
// the script shall handle is returned as a Result value instead.
//
// A native runs on the thread of its Vm and may call back into it. While it runs, its arguments and
// every Value in a C++ local are kept alive by the collector.

#pragma once

#include "rune/value.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace rb::rune {

class Vm;
class Tracer;

// One call of a raw native: `arguments[0]` is the receiver of a method.
struct NativeCall {
    Vm& vm;
    Value* arguments;
    std::size_t count;

    [[nodiscard]] Value operator[](std::size_t index) const { return arguments[index]; }
};

using NativeBody = std::function<Value(NativeCall&)>;

// A native that takes any number of arguments.
inline constexpr int any_count = -1;

struct NativeFunction {
    // Full path, for messages and `is`-less introspection ("::std::string::String::len").
    std::string path;
    NativeBody body;
    int parameters = any_count;
};

// A C++ object in a script's hands. Derive to hold Values (trace) or to account for memory; for
// plain types TypeBuilder<T> wraps T by itself. Destroyed on the Vm's thread, at the latest with
// it.
class NativeObject {
public:
    NativeObject() = default;
    NativeObject(const NativeObject&) = delete;
    NativeObject& operator=(const NativeObject&) = delete;
    virtual ~NativeObject() = default;

    // Must visit every Value the object holds.
    virtual void trace(Tracer& tracer) const { (void)tracer; }
    // What it counts against the execution's memory, besides what it accounts for by itself.
    [[nodiscard]] virtual std::size_t bytes() const { return 64; }
};

template <typename T>
class NativeBox final : public NativeObject {
public:
    explicit NativeBox(T value) : value_(std::move(value)) {}
    T& value() { return value_; }

    void trace(Tracer& tracer) const override {
        if constexpr (requires(const T& held) { held.trace(tracer); }) value_.trace(tracer);
    }
    [[nodiscard]] std::size_t bytes() const override { return sizeof(*this); }

private:
    T value_;
};

// An asynchronous native operation. It is polled on the Vm's thread: first when awaited, then after
// each return of the host's Waiter. Destroying it before it is ready cancels it.
class NativeFuture {
public:
    NativeFuture() = default;
    NativeFuture(const NativeFuture&) = delete;
    NativeFuture& operator=(const NativeFuture&) = delete;
    virtual ~NativeFuture() = default;

    // The result once there is one; must not block. May raise(). A future that waits for time calls
    // vm.wake_at() before it answers "not yet".
    virtual std::optional<Value> poll(Vm& vm) = 0;
    virtual void trace(Tracer& tracer) const { (void)tracer; }
};

// Marks Values as alive during a collection.
class Tracer {
public:
    virtual void visit(Value value) = 0;

protected:
    ~Tracer() = default;
};

}  // namespace rb::rune
