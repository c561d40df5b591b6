#include "rune/vm/iterators.hpp"

#include "rune/context.hpp"
#include "rune/limits.hpp"
#include "rune/runtime_error.hpp"
#include "rune/vm.hpp"
#include "rune/vm/borrows.hpp"
#include "rune/vm/formatting.hpp"
#include "rune/vm/heap.hpp"
#include "rune/vm/interpreter.hpp"
#include "rune/vm/objects.hpp"
#include "rune/vm/operations.hpp"

#include <algorithm>
#include <limits>

namespace rb::rune {

std::optional<Value> IteratorState::next_back(Vm&) {
    raise(ErrorKind::missing_method,
          "Missing instance function `next_back` for `Iterator`: it has no back end");
}

namespace {

[[noreturn]] void raise_depth() {
    raise(ErrorKind::call_depth, "Call depth limit of the execution reached");
}

// A step of an iterator's state, which may run any script: nobody may take the iterator or step it
// meanwhile.
class Step {
public:
    Step(Vm& vm, IteratorObject& iterator)
        : writer_(iterator), depth_(vm.interpreter().iterator_depth()) {
        // What flat_map is walking was not there when the iterators were put together.
        if (depth_ >= iterator_depth_max) raise_depth();
        ++depth_;
    }
    ~Step() { --depth_; }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

private:
    WriterGuard writer_;
    int& depth_;
};

int depth_around(std::span<const Value> parts) {
    int depth = 1;
    for (const Value part : parts) {
        if (!part.is(Kind::iterator)) continue;
        const auto* state = static_cast<IteratorObject*>(part.object)->state;
        if (state != nullptr) depth = std::max(depth, state->depth() + 1);
    }
    return depth;
}

}  // namespace

Value make_iterator(Vm& vm, std::unique_ptr<IteratorState> state) {
    const Keeper keeper(vm, *state);
    state->set_depth(depth_around(keeper.values()));
    if (state->depth() > iterator_depth_max) raise_depth();
    auto* iterator = vm.heap().make<IteratorObject>(Kind::iterator);
    iterator->detail = static_cast<std::uint8_t>(IteratorSource::state);
    iterator->state = state.release();
    begin_borrow(*iterator);
    return Value::reference(iterator);
}

namespace {

IteratorObject& fresh(Vm& vm, IteratorSource source) {
    auto* iterator = vm.heap().make<IteratorObject>(Kind::iterator);
    iterator->detail = static_cast<std::uint8_t>(source);
    return *iterator;
}

// `(key, value)` of an Object, in insertion order.
class ObjectIterator final : public IteratorState {
public:
    explicit ObjectIterator(Value object) : object_(object) {
        const auto* table = static_cast<TableObject*>(object.object);
        end_ = table->used;
        live_ = table->live;
    }

