// Vm: one execution of a Unit. Its heap, statics, limits and calls.
//
// Cheap to make (one per plugin call is the intended use). Not copyable, one thread at a time.

#pragma once

#include "rune/const_value.hpp"
#include "rune/limits.hpp"
#include "rune/native.hpp"
#include "rune/runtime_error.hpp"
#include "rune/type_info.hpp"
#include "rune/unit.hpp"
#include "rune/value.hpp"
#include "rune/vm/objects.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeindex>
#include <vector>

namespace rb::rune {

class Heap;
class Interpreter;
struct Shape;

// Blocks the thread until a pending NativeFuture may make progress.
class Waiter {
public:
    virtual ~Waiter() = default;
    // Returns when something may have changed, at the latest at `until` where given. Spurious
    // returns are allowed. The Vm looks at its deadline and cancellation after each return.
    virtual void wait(std::optional<std::chrono::steady_clock::time_point> until) = 0;
};

struct VmOptions {
    Limits limits = {};
    // Where print!, println! and dbg! write. Without one the text is dropped.
    std::function<void(std::string_view)> print = {};
    // Must outlive the Vm. Without one, a wait for time (wake_at) sleeps on the thread, and a wait
    // for anything else ends with `stalled`.
    Waiter* waiter = nullptr;
    // Remember at each place which field or method was found. Off only for tests.
    bool inline_caches = true;
    // For natives: what belongs to this execution. Read back with Vm::host_state<T>().
    std::shared_ptr<void> host_state = {};
};

class Vm {
public:
    // REQUIRES: unit is not null.
    explicit Vm(std::shared_ptr<const Unit> unit, VmOptions options = {});
    ~Vm();
    Vm(const Vm&) = delete;
    Vm& operator=(const Vm&) = delete;

    // --- for the host -------------------------------------------------------------------------

    // Calls the function at `path` and, when it is async, drives it to its end. The result stays
    // alive until the next call; keep it longer with a Root.
    // ERRORS: missing_entry, argument_count, or whatever ended the script.
    RunResult<Value> call(std::string_view path, std::span<const Value> arguments = {});
    // The same with JSON on both sides. A result without a JSON form is a type_mismatch.
    RunResult<nlohmann::ordered_json> call_json(
        std::string_view path, const std::vector<nlohmann::ordered_json>& arguments);

    // What is left of the budget.
    [[nodiscard]] std::int64_t instructions_left() const;
    // Bytes of values alive, as accounted now.
    [[nodiscard]] std::size_t memory_bytes() const;
    // Reclaims what nothing refers to. Happens by itself; here for tests and measurements.
    void collect_garbage();

    // --- for natives (and for the host between calls); all may raise `memory` --------------------

    [[nodiscard]] const Context& context() const;
    [[nodiscard]] const std::shared_ptr<const Unit>& unit() const { return unit_; }
    template <typename T>
    [[nodiscard]] T& host_state() const {
        return *static_cast<T*>(options_.host_state.get());
    }
    void print(std::string_view text);

    Value make_string(std::string_view text);
    Value make_bytes(std::string_view content);
    Value make_vec(std::span<const Value> items);
    // An empty span makes `()`.
    Value make_tuple(std::span<const Value> items);
    Value make_object();
    Value make_some(Value value);
    Value make_none();
    Value make_ok(Value value);
    Value make_err(Value value);
    Value make_future(std::unique_ptr<NativeFuture> future);
    // REQUIRES: `type` is of this context.
    Value make_native(const TypeInfo& type, std::unique_ptr<NativeObject> object);
    // A T registered with Module::type<T>.
    template <typename T>
    Value make_native(T value);
    // A struct or variant that a module declared (Context::struct_shape, variant_shape).
    // REQUIRES: one value for each field.
    Value make_struct(const Shape& shape, std::span<const Value> fields);
    Value make_const(const ConstValue& value);

    // Reading. Each raises type_mismatch for another type and access for a moved value. Views hold
    // until the script runs again or the value is changed.
    std::string_view string_of(Value value) const;
    std::string_view bytes_of(Value value) const;
    // The elements of a Vec or tuple.
    std::span<Value> items_of(Value value) const;
    // Appends to a Vec.
    void push(Value vec, Value item);
    // A field of an Object; nothing when absent.
    std::optional<Value> get_field(Value object, std::string_view key) const;
    // Sets or adds a field of an Object.
    void set_field(Value object, std::string_view key, Value value);
    void each_field(Value object, const std::function<void(std::string_view, Value)>& visit) const;
    // The layout of a struct or variant, declared by a script or a module; null for other values.
    [[nodiscard]] const Shape* shape_of(Value value) const;
    // Its fields, in the order of the declaration.
    std::span<Value> fields_of(Value value) const;
    // The payload of Some; nothing for None.
    std::optional<Value> option_of(Value value) const;
    // The C++ object of that type.
    template <typename T>
    T& native_of(Value value) const;
    // Empties the value: later reads of any alias raise `access`. What a by-value parameter does.
    void take(Value value);
    // Moves the content into a fresh reference and leaves the old one moved.
    Value take_over(Value value);

