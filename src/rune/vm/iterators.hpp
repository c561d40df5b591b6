// The states of iterators that are more than a walk over a Vec, tuple or range.

#pragma once

#include "rune/native.hpp"
#include "rune/value.hpp"
#include "rune/vm.hpp"
#include "rune/vm/objects.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace rb::rune {

class IteratorState {
public:
    IteratorState() = default;
    IteratorState(const IteratorState&) = default;
    IteratorState& operator=(const IteratorState&) = delete;
    virtual ~IteratorState() = default;

    virtual std::optional<Value> next(Vm& vm) = 0;
    // REQUIRES: is_double_ended().
    virtual std::optional<Value> next_back(Vm& vm);
    [[nodiscard]] virtual bool is_double_ended() const { return false; }
    // How many are left, when that is known.
    [[nodiscard]] virtual std::optional<std::uint64_t> remaining(Vm& vm) const {
        (void)vm;
        return std::nullopt;
    }
    // Null when it cannot be cloned.
    [[nodiscard]] virtual std::unique_ptr<IteratorState> clone(Vm& vm) const {
        (void)vm;
        return nullptr;
    }
    // An upper bound of what is left.
    [[nodiscard]] virtual std::optional<std::uint64_t> at_most(Vm& vm) const {
        return remaining(vm);
    }
    // A lower bound of what is left.
    [[nodiscard]] virtual std::uint64_t at_least(Vm& vm) const { return remaining(vm).value_or(0); }
    // The container this walks, which may not be changed meanwhile; () when there is none.
    [[nodiscard]] virtual Value source() const { return {}; }
    virtual void trace(Tracer& tracer) const { (void)tracer; }

    // How many iterators are inside each other, this one included.
    [[nodiscard]] int depth() const { return depth_; }
    void set_depth(int depth) { depth_ = depth; }

private:
    int depth_ = 1;
};

// Keeps what a state, future or native object refers to alive until the value that will own it is
// made: until then the collector does not know of it.
class Keeper {
public:
    template <typename Traced>
    Keeper(Vm& vm, const Traced& traced) : kept_(vm) {
        Collector collector(kept_.values);
        traced.trace(collector);
    }

    [[nodiscard]] const std::vector<Value>& values() const { return kept_.values; }

private:
    class Collector final : public Tracer {
    public:
        explicit Collector(std::vector<Value>& values) : values_(values) {}
        void visit(Value value) override { values_.push_back(value); }

    private:
        std::vector<Value>& values_;
    };

    RootVector kept_;
};

// A new iterator value. Raises call_depth when too many are inside each other.
Value make_iterator(Vm& vm, std::unique_ptr<IteratorState> state);
// An iterator over any iterable; raises not_iterable.
Value iterate_value(Vm& vm, Value iterable);
std::optional<Value> next_value(Vm& vm, Value iterator);
// Raises missing_method on iterators without a back end.
std::optional<Value> next_back_value(Vm& vm, Value iterator);
std::optional<std::uint64_t> remaining_of(Vm& vm, Value iterator);
std::optional<std::uint64_t> at_most_of(Vm& vm, Value iterator);
// The largest number for one that never ends.
std::uint64_t at_least_of(Vm& vm, Value iterator);
Value copy_iterator(Vm& vm, Value iterator);
// An iterator holds a read borrow on its source until it is exhausted, dropped or collected.
// Null when it has none.
HeapObject* borrowed_source(const IteratorObject& iterator);
void begin_borrow(IteratorObject& iterator);
void end_borrow(IteratorObject& iterator);

}  // namespace rb::rune
