// Frames, calls, coroutines and limits of the interpreter; what a failure or a collection does to
// them stands in interpreter_unwinding.cpp.

#include "rune/context.hpp"
#include "rune/vm/borrows.hpp"
#include "rune/vm/interpreter.hpp"
#include "rune/vm/iterators.hpp"
#include "rune/vm/operations.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <thread>

namespace rb::rune {

namespace {

constexpr std::size_t stack_bytes = stack_values_max * sizeof(Value);
// Without a deadline a sleeping wait looks at the cancellation this often.
constexpr std::chrono::milliseconds wait_slice{10};

}  // namespace

Interpreter::Interpreter(Vm& vm, const Unit& unit, const VmOptions& options)
    : vm_(vm), unit_(unit), options_(options) {
    // Reserved address space; pages come into being, zeroed, when they are touched.
    void* memory = mmap(nullptr, stack_bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    ASSERT(memory != MAP_FAILED);
    stack_ = static_cast<Value*>(memory);
    stack_end_ = stack_ + stack_values_max;
    frames_.resize(static_cast<std::size_t>(std::max(options.limits.call_depth, 1)));
    field_caches_.resize(unit.sites.size());
    method_caches_.resize(unit.sites.size());
    statics_.resize(unit.statics.size(), Value::absent());
    reserve_ = std::clamp<std::int64_t>(options.limits.instructions, 0, instructions_max);
}

Interpreter::~Interpreter() {
    munmap(stack_, stack_bytes);
}

Value* Interpreter::top() const {
    if (depth_ == 0) return stack_;
    const Frame& frame = frames_[depth_ - 1];
    return frame.base + frame.code->registers;
}

Interpreter::Frame& Interpreter::push_frame(const FunctionCode& code, Value* base) {
    if (depth_ >= frames_.size() || base + code.registers > stack_end_) [[unlikely]] {
        raise(ErrorKind::call_depth, "Call depth limit of the execution reached");
    }
    if (fuel_ < 0) [[unlikely]]
        refuel();
    Frame& frame = frames_[depth_++];
    frame.code = &code;
    frame.pc = code.code.data();
    frame.base = base;
    frame.coroutine = nullptr;
    return frame;
}

std::int64_t Interpreter::owed() const {
    std::int64_t instructions = 0;
    for (std::size_t i = 0; i < depth_; ++i) {
        instructions += frames_[i].pc - frames_[i].code->code.data();
    }
    return instructions;
}

void Interpreter::raise_limited() {
    // Whatever runs next finds it at once.
    reserve_ = 0;
    fuel_ = -1;
    raise(ErrorKind::budget, "Halted for unexpected reason `limited`");
}

void Interpreter::look_at_budget(std::int64_t paid) {
    const std::int64_t left = reserve_ + fuel_;
    // Most of the time what the frames can owe at most answers it.
    const auto owed_max = static_cast<std::int64_t>(depth_ * unit_.longest_code);
    if (left < owed_max && left < owed() - paid) raise_limited();
}

void Interpreter::refuel(std::int64_t paid) {
    // The debt of what was spent beyond the last slice is paid first.
    if (fuel_ < 0) {
        reserve_ += fuel_;
        fuel_ = 0;
    }
    // Between calls the host makes values, which raises nothing but `memory`: the next call pays.
    if (heap_->stack_base() == nullptr) return;
    if (reserve_ < 0) raise_limited();
    look_at_budget(paid);
    look_at_time();
    const std::int64_t slice = std::min(reserve_, poll_interval_units);
    reserve_ -= slice;
    fuel_ += slice;
}

void Interpreter::look_at_time() {
    const Limits& limits = options_.limits;
    if (limits.cancellation != nullptr && limits.cancellation->is_cancelled()) {
        raise(ErrorKind::cancelled, "The execution was cancelled");
    }
    if (limits.deadline && std::chrono::steady_clock::now() >= *limits.deadline) {
        raise(ErrorKind::deadline, "The deadline of the execution has passed");
    }
}

void Interpreter::leave() {
    const Frame& frame = frames_[depth_ - 1];
    const std::int64_t spent = frame.pc - frame.code->code.data();
    // While the frame still stands, so that the trace of a failure shows it.
    if (fuel_ < spent) [[unlikely]]
        refuel();
    fuel_ -= spent;
    --depth_;
    if (frame.coroutine != nullptr) settle(*frame.coroutine, CoroutineState::completed);
}

// A coroutine stops running.
void Interpreter::settle(CoroutineObject& coroutine, CoroutineState state) {
    coroutine.state = state;
    coroutine.borrow = 0;
}

void Interpreter::nest() {
    if (native_depth_ >= native_depth_max) {
        raise(ErrorKind::call_depth, "Call depth limit of the execution reached");
    }
}

namespace {

// Counts an interpreter loop inside another for as long as it runs.
class NestGuard {
public:
    explicit NestGuard(int& depth) : depth_(depth) { ++depth_; }
    ~NestGuard() { --depth_; }
    NestGuard(const NestGuard&) = delete;
    NestGuard& operator=(const NestGuard&) = delete;

private:
    int& depth_;
};

std::string count_text(std::size_t given, std::size_t expected) {
    return "Wrong number of arguments " + std::to_string(given) + ", expected " +
           std::to_string(expected);
}

}  // namespace

Value Interpreter::call_script(const FunctionCode& code, std::span<const Value> captures,
                               std::span<const Value> arguments) {
    if (arguments.size() != code.parameters) {
        raise(ErrorKind::argument_count, count_text(arguments.size(), code.parameters));
    }
    nest();
    if (code.sort != CallSort::plain) return make_coroutine(code, arguments, captures);
    Value* base = top();
    if (base + code.registers > stack_end_) {
        raise(ErrorKind::call_depth, "Call depth limit of the execution reached");
    }
    // Nothing is allocated between this and the frame: a collection clears what is above the top.
    std::copy(arguments.begin(), arguments.end(), base);
    std::copy(captures.begin(), captures.end(), base + arguments.size());
    push_frame(code, base);
    const NestGuard guard(native_depth_);
    return run(depth_).value;
}

Value Interpreter::call(const FunctionCode& code, std::span<const Value> arguments) {
    return call_script(code, {}, arguments);
}

Value Interpreter::construct(const Shape& shape, std::span<const Value> arguments) {
    if (arguments.size() != shape.fields.size()) {
        raise(ErrorKind::argument_count, count_text(arguments.size(), shape.fields.size()));
    }
    return make_struct(shape, arguments.data());
}

// Calls a Type value: the constructor of that type.
Value Interpreter::constructed(Value type, std::span<const Value> arguments) {
    const Shape* shape = vm_.context().struct_shape(type.hash);
    for (const Shape& own : unit_.own_shapes) {
        if (!own.is_variant && own.type->hash == type.hash) shape = &own;
    }
    if (shape != nullptr && shape->kind != ShapeKind::named) return construct(*shape, arguments);
    raise(ErrorKind::missing_function, "Missing constructor function of `" + vm_.debug(type) + "`");
}

Value Interpreter::call(Value function, std::span<const Value> arguments) {
    if (function.tag == Tag::type) return constructed(function, arguments);
    if (!function.is(Kind::function)) {
        raise(ErrorKind::not_callable, "Type `" + vm_.type_of(function).name +
                                           "` cannot be called since it's not a function");
    }
    const auto* callee = static_cast<FunctionObject*>(function.object);
    switch (callee->sort()) {
        case FunctionSort::script:
            return call_script(*callee->script, {callee->captures(), callee->capture_count},
                               arguments);
        case FunctionSort::native: {
            std::vector<Value> copy(arguments.begin(), arguments.end());
            return call_native(*callee->native, copy.data(), copy.size());
        }
        case FunctionSort::constructor:
            return construct(*callee->shape, arguments);
        case FunctionSort::variant:
            if (arguments.size() != 1) {
                raise(ErrorKind::argument_count, count_text(arguments.size(), 1));
            }
            return vm_.make_variant(callee->variant, arguments[0]);
    }
    return {};
}

Value Interpreter::call_native(const NativeFunction& function, Value* arguments,
                               std::size_t count) {
    if (function.parameters != any_count &&
        static_cast<std::size_t>(function.parameters) != count) {
        raise(ErrorKind::argument_count,
              count_text(count, static_cast<std::size_t>(function.parameters)));
    }
    charge(1);
    NativeCall call{vm_, arguments, count};
    return function.body(call);
}

Callee Interpreter::find_method(const Site& site, std::size_t number, Value receiver) {
    const TypeInfo& type = vm_.type_of(receiver);
    MethodCache& cache = method_caches_[number];
    if (cache.type == &type) return cache.callee;
    const auto it = type.methods.find(site.hash);
    if (it == type.methods.end()) missing_method(site.name, receiver);
    if (options_.inline_caches) cache = {&type, it->second};
    return it->second;
}

void Interpreter::missing_method(std::string_view name, Value receiver) const {
    raise(ErrorKind::missing_method, "Missing instance function `" + std::string(name) + "` for `" +
                                         vm_.type_of(receiver).name + "`");
}

Value Interpreter::call_method(Value receiver, std::string_view name, ItemHash hash,
                               std::span<const Value> arguments) {
    const TypeInfo& type = vm_.type_of(receiver);
    const auto it = type.methods.find(hash);
    if (it == type.methods.end()) missing_method(name, receiver);
    RootVector all(vm_);
    all.values.push_back(receiver);
    all.values.insert(all.values.end(), arguments.begin(), arguments.end());
    if (it->second.script != nullptr) return call(*it->second.script, all.values);
    return call_native(*it->second.native, all.values.data(), all.values.size());
}

// --- coroutines ----------------------------------------------------------------------------------

Value Interpreter::make_coroutine(const FunctionCode& code, std::span<const Value> arguments,
                                  std::span<const Value> captures) {
    const bool future = code.sort == CallSort::async;
    auto* coroutine = heap_->make<CoroutineObject>(future ? Kind::future : Kind::generator);
    coroutine->detail = code.sort == CallSort::stream ? 1 : 0;
    coroutine->code = &code;
    coroutine->state = CoroutineState::fresh;
    const std::size_t bytes = code.registers * sizeof(Value);
    auto* saved = static_cast<Value*>(heap_->grow_buffer(nullptr, 0, bytes));
    std::fill(saved, saved + code.registers, Value::unit());
    std::copy(arguments.begin(), arguments.end(), saved);
    std::copy(captures.begin(), captures.end(), saved + arguments.size());
    coroutine->registers = saved;
    return Value::reference(coroutine);
}

void Interpreter::suspend(Frame& frame, const Instruction* pc, std::uint16_t result_register) {
    CoroutineObject& coroutine = *frame.coroutine;
    std::copy(frame.base, frame.base + frame.code->registers, coroutine.registers);
    coroutine.pc = static_cast<std::uint32_t>(pc - frame.code->code.data());
    // Somebody may never resume it.
    fuel_ -= coroutine.pc;
    coroutine.resume_register = result_register;
    settle(coroutine, CoroutineState::suspended);
}

Interpreter::Resumed Interpreter::resume(CoroutineObject& coroutine, Value sent) {
    nest();
    if (coroutine.state == CoroutineState::running) {
        raise(ErrorKind::access,
              "Cannot write, value has snapshot X-000000 and is not available for writing");
    }
    const FunctionCode& code = *coroutine.code;
    Frame& frame = push_frame(code, top());
    std::copy(coroutine.registers, coroutine.registers + code.registers, frame.base);
    // The value sent to a generator that has not begun goes nowhere.
    const bool in_yield = coroutine.state == CoroutineState::suspended &&
                          code.sort != CallSort::async && coroutine.pc > 0 &&
                          code.code[coroutine.pc - 1].op == Opcode::yield_value;
    if (in_yield) frame.base[coroutine.resume_register] = sent;
    const std::uint32_t position = coroutine.state == CoroutineState::fresh ? 0 : coroutine.pc;
    frame.pc = code.code.data() + position;
    fuel_ += position;
    frame.coroutine = &coroutine;
    coroutine.state = CoroutineState::running;
    // Its registers are wanted again: nobody may take it meanwhile.
    coroutine.borrow = -1;
    const NestGuard guard(native_depth_);
    return run(depth_);
}

Value Interpreter::into_future(Value value) {
    if (value.is(Kind::future)) return value;
    const NativeFunction* function =
        value.is_heap() ? vm_.type_of(value).protocol(Protocol::into_future) : nullptr;
    if (function == nullptr) mismatch(vm_, "Future", value);
    NativeCall call{vm_, &value, 1};
    return function->body(call);
}

std::optional<Value> Interpreter::poll(Value future) {
    if (!future.is(Kind::future)) {
        (void)vm_.type_of(future);
        raise(ErrorKind::type_mismatch,
              "Expected type `Future` but found `" + vm_.type_of(future).name + "`");
    }
    auto& coroutine = *static_cast<CoroutineObject*>(future.object);
    if (coroutine.state == CoroutineState::completed) {
        raise(ErrorKind::future_completed, "Future already completed");
    }
    charge(1);
    if (coroutine.native != nullptr) return poll_native(coroutine);
    const Resumed resumed = resume(coroutine, Value::unit());
    if (resumed.how == Resumption::pending) return std::nullopt;
    return resumed.value;
}

std::optional<Value> Interpreter::poll_native(CoroutineObject& future) {
    nest();
    const NestGuard guard(native_depth_);
    const WriterGuard writer(future);
    auto result = future.native->poll(vm_);
    if (result) {
        future.state = CoroutineState::completed;
        delete future.native;
        future.native = nullptr;
    }
    return result;
}

void Interpreter::wake_at(std::chrono::steady_clock::time_point when) {
    if (!wake_ || when < *wake_) wake_ = when;
}

Value Interpreter::block_on(Value future) {
    while (true) {
        wake_.reset();
        if (const auto result = poll(future)) return *result;
        const Limits& limits = options_.limits;
        auto until = wake_;
        if (limits.deadline && (!until || *limits.deadline < *until)) until = limits.deadline;
        if (options_.waiter != nullptr) {
            if (limits.cancellation != nullptr) {
                const auto slice = std::chrono::steady_clock::now() + wait_slice;
                if (!until || slice < *until) until = slice;
            }
            options_.waiter->wait(until);
        } else if (wake_) {
            const auto slice = std::chrono::steady_clock::now() + wait_slice;
            std::this_thread::sleep_until(std::min(*until, slice));
        } else {
            raise(ErrorKind::stalled, "Nothing the execution waits for can make progress");
        }
        // Waiting costs nothing, but the limits are looked at.
        reserve_ += fuel_;
        fuel_ = 0;
        refuel();
    }
}

namespace {

bool is_completed(Value future) {
    return future.is(Kind::future) &&
           static_cast<const CoroutineObject*>(future.object)->state == CoroutineState::completed;
}

}  // namespace

bool Interpreter::select(Value* result, Value* futures, std::size_t count) {
    bool any = false;
    for (std::size_t i = 0; i < count; ++i) {
        // Arms whose future is done hold (), or a future that an earlier select has finished.
        if (futures[i].is_unit() || is_completed(futures[i])) continue;
        any = true;
        if (const auto value = poll(futures[i])) {
            result[0] = *value;
            result[1] = Value::of(static_cast<std::int64_t>(i));
            return true;
        }
    }
    if (any) return false;
    result[1] = Value::of(std::int64_t{-1});
    return true;
}

}  // namespace rb::rune
