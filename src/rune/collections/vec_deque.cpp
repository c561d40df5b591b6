// std::collections::VecDeque.

#include "rune/collections/collections.hpp"
#include "rune/collections/native_container.hpp"
#include "rune/vm/heap.hpp"
#include "rune/vm/iterators.hpp"

#include <algorithm>
#include <memory>

namespace rb::rune {
namespace {

constexpr std::uint64_t deque_capacity_min = 8;
// The memory limit is reached long before.
constexpr std::uint64_t deque_capacity_max = 1ULL << 27;

// A ring: items stand at head_, head_ + 1, … modulo the capacity, which is a power of two.
class VecDeque final : public NativeObject {
public:
    explicit VecDeque(Vm& vm) : heap_(vm.heap()) {}
    ~VecDeque() override {
        if (items_ != nullptr) heap_.free_buffer(items_, capacity_ * sizeof(Value));
    }

    void trace(Tracer& tracer) const override {
        for (std::uint64_t i = 0; i < length_; ++i) tracer.visit(at(i));
    }

    [[nodiscard]] std::uint64_t length() const { return length_; }
    [[nodiscard]] std::uint64_t capacity() const { return capacity_; }
    [[nodiscard]] Value& at(std::uint64_t index) const {
        return items_[(head_ + index) & (capacity_ - 1)];
    }

    // Raises `memory`.
    void reserve(std::uint64_t count) {
        if (count > capacity_) grow(count);
    }

    void push_back(Value value) {
        reserve(length_ + 1);
        at(length_) = value;
        ++length_;
    }

    void push_front(Value value) {
        reserve(length_ + 1);
        head_ = (head_ + capacity_ - 1) & (capacity_ - 1);
        ++length_;
        at(0) = value;
    }

    std::optional<Value> pop_back() {
        if (length_ == 0) return std::nullopt;
        return at(--length_);
    }

    std::optional<Value> pop_front() {
        if (length_ == 0) return std::nullopt;
        const Value value = at(0);
        head_ = (head_ + 1) & (capacity_ - 1);
        --length_;
        return value;
    }

    // REQUIRES: index <= length().
    void insert(std::uint64_t index, Value value) {
        push_back(value);
        for (std::uint64_t i = length_ - 1; i > index; --i) std::swap(at(i), at(i - 1));
    }

    std::optional<Value> remove(std::uint64_t index) {
        if (index >= length_) return std::nullopt;
        const Value value = at(index);
        for (std::uint64_t i = index; i + 1 < length_; ++i) at(i) = at(i + 1);
        --length_;
        return value;
    }

    // REQUIRES: count <= length().
    void rotate_left(std::uint64_t count) {
        for (std::uint64_t i = 0; i < count; ++i) {
            const Value first = at(0);
            head_ = (head_ + 1) & (capacity_ - 1);
            at(length_ - 1) = first;
        }
    }

    void clear() { length_ = 0; }

private:
    void grow(std::uint64_t count) {
        if (count > deque_capacity_max) raise(ErrorKind::memory, "VecDeque is too large");
        const std::uint64_t wanted = std::bit_ceil(std::max(count, deque_capacity_min));
        auto* items = static_cast<Value*>(heap_.grow_buffer(nullptr, 0, wanted * sizeof(Value)));
        for (std::uint64_t i = 0; i < length_; ++i) items[i] = at(i);
        if (items_ != nullptr) heap_.free_buffer(items_, capacity_ * sizeof(Value));
        items_ = items;
        capacity_ = wanted;
        head_ = 0;
    }

    Heap& heap_;
    Value* items_ = nullptr;
    std::uint64_t head_ = 0;
    std::uint64_t length_ = 0;
    std::uint64_t capacity_ = 0;
};

Value make_deque(Vm& vm) {
    return make_container(vm, std::make_unique<VecDeque>(vm));
}

VecDeque& deque_of(Vm& vm, Value deque) {
    return vm.native_of<VecDeque>(deque);
}

void extend_deque(Vm& vm, Value deque, Value items) {
    const WriterGuard writer(unborrowed(vm, deque));
    for_each(vm, items, [&](Value item) { deque_of(vm, deque).push_back(item); });
}

Value deque_from(Vm& vm, Value items) {
    const Root deque(vm, make_deque(vm));
    extend_deque(vm, deque.get(), items);
    return deque.get();
}

Value deque_items(Vm& vm, Value deque) {
    const Root list(vm, vm.make_vec({}));
    for (std::uint64_t i = 0; i < deque_of(vm, deque).length(); ++i) {
        vm.charge(1);
        vm.push(list.get(), deque_of(vm, deque).at(i));
    }
    return list.get();
}

// Walks a deque, which cannot be changed meanwhile.
class DequeIterator final : public IteratorState {
public:
    DequeIterator(Value deque, std::uint64_t length) : deque_(deque), back_(length) {}

