// Interpreter: the register machine of one Vm. Engine-internal.
//
// Frames lie on one register stack; a call's arguments are the first registers of the callee. A
// suspended generator or async function keeps its registers in its own object and is resumed by a
// nested run(). Failures travel as Raise; the innermost run() notes the stack trace.

#pragma once

#include "rune/bytecode/unit_data.hpp"
#include "rune/limits.hpp"
#include "rune/runtime_error.hpp"
#include "rune/vm.hpp"
#include "rune/vm/heap.hpp"

#include <chrono>
#include <optional>
#include <span>
#include <vector>

namespace rb::rune {

class Interpreter final : public Heap::RootSource {
public:
    enum class Resumption : std::uint8_t { yielded, completed, pending };
    struct Resumed {
        Resumption how;
        Value value;
    };

    Interpreter(Vm& vm, const Unit& unit, const VmOptions& options);
    ~Interpreter();
    Interpreter(const Interpreter&) = delete;
    Interpreter& operator=(const Interpreter&) = delete;

    void attach(Heap& heap) { heap_ = &heap; }

    // Calls a function value or code; raises what it raises.
    Value call(Value function, std::span<const Value> arguments);
    Value call(const FunctionCode& code, std::span<const Value> arguments);
    Value call_method(Value receiver, std::string_view name, ItemHash hash,
                      std::span<const Value> arguments);
    Value call_native(const NativeFunction& function, Value* arguments, std::size_t count);
    // Runs a coroutine on: `sent` becomes the value of the `yield` it waits in.
    Resumed resume(CoroutineObject& coroutine, Value sent);
    // Polls a future; nothing when it is pending.
    std::optional<Value> poll(Value future);
    // Polls until it is done, waiting in between.
    Value block_on(Value future);

    void charge(std::int64_t units) {
        fuel_ -= units;
        if (fuel_ < 0) refuel();
    }
    void wake_at(std::chrono::steady_clock::time_point when);
    [[nodiscard]] std::int64_t instructions_left() const {
        return std::max<std::int64_t>(0, reserve_ + fuel_ - owed());
    }

    // Counts iterators that run inside each other.
    int& iterator_depth() { return iterator_depth_; }
    // Taken from the innermost failure since the last call; empties it.
    std::vector<TraceEntry> take_trace();
    void trace_roots(Tracer& tracer) override;
    void look_at_time() override;
    // Empties the registers of the running frame above those its present instruction uses:
    // registers are handed out like a stack, so they hold nothing that is still wanted.
    void clear_dead_registers();
    // The result of the last call stays alive.
    void keep(Value value) { kept_ = value; }

    // First number and count of a range from its two ends; raises not_iterable.
    void range_bounds(Value* bounds, bool inclusive) { range_begin(bounds, inclusive); }
    Value get_index(Value container, Value key);
    void set_index(Value container, Value key, Value value);
    Value get_field(Value object, const Site& site);
    Value make_struct(const Shape& shape, const Value* fields);

private:
    struct Frame {
        const FunctionCode* code = nullptr;
        const Instruction* pc = nullptr;
        Value* base = nullptr;
        // Set for frames of resumed coroutines.
        CoroutineObject* coroutine = nullptr;
    };
    struct FieldCache {
        const void* owner = nullptr;
        std::uint32_t slot = 0;
    };
    struct MethodCache {
        const TypeInfo* type = nullptr;
        Callee callee;
    };

    Resumed run(std::size_t entry);
    // Leaves the outermost frame of a run.
    void leave();
    static void settle(CoroutineObject& coroutine, CoroutineState state);
    std::optional<Value> poll_native(CoroutineObject& future);
    // `paid` is what the running frame has paid of the way to its position: before it jumps back.
    void refuel(std::int64_t paid = 0);
    void look_at_budget(std::int64_t paid = 0);
    // What the frames that are open have spent and not paid.
    [[nodiscard]] std::int64_t owed() const;
    [[noreturn]] void raise_limited();
    void unwind(std::size_t to);
    void note_trace();
    [[nodiscard]] Value* top() const;
    Frame& push_frame(const FunctionCode& code, Value* base);
    void clear_above(Value* end);
    void nest();
    Value make_coroutine(const FunctionCode& code, std::span<const Value> arguments,
                         std::span<const Value> captures = {});
    Value call_script(const FunctionCode& code, std::span<const Value> captures,
                      std::span<const Value> arguments);
    Value construct(const Shape& shape, std::span<const Value> arguments);
    Value constructed(Value type, std::span<const Value> arguments);
    Callee find_method(const Site& site, std::size_t number, Value receiver);
    [[noreturn]] void missing_method(std::string_view name, Value receiver) const;

    Value load_string(std::uint32_t number, Kind kind);
    Value make_table(const std::vector<const KeyObject*>& keys, const Value* values);
    Value make_closure(const FunctionCode& code, const Value* captures);
    Value load_static(std::uint32_t number);
    Value make_function(const FunctionCode* code);
    Value make_function(const NativeFunction* native);
    Value make_function(const Shape* constructor);
    Value make_function(BuiltinVariant constructor);
    Value into_future(Value value);
    void get_field_slow(Value& target, Value object, std::size_t number);
    void set_field(Value object, Value value, std::size_t number);
    Value get_number(Value object, std::size_t number) const;
    void set_number(Value object, std::size_t number, Value value);
    Value format(const std::vector<FormatStep>& plan, const Value* arguments);
    bool match_const(const ConstValue& constant, Value value);
    bool match_object(Value value, const std::vector<const KeyObject*>& keys, bool rest);
    static Value get_item(Value value, std::size_t number);
    void end_iteration(Value iterator);
    void range_begin(Value* bounds, bool inclusive);
    std::optional<Value> try_payload(Value value) const;
    bool test_binary(BinaryOp op, Value left, Value right);
    bool select(Value* result, Value* futures, std::size_t count);
    // Saves the frame into its coroutine and leaves it.
    void suspend(Frame& frame, const Instruction* pc, std::uint16_t result_register);

    Vm& vm_;
    const Unit& unit_;
    const VmOptions& options_;
    Heap* heap_ = nullptr;
    Value* stack_ = nullptr;
    Value* stack_end_ = nullptr;
    std::vector<Frame> frames_;
    std::size_t depth_ = 0;
    int native_depth_ = 0;
    int iterator_depth_ = 0;
    // What may be spent before the next look at the limits, and what is left besides. A frame pays
    // for its instructions when it is left, by its position: jumps back pay their distance, jumps
    // forward get it back.
    std::int64_t fuel_ = 0;
    std::int64_t reserve_ = 0;
    std::vector<FieldCache> field_caches_;
    std::vector<MethodCache> method_caches_;
    std::vector<Value> statics_;
    std::vector<TraceEntry> trace_;
    bool trace_noted_ = false;
    std::optional<std::chrono::steady_clock::time_point> wake_;
    Value kept_;
    std::string scratch_;
};

}  // namespace rb::rune