    [[nodiscard]] const TypeInfo& type_of(Value value) const;
    // Whether the value is of that type ("::std::string::String").
    [[nodiscard]] bool is_type(Value value, const TypeInfo& type) const;

    // Calls back into the script; raises what the function raises.
    Value call_function(Value function, std::span<const Value> arguments);
    // `value.name(…)`.
    Value call_method(Value receiver, std::string_view name, std::span<const Value> arguments);
    // The language's operations.
    std::string display(Value value);
    std::string debug(Value value);
    // `==` and `<` … (partial), and the total ones of keys and sorting.
    bool equal(Value left, Value right);
    // -1, 0, 1; nothing when unordered (NaN).
    std::optional<int> partial_compare(Value left, Value right);
    bool total_equal(Value left, Value right);
    int total_compare(Value left, Value right);
    std::uint64_t hash(Value value);
    // An iterator over anything `for` accepts, and its next element.
    Value iterate(Value iterable);
    std::optional<Value> next(Value iterator);
    Value clone(Value value);

    // Accounts for work done in a native (one unit is about one instruction). Raises when a limit
    // of the execution is reached.
    void charge(std::int64_t units);
    // The same for so many bytes that were copied, compared or looked through.
    void charge_bytes(std::size_t bytes) { charge(static_cast<std::int64_t>(bytes / 64)); }
    // Asks to be polled again no later than this; for futures that wait for time.
    void wake_at(std::chrono::steady_clock::time_point when);

    // --- for the engine
    Value make_variant(BuiltinVariant variant, Value payload);
    Value make_range(RangeKind kind, Value start, Value end);
    Value concat(std::string_view left, std::string_view right);
    // In place. Raises `access` while the value is iterated over.
    void append(Value string, std::string_view text);
    Value copy_object(Value object);
    // An iterator or generator in its present state.
    Value copy_iteration(Value value);
    // Raises `access` unless the object may be changed now.
    void require_writable(Value value) const;
    // No text may be longer than the whole heap.
    [[nodiscard]] std::size_t text_bytes_max() const { return options_.limits.memory_bytes; }
    [[nodiscard]] const VmOptions& options() const { return options_; }
    [[nodiscard]] Heap& heap() const { return *heap_; }
    [[nodiscard]] Interpreter& interpreter() const { return *interpreter_; }

private:
    RunResult<Value> call_guarded(std::string_view path, std::span<const Value> arguments);
    NativeObject& native_object_of(Value value, const TypeInfo* type) const;
    [[nodiscard]] const TypeInfo* native_type(std::type_index type) const;

    std::shared_ptr<const Unit> unit_;
    VmOptions options_;
    std::unique_ptr<Heap> heap_;
    std::unique_ptr<Interpreter> interpreter_;
};

// Keeps a value alive for its own lifetime. Must not outlive the Vm; destroyed in any order.
class Root {
public:
    Root(Vm& vm, Value value);
    ~Root();
    Root(const Root&) = delete;
    Root& operator=(const Root&) = delete;

    [[nodiscard]] Value get() const { return value_; }
    void set(Value value) { value_ = value; }

private:
    friend class Heap;
    Heap& heap_;
    Value value_;
    Root* previous_ = nullptr;
    Root* next_ = nullptr;
};

// The same for many; for natives that keep Values in a C++ container.
class RootVector {
public:
    explicit RootVector(Vm& vm);
    ~RootVector();
    RootVector(const RootVector&) = delete;
    RootVector& operator=(const RootVector&) = delete;

    std::vector<Value> values = {};

private:
    friend class Heap;
    Heap& heap_;
    RootVector* previous_ = nullptr;
    RootVector* next_ = nullptr;
};

template <typename T>
Value Vm::make_native(T value) {
    return make_native(*native_type(typeid(T)), std::make_unique<NativeBox<T>>(std::move(value)));
}

template <typename T>
T& Vm::native_of(Value value) const {
    NativeObject& object = native_object_of(value, native_type(typeid(T)));
    if constexpr (std::is_base_of_v<NativeObject, T>) {
        return static_cast<T&>(object);
    } else {
        return static_cast<NativeBox<T>&>(object).value();
    }
}

}  // namespace rb::rune