    std::optional<Value> next(Vm& vm) override {
        if (front_ >= last(vm)) return std::nullopt;
        return deque_of(vm, deque_).at(front_++);
    }
    std::optional<Value> next_back(Vm& vm) override {
        back_ = last(vm);
        if (front_ >= back_) return std::nullopt;
        return deque_of(vm, deque_).at(--back_);
    }
    [[nodiscard]] bool is_double_ended() const override { return true; }
    [[nodiscard]] std::optional<std::uint64_t> remaining(Vm& vm) const override {
        return last(vm) > front_ ? last(vm) - front_ : 0;
    }
    [[nodiscard]] std::unique_ptr<IteratorState> clone(Vm& vm) const override {
        (void)vm;
        return std::make_unique<DequeIterator>(*this);
    }
    void trace(Tracer& tracer) const override { tracer.visit(deque_); }
    [[nodiscard]] Value source() const override { return deque_; }

private:
    // A deque that nothing borrows any more may have become shorter.
    [[nodiscard]] std::uint64_t last(Vm& vm) const {
        return std::min(back_, deque_of(vm, deque_).length());
    }

    Value deque_;
    std::uint64_t front_ = 0;
    std::uint64_t back_;
};

Value iterate_deque(Vm& vm, Value deque) {
    return make_iterator(vm, std::make_unique<DequeIterator>(deque, deque_of(vm, deque).length()));
}

[[noreturn]] void raise_index(std::uint64_t length, std::uint64_t index) {
    raise(ErrorKind::index, "Index out of bounds, the length is `" + std::to_string(length) +
                                "` but the index is `" + std::to_string(index) + "`");
}

Value& checked_item(VecDeque& deque, std::uint64_t index) {
    if (index >= deque.length()) raise_index(deque.length(), index);
    return deque.at(index);
}

Value deque_option(Vm& vm, const std::optional<Value>& value) {
    return value ? vm.make_some(*value) : vm.make_none();
}

void charge_for(Vm& vm, std::uint64_t count) {
    vm.charge(static_cast<std::int64_t>(count));
}

void rotate(Vm& vm, Value deque, std::uint64_t count, bool left) {
    VecDeque& object = writable<VecDeque>(vm, deque);
    if (count > object.length()) raise_index(object.length(), count);
    charge_for(vm, object.length());
    object.rotate_left(left ? count : object.length() - count);
}

template <typename Equal>
bool equal_deques(Vm& vm, Value left, Value right, Equal equal) {
    if (deque_of(vm, left).length() != deque_of(vm, right).length()) return false;
    for (std::uint64_t i = 0; i < deque_of(vm, left).length(); ++i) {
        vm.charge(1);
        if (!equal(deque_of(vm, left).at(i), deque_of(vm, right).at(i))) return false;
    }
    return true;
}

std::string debug_deque(Vm& vm, Value deque) {
    std::string text = "[";
    for (std::uint64_t i = 0; i < deque_of(vm, deque).length(); ++i) {
        if (i > 0) text += ", ";
        text += vm.debug(deque_of(vm, deque).at(i));
    }
    return text + "]";
}

void declare_ends(AnyTypeBuilder type) {
    type.method("push_back", [](Vm& vm, Value deque,
                                Value item) { writable<VecDeque>(vm, deque).push_back(item); })
        .method("push_front", [](Vm& vm, Value deque,
                                 Value item) { writable<VecDeque>(vm, deque).push_front(item); })
        .method("pop_back",
                [](Vm& vm, Value deque) {
                    return deque_option(vm, writable<VecDeque>(vm, deque).pop_back());
                })
        .method("pop_front",
                [](Vm& vm, Value deque) {
                    return deque_option(vm, writable<VecDeque>(vm, deque).pop_front());
                })
        .method("front",
                [](VecDeque& deque) {
                    return deque.length() > 0 ? std::optional(deque.at(0)) : std::nullopt;
                })
        .method("back", [](VecDeque& deque) {
            return deque.length() > 0 ? std::optional(deque.at(deque.length() - 1)) : std::nullopt;
        });
}

void declare_middle(AnyTypeBuilder type) {
    type.method("insert",
                [](Vm& vm, Value deque, std::uint64_t index, Value item) {
                    VecDeque& object = writable<VecDeque>(vm, deque);
                    if (index > object.length()) raise_index(object.length(), index);
                    charge_for(vm, object.length() / 8);
                    object.insert(index, item);
                })
        .method("remove",
                [](Vm& vm, Value deque, std::uint64_t index) {
                    VecDeque& object = writable<VecDeque>(vm, deque);
                    charge_for(vm, object.length() / 8);
                    return deque_option(vm, object.remove(index));
                })
        .method("rotate_left",
                [](Vm& vm, Value deque, std::uint64_t count) { rotate(vm, deque, count, true); })
        .method("rotate_right",
                [](Vm& vm, Value deque, std::uint64_t count) { rotate(vm, deque, count, false); })
        .method("extend", extend_deque)
        .method("clear", [](Vm& vm, Value deque) { writable<VecDeque>(vm, deque).clear(); })
        .method("reserve",
                [](Vm& vm, Value deque, std::uint64_t more) {
                    VecDeque& object = writable<VecDeque>(vm, deque);
                    if (more > deque_capacity_max)
                        raise(ErrorKind::memory, "VecDeque is too large");
                    object.reserve(object.length() + more);
                })
        .method("iter", iterate_deque)
        .method("len", [](VecDeque& deque) { return deque.length(); })
        .method("is_empty", [](VecDeque& deque) { return deque.length() == 0; })
        .method("capacity", [](VecDeque& deque) { return deque.capacity(); });
}

void declare_deque_protocols(AnyTypeBuilder type) {
    type.protocol(Protocol::index_get,
                  [](VecDeque& deque, std::uint64_t index) { return checked_item(deque, index); })
        .protocol(Protocol::index_set,
                  [](Vm& vm, Value deque, std::uint64_t index, Value item) {
                      checked_item(writable<VecDeque>(vm, deque), index) = item;
                  })
        .protocol(Protocol::into_iter, iterate_deque)
        .protocol(Protocol::clone, deque_from)
        .protocol(Protocol::debug, debug_deque)
        // Like a Vec, against anything that iterates.
        .protocol(Protocol::partial_eq,
                  [](Vm& vm, Value left, Value right) {
                      const Root items(vm, deque_items(vm, left));
                      const Root others(vm, vm.iterate(right));
                      return vm.equal(items.get(), others.get());
                  })
        .protocol(Protocol::eq,
                  [](Vm& vm, Value left, Value right) {
                      return equal_deques(vm, left, right,
                                          [&](Value a, Value b) { return vm.total_equal(a, b); });
                  })
        .protocol(Protocol::partial_cmp,
                  [](Vm& vm, Value left, Value right) {
                      const Root items(vm, deque_items(vm, left));
                      const Root others(vm, deque_items(vm, right));
                      const auto order = vm.partial_compare(items.get(), others.get());
                      return order ? vm.make_some(Value::ordering(*order)) : vm.make_none();
                  })
        .protocol(Protocol::cmp, [](Vm& vm, Value left, Value right) {
            const Root items(vm, deque_items(vm, left));
            const Root others(vm, deque_items(vm, right));
            return Value::ordering(vm.total_compare(items.get(), others.get()));
        });
}

}  // namespace

void declare_vec_deque(Module& collections) {
    AnyTypeBuilder type = collections.type<VecDeque>("VecDeque");
    type.function("new", [](Vm& vm) { return make_deque(vm); })
        .function("from_iter", deque_from)
        .function("with_capacity", [](Vm& vm, std::uint64_t capacity) {
            const Root deque(vm, make_deque(vm));
            deque_of(vm, deque.get()).reserve(capacity);
            return deque.get();
        });
    declare_ends(type);
    declare_middle(type);
    declare_deque_protocols(type);
    // `VecDeque::from::<Vec>(v)`.
    type.raw_function_for("from", "::std::vec::Vec", 1,
                          [](NativeCall& call) { return deque_from(call.vm, call[0]); });
    collections.extend("::std::iter::Iterator")
        .raw_method_for("collect", "::std::collections::VecDeque", 1,
                        [](NativeCall& call) { return deque_from(call.vm, call[0]); });
}

}  // namespace rb::rune
