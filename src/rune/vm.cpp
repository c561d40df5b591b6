#include "rune/vm.hpp"

#include "rune/context.hpp"
#include "rune/json.hpp"
#include "rune/vm/borrows.hpp"
#include "rune/vm/formatting.hpp"
#include "rune/vm/heap.hpp"
#include "rune/vm/interpreter.hpp"
#include "rune/vm/iterators.hpp"
#include "rune/vm/relations.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <new>

namespace rb::rune {

Vm::Vm(std::shared_ptr<const Unit> unit, VmOptions options)
    : unit_(std::move(unit)), options_(std::move(options)) {
    ASSERT(unit_ != nullptr);
    interpreter_ = std::make_unique<Interpreter>(*this, *unit_, options_);
    heap_ = std::make_unique<Heap>(options_.limits.memory_bytes, *interpreter_);
    interpreter_->attach(*heap_);
}

Vm::~Vm() {
    // Native objects may look at the Vm while they are destroyed, so the heap goes first.
    heap_.reset();
}

// --- calls ---------------------------------------------------------------------------------------

namespace {

// Lets collections scan the native stack for the time of a call from the host.
class StackBase {
public:
    StackBase(Heap& heap, const void* base) : heap_(heap), outer_(heap.stack_base()) {
        if (outer_ == nullptr) heap_.set_stack_base(base);
    }
    ~StackBase() { heap_.set_stack_base(outer_); }
    StackBase(const StackBase&) = delete;
    StackBase& operator=(const StackBase&) = delete;

private:
    Heap& heap_;
    const void* outer_;
};

RuntimeError error_of(Interpreter& interpreter, ErrorKind kind, std::string message) {
    return {kind, std::move(message), interpreter.take_trace()};
}

}  // namespace

RunResult<Value> Vm::call(std::string_view path, std::span<const Value> arguments) {
    auto result = call_guarded(path, arguments);
    const bool full = result.has_error() && result.error().kind == ErrorKind::memory;
    // What filled the heap is garbage now. No native runs, so nothing on the native stack counts: a
    // word left behind there could keep a chain of values alive that is as long as the heap.
    if (full && heap_->stack_base() == nullptr) heap_->collect();
    return result;
}

RunResult<Value> Vm::call_guarded(std::string_view path, std::span<const Value> arguments) {
    const auto found = unit_->entries.find(path);
    if (found == unit_->entries.end()) {
        char hash[24];
        std::snprintf(hash, sizeof hash, "0x%016llx",
                      static_cast<unsigned long long>(hash_text(path)));
        return RuntimeError{ErrorKind::missing_entry,
                            "Missing entry `" + std::string(path) + "` with hash `" + hash + "`"};
    }
    const StackBase base(*heap_, __builtin_frame_address(0));
    (void)interpreter_->take_trace();
    try {
        interpreter_->charge(1);
        Value result = interpreter_->call(*found->second, arguments);
        interpreter_->keep(result);
        if (result.is(Kind::future)) {
            result = interpreter_->block_on(result);
            interpreter_->keep(result);
        }
        return result;
    } catch (const Raise& raised) {
        return error_of(*interpreter_, raised.kind, raised.message);
    } catch (const std::bad_alloc&) {
        return error_of(*interpreter_, ErrorKind::memory, "Memory of the process is exhausted");
    } catch (const std::exception& thrown) {
        // A native of the host that broke its contract must not take the engine with it.
        return error_of(*interpreter_, ErrorKind::host, thrown.what());
    }
}

RunResult<nlohmann::ordered_json> Vm::call_json(
    std::string_view path, const std::vector<nlohmann::ordered_json>& arguments) {
    RootVector values(*this);
    try {
        for (const auto& argument : arguments) values.values.push_back(from_json(*this, argument));
    } catch (const Raise& raised) {
        return error_of(*interpreter_, raised.kind, raised.message);
    }
    const auto result = call(path, values.values);
    if (result.has_error()) return result.error();
    std::string why;
    try {
        auto json = to_json(*this, *result, why);
        if (json) return {boost::system::in_place_value, std::move(*json)};
    } catch (const Raise& raised) {
        return error_of(*interpreter_, raised.kind, raised.message);
    }
    return RuntimeError{ErrorKind::type_mismatch, "The result has no JSON form: " + why};
}

std::int64_t Vm::instructions_left() const {
    return interpreter_->instructions_left();
}

std::size_t Vm::memory_bytes() const {
    return heap_->bytes();
}

void Vm::collect_garbage() {
    heap_->collect();
}

const Context& Vm::context() const {
    return *unit_->context;
}

void Vm::print(std::string_view text) {
    charge_bytes(text.size());
    if (options_.print) options_.print(text);
}

Value Vm::call_function(Value function, std::span<const Value> arguments) {
    return interpreter_->call(function, arguments);
}

Value Vm::call_method(Value receiver, std::string_view name, std::span<const Value> arguments) {
    return interpreter_->call_method(receiver, name, method_hash(name), arguments);
}

void Vm::charge(std::int64_t units) {
    interpreter_->charge(units);
}

void Vm::wake_at(std::chrono::steady_clock::time_point when) {
    interpreter_->wake_at(when);
}

// --- operations ----------------------------------------------------------------------------------

std::string Vm::display(Value value) {
    std::string text;
    append_display(*this, text, value);
    return text;
}

std::string Vm::debug(Value value) {
    std::string text;
    append_debug(*this, text, value, 0);
    return text;
}

bool Vm::equal(Value left, Value right) {
    return values_equal(*this, left, right, Relation::partial);
}

std::optional<int> Vm::partial_compare(Value left, Value right) {
    return compare_values(*this, left, right, Relation::partial);
}

bool Vm::total_equal(Value left, Value right) {
    return values_equal(*this, left, right, Relation::total);
}

int Vm::total_compare(Value left, Value right) {
    return *compare_values(*this, left, right, Relation::total);
}

std::uint64_t Vm::hash(Value value) {
    return hash_value(*this, value);
}

Value Vm::iterate(Value iterable) {
    return iterate_value(*this, iterable);
}

std::optional<Value> Vm::next(Value iterator) {
    return next_value(*this, iterator);
}

Value Vm::clone(Value value) {
    return clone_value(*this, value);
}

Value Vm::copy_iteration(Value value) {
    if (value.is(Kind::iterator)) return copy_iterator(*this, value);
    const auto& source = *static_cast<CoroutineObject*>(value.object);
    // Its registers are in its frame.
    if (source.state == CoroutineState::running) (void)ReaderGuard(value);
    auto* copy = heap_->make<CoroutineObject>(Kind::generator);
    const Value result = Value::reference(copy);
    copy->detail = source.detail;
    const std::size_t bytes = source.code->registers * sizeof(Value);
    auto* registers = static_cast<Value*>(heap_->grow_buffer(nullptr, 0, bytes));
    std::copy(source.registers, source.registers + source.code->registers, registers);
    copy->code = source.code;
    copy->registers = registers;
    copy->pc = source.pc;
    copy->resume_register = source.resume_register;
    copy->state = source.state;
    return result;
}

// --- roots ---------------------------------------------------------------------------------------

Root::Root(Vm& vm, Value value) : heap_(vm.heap()), value_(value) {
    heap_.add_root(*this);
}

Root::~Root() {
    heap_.remove_root(*this);
}

RootVector::RootVector(Vm& vm) : heap_(vm.heap()) {
    heap_.add_root(*this);
}

RootVector::~RootVector() {
    heap_.remove_root(*this);
}

}  // namespace rb::rune