    std::optional<Value> next(Vm& vm) override {
        if (!object_.is(Kind::object)) (void)vm.type_of(object_);
        const auto* table = static_cast<TableObject*>(object_.object);
        if (table->live != live_ || table->used != end_) {
            raise(ErrorKind::access,
                  "Cannot read, the object was changed while it was iterated over");
        }
        while (at_ < end_ && table->entries[at_].key == nullptr) ++at_;
        if (at_ >= end_) return std::nullopt;
        const TableEntry entry = table->entries[at_++];
        const Value pair[] = {vm.make_string(entry.key->view()), entry.value};
        return vm.make_tuple(pair);
    }
    std::optional<std::uint64_t> remaining(Vm&) const override {
        const auto* table = static_cast<TableObject*>(object_.object);
        std::uint64_t count = 0;
        for (std::uint32_t i = at_; i < end_ && i < table->used; ++i) {
            count += table->entries[i].key != nullptr ? 1 : 0;
        }
        return count;
    }
    std::unique_ptr<IteratorState> clone(Vm&) const override {
        return std::make_unique<ObjectIterator>(*this);
    }
    void trace(Tracer& tracer) const override { tracer.visit(object_); }
    Value source() const override { return object_; }

private:
    Value object_;
    std::uint32_t at_ = 0;
    std::uint32_t end_ = 0;
    std::uint32_t live_ = 0;
};

class GeneratorIterator final : public IteratorState {
public:
    explicit GeneratorIterator(Value generator) : generator_(generator) {}
    std::optional<Value> next(Vm& vm) override { return next_value(vm, generator_); }
    void trace(Tracer& tracer) const override { tracer.visit(generator_); }

private:
    Value generator_;
};

class OnceIterator final : public IteratorState {
public:
    explicit OnceIterator(std::optional<Value> value) : value_(value) {}
    std::optional<Value> next(Vm&) override { return std::exchange(value_, std::nullopt); }
    std::optional<Value> next_back(Vm& vm) override { return next(vm); }
    bool is_double_ended() const override { return true; }
    std::optional<std::uint64_t> remaining(Vm&) const override { return value_ ? 1 : 0; }
    std::unique_ptr<IteratorState> clone(Vm&) const override {
        return std::make_unique<OnceIterator>(*this);
    }
    void trace(Tracer& tracer) const override {
        if (value_) tracer.visit(*value_);
    }

private:
    std::optional<Value> value_;
};

Value over_range(Vm& vm, const RangeObject& range) {
    const bool endless = range.range_kind() == RangeKind::from;
    const bool inclusive = range.range_kind() == RangeKind::inclusive;
    const bool bounded = range.range_kind() == RangeKind::range || inclusive;
    const Value start = range.start;
    const bool countable = start.tag == Tag::integer || start.tag == Tag::unsigned_integer ||
                           start.tag == Tag::character;
    if (!countable || (!endless && !bounded)) {
        std::string text = "Cannot build an iterator out of ";
        append_debug(vm, text, Value::reference(const_cast<RangeObject*>(&range)), 0);
        raise(ErrorKind::not_iterable, text);
    }
    IteratorObject& iterator = fresh(vm, IteratorSource::numbers);
    iterator.element = start.tag;
    iterator.endless = endless;
    // As positions from 0 to a count, so that no bound overflows.
    Value bounds[] = {start, range.end};
    if (!endless) {
        vm.interpreter().range_bounds(bounds, inclusive);
        iterator.back = bounds[1].integer;
    }
    iterator.source = start;
    return Value::reference(&iterator);
}

// The number at a position of a range.
Value number_at(const IteratorObject& iterator, std::int64_t position) {
    Value result = iterator.source;
    if (result.tag == Tag::character) {
        const auto place = [](char32_t c) { return c >= 0xE000 ? c - 0x800 : c; };
        const auto at = place(result.character) + static_cast<char32_t>(position);
        result.character = at >= 0xD800 ? at + 0x800 : at;
    } else {
        result.unsigned_integer += static_cast<std::uint64_t>(position);
    }
    return result;
}

std::span<Value> items_of(Vm& vm, const IteratorObject& iterator) {
    const std::span<Value> items = vm.items_of(iterator.source);
    if (items.size() != iterator.length) {
        raise(ErrorKind::access, "Cannot read, the value was changed while it was iterated over");
    }
    return items;
}

}  // namespace

Value iterate_value(Vm& vm, Value iterable) {
    if (iterable.is_heap()) {
        switch (iterable.object->kind) {
            case Kind::vec:
            case Kind::tuple: {
                const auto length = vm.items_of(iterable).size();
                IteratorObject& iterator =
                    fresh(vm, iterable.is(Kind::vec) ? IteratorSource::vec : IteratorSource::tuple);
                iterator.source = iterable;
                iterator.length = static_cast<std::uint32_t>(length);
                iterator.back = static_cast<std::int64_t>(length);
                begin_borrow(iterator);
                return Value::reference(&iterator);
            }
            case Kind::object:
                return make_iterator(vm, std::make_unique<ObjectIterator>(iterable));
            case Kind::range:
                return over_range(vm, *static_cast<RangeObject*>(iterable.object));
            case Kind::iterator:
                return iterable;
            case Kind::generator:
                if (iterable.object->detail == 0) {
                    return make_iterator(vm, std::make_unique<GeneratorIterator>(iterable));
                }
                break;
            case Kind::variant: {
                const auto* variant = static_cast<VariantObject*>(iterable.object);
                if (variant->which() == BuiltinVariant::some) {
                    return make_iterator(vm, std::make_unique<OnceIterator>(variant->payload));
                }
                if (variant->which() == BuiltinVariant::none) {
                    return make_iterator(vm, std::make_unique<OnceIterator>(std::nullopt));
                }
                break;
            }
            case Kind::native: {
                const TypeInfo& type = vm.type_of(iterable);
                if (const auto* function = type.protocol(Protocol::into_iter)) {
                    NativeCall call{vm, &iterable, 1};
                    const Value made = function->body(call);
                    // A native that names itself has `next`.
                    if (made.is(Kind::native)) return made;
                    return iterate_value(vm, made);
                }
                if (type.protocol(Protocol::next) != nullptr) return iterable;
                break;
            }
            default:
                break;
        }
    } else if (iterable.is_unit()) {
        return make_iterator(vm, std::make_unique<OnceIterator>(std::nullopt));
    }
    raise(ErrorKind::not_iterable,
          "Missing protocol function `INTO_ITER` for `" + vm.type_of(iterable).name + "`");
}

std::optional<Value> next_value(Vm& vm, Value value) {
    if (value.is(Kind::iterator)) {
        auto& iterator = *static_cast<IteratorObject*>(value.object);
        switch (iterator.kind_of_source()) {
            case IteratorSource::state: {
                const Step step(vm, iterator);
                auto item = iterator.state->next(vm);
                if (!item) end_borrow(iterator);
                return item;
            }
            case IteratorSource::vec:
            case IteratorSource::tuple: {
                if (iterator.front >= iterator.back) {
                    end_borrow(iterator);
                    return std::nullopt;
                }
                return items_of(vm, iterator)[static_cast<std::size_t>(iterator.front++)];
            }
            case IteratorSource::numbers:
                if (!iterator.endless && static_cast<std::uint64_t>(iterator.front) >=
                                             static_cast<std::uint64_t>(iterator.back)) {
                    return std::nullopt;
                }
                return number_at(iterator, iterator.front++);
        }
    }
    if (value.is(Kind::generator) && value.object->detail == 0) {
        auto& generator = *static_cast<CoroutineObject*>(value.object);
        if (generator.state == CoroutineState::completed) return std::nullopt;
        const auto resumed = vm.interpreter().resume(generator, Value::unit());
        if (resumed.how == Interpreter::Resumption::completed) return std::nullopt;
        return resumed.value;
    }
    if (value.is(Kind::native)) {
        if (const auto* function = vm.type_of(value).protocol(Protocol::next)) {
            NativeCall call{vm, &value, 1};
            return vm.option_of(function->body(call));
        }
    }
    raise(ErrorKind::not_iterable,
          "Type `" + vm.type_of(value).name + "` is not supported as iter-next operand");
}

std::optional<Value> next_back_value(Vm& vm, Value value) {
    if (!value.is(Kind::iterator)) {
        raise(ErrorKind::missing_method,
              "Missing instance function `next_back` for `" + vm.type_of(value).name + "`");
    }
    auto& iterator = *static_cast<IteratorObject*>(value.object);
    switch (iterator.kind_of_source()) {
        case IteratorSource::state: {
            const Step step(vm, iterator);
            return iterator.state->next_back(vm);
        }
        case IteratorSource::vec:
        case IteratorSource::tuple:
            if (iterator.front >= iterator.back) return std::nullopt;
            return items_of(vm, iterator)[static_cast<std::size_t>(--iterator.back)];
        case IteratorSource::numbers:
            if (iterator.endless) {
                raise(ErrorKind::missing_method,
                      "Missing instance function `next_back` for `RangeFrom`");
            }
            // Counts, which may be above what i64 holds.
            if (static_cast<std::uint64_t>(iterator.front) >=
                static_cast<std::uint64_t>(iterator.back)) {
                return std::nullopt;
            }
            return number_at(iterator, --iterator.back);
    }
    return std::nullopt;
}

// Asking costs a unit for each iterator asked: one that is shared may be asked very often.
std::optional<std::uint64_t> remaining_of(Vm& vm, Value value) {
    vm.charge(1);
    if (!value.is(Kind::iterator)) return std::nullopt;
    const auto& iterator = *static_cast<IteratorObject*>(value.object);
    if (iterator.kind_of_source() == IteratorSource::state) return iterator.state->remaining(vm);
    if (iterator.endless) return std::nullopt;
    return static_cast<std::uint64_t>(iterator.back) - static_cast<std::uint64_t>(iterator.front);
}

Value copy_iterator(Vm& vm, Value value) {
    const auto& source = *static_cast<IteratorObject*>(value.object);
    if (source.kind_of_source() == IteratorSource::state) {
        auto state = source.state->clone(vm);
        if (state == nullptr) {
            raise(ErrorKind::missing_method,
                  "Missing instance function `clone` for `Iterator`: its source cannot be cloned");
        }
        return make_iterator(vm, std::move(state));
    }
    IteratorObject& copy = fresh(vm, source.kind_of_source());
    copy.source = source.source;
    copy.front = source.front;
    copy.back = source.back;
    copy.element = source.element;
    copy.endless = source.endless;
    copy.length = source.length;
    begin_borrow(copy);
    return Value::reference(&copy);
}

std::uint64_t at_least_of(Vm& vm, Value value) {
    vm.charge(1);
    if (!value.is(Kind::iterator)) return 0;
    const auto& iterator = *static_cast<IteratorObject*>(value.object);
    if (iterator.kind_of_source() == IteratorSource::state) return iterator.state->at_least(vm);
    if (iterator.endless) return std::numeric_limits<std::uint64_t>::max();
    return remaining_of(vm, value).value_or(0);
}

std::optional<std::uint64_t> at_most_of(Vm& vm, Value value) {
    vm.charge(1);
    if (!value.is(Kind::iterator)) return std::nullopt;
    const auto& iterator = *static_cast<IteratorObject*>(value.object);
    if (iterator.kind_of_source() == IteratorSource::state) return iterator.state->at_most(vm);
    return remaining_of(vm, value);
}

HeapObject* borrowed_source(const IteratorObject& iterator) {
    if (iterator.kind_of_source() == IteratorSource::vec) return iterator.source.object;
    if (iterator.kind_of_source() != IteratorSource::state) return nullptr;
    const Value source = iterator.state->source();
    return source.is_heap() && source.object->immortal == 0 ? source.object : nullptr;
}

void begin_borrow(IteratorObject& iterator) {
    HeapObject* source = borrowed_source(iterator);
    if (source == nullptr) return;
    if (source->borrow < 0) {
        raise(ErrorKind::access,
              "Cannot read, value has snapshot X-000000 and is not available for reading");
    }
    ++source->borrow;
    iterator.borrows = true;
}

void end_borrow(IteratorObject& iterator) {
    if (!iterator.borrows) return;
    iterator.borrows = false;
    if (HeapObject* source = borrowed_source(iterator)) --source->borrow;
}

}  // namespace rb::rune
