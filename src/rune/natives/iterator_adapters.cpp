#include "rune/natives/iterator_adapters.hpp"

#include "rune/vm/borrows.hpp"
#include "rune/vm/iterators.hpp"
#include "rune/vm/operations.hpp"

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

namespace rb::rune {

bool truth(Vm& vm, Value value) {
    if (value.tag != Tag::boolean) mismatch(vm, "bool", value);
    return value.boolean;
}

Value call_one(Vm& vm, Value function, Value argument) {
    return vm.call_function(function, {&argument, 1});
}

Value option(Vm& vm, std::optional<Value> item) {
    return item ? vm.make_some(*item) : vm.make_none();
}

bool double_ended(Value value) {
    if (!value.is(Kind::iterator)) return false;
    const auto& iterator = *static_cast<IteratorObject*>(value.object);
    if (iterator.kind_of_source() == IteratorSource::state) {
        return iterator.state->is_double_ended();
    }
    return !iterator.endless;
}

[[noreturn]] void not_double_ended(std::string_view method) {
    raise(ErrorKind::missing_method, "Missing instance function `" + std::string(method) +
                                         "` for `Iterator`: its source has no back end");
}

namespace {

// How many `inner` still has, for adapters whose back end lies where that number says.
std::uint64_t exact_length(Vm& vm, Value inner) {
    if (const auto length = remaining_of(vm, inner)) return *length;
    raise(ErrorKind::missing_method,
          "Missing instance function `next_back` for `Iterator`: its source has no known length");
}

// An adapter over one other iterator.
class Adapter : public IteratorState {
public:
    explicit Adapter(Value inner) : Adapter(inner, double_ended(inner)) {}
    bool is_double_ended() const override { return double_ended_; }
    void trace(Tracer& tracer) const override { tracer.visit(inner_); }

protected:
    Adapter(Value inner, bool is_double_ended) : inner_(inner), double_ended_(is_double_ended) {}

    Value inner_;

private:
    bool double_ended_;
};

class Map final : public Adapter {
public:
    Map(Value inner, Value function) : Adapter(inner), function_(function) {}
    std::optional<Value> next(Vm& vm) override { return apply(vm, vm.next(inner_)); }
    std::optional<Value> next_back(Vm& vm) override {
        return apply(vm, next_back_value(vm, inner_));
    }
    std::optional<std::uint64_t> remaining(Vm& vm) const override {
        return remaining_of(vm, inner_);
    }
    std::optional<std::uint64_t> at_most(Vm& vm) const override { return at_most_of(vm, inner_); }
    std::uint64_t at_least(Vm& vm) const override { return at_least_of(vm, inner_); }
    std::unique_ptr<IteratorState> clone(Vm& vm) const override {
        return std::make_unique<Map>(vm.clone(inner_), function_);
    }
    void trace(Tracer& tracer) const override {
        Adapter::trace(tracer);
        tracer.visit(function_);
    }

private:
    std::optional<Value> apply(Vm& vm, std::optional<Value> item) {
        if (!item) return std::nullopt;
        return call_one(vm, function_, *item);
    }
    Value function_;
};

class Filter final : public Adapter {
public:
    Filter(Value inner, Value function) : Adapter(inner), function_(function) {}
    std::optional<std::uint64_t> at_most(Vm& vm) const override { return at_most_of(vm, inner_); }
    std::optional<Value> next(Vm& vm) override {
        while (const auto item = vm.next(inner_)) {
            if (truth(vm, call_one(vm, function_, *item))) return item;
        }
        return std::nullopt;
    }
    std::optional<Value> next_back(Vm& vm) override {
        while (const auto item = next_back_value(vm, inner_)) {
            if (truth(vm, call_one(vm, function_, *item))) return item;
        }
        return std::nullopt;
    }
    std::unique_ptr<IteratorState> clone(Vm& vm) const override {
        return std::make_unique<Filter>(vm.clone(inner_), function_);
    }
    void trace(Tracer& tracer) const override {
        Adapter::trace(tracer);
        tracer.visit(function_);
    }

private:
    Value function_;
};

class FilterMap final : public Adapter {
public:
    FilterMap(Value inner, Value function) : Adapter(inner), function_(function) {}
    std::optional<std::uint64_t> at_most(Vm& vm) const override { return at_most_of(vm, inner_); }
    std::optional<Value> next(Vm& vm) override {
        while (const auto item = vm.next(inner_)) {
            if (const auto kept = vm.option_of(call_one(vm, function_, *item))) return kept;
        }
        return std::nullopt;
    }
    std::optional<Value> next_back(Vm& vm) override {
        while (const auto item = next_back_value(vm, inner_)) {
            if (const auto kept = vm.option_of(call_one(vm, function_, *item))) return kept;
        }
        return std::nullopt;
    }
    void trace(Tracer& tracer) const override {
        Adapter::trace(tracer);
        tracer.visit(function_);
    }

private:
    Value function_;
};

class FlatMap final : public Adapter {
public:
    FlatMap(Value inner, Value function) : Adapter(inner), function_(function) {}
    std::optional<Value> next(Vm& vm) override {
        while (true) {
            if (const auto item = rest_of(front_, [&](Value part) { return vm.next(part); })) {
                return item;
            }
            const auto outer = vm.next(inner_);
            if (!outer) break;
            front_ = part_of(vm, *outer);
        }
        return rest_of(back_, [&](Value part) { return vm.next(part); });
    }
    std::optional<Value> next_back(Vm& vm) override {
        while (true) {
            if (const auto item = rest_of(back_, [&](Value part) { return last_of(vm, part); })) {
                return item;
            }
            const auto outer = next_back_value(vm, inner_);
            if (!outer) break;
            back_ = part_of(vm, *outer);
        }
        return rest_of(front_, [&](Value part) { return last_of(vm, part); });
    }
    void trace(Tracer& tracer) const override {
        Adapter::trace(tracer);
        tracer.visit(function_);
        if (front_) tracer.visit(*front_);
        if (back_) tracer.visit(*back_);
    }

private:
    template <typename Step>
    static std::optional<Value> rest_of(std::optional<Value>& part, Step step) {
        if (!part) return std::nullopt;
        const std::optional<Value> item = step(*part);
        if (!item) part.reset();
        return item;
    }
    static std::optional<Value> last_of(Vm& vm, Value part) {
        // Only seen when it is walked: what the function returns need not have a back end.
        if (!double_ended(part)) not_double_ended("next_back");
        return next_back_value(vm, part);
    }
    Value part_of(Vm& vm, Value outer) {
        vm.charge(1);
        return vm.iterate(call_one(vm, function_, outer));
    }

    Value function_;
    // The parts that are being walked from either end.
    std::optional<Value> front_;
    std::optional<Value> back_;
};

class Enumerate final : public Adapter {
public:
    Enumerate(Value inner, std::uint64_t at) : Adapter(inner), at_(at) {}
    std::optional<Value> next(Vm& vm) override {
        const auto item = vm.next(inner_);
        if (!item) return std::nullopt;
        const Value pair[] = {Value::of(at_++), *item};
        return vm.make_tuple(pair);
    }
    std::optional<Value> next_back(Vm& vm) override {
        const std::uint64_t left = exact_length(vm, inner_);
        const auto item = next_back_value(vm, inner_);
        if (!item) return std::nullopt;
        const Value pair[] = {Value::of(at_ + left - 1), *item};
        return vm.make_tuple(pair);
    }
    std::optional<std::uint64_t> remaining(Vm& vm) const override {
        return remaining_of(vm, inner_);
    }
    std::optional<std::uint64_t> at_most(Vm& vm) const override { return at_most_of(vm, inner_); }
    std::uint64_t at_least(Vm& vm) const override { return at_least_of(vm, inner_); }
    std::unique_ptr<IteratorState> clone(Vm& vm) const override {
        return std::make_unique<Enumerate>(vm.clone(inner_), at_);
    }

private:
    std::uint64_t at_;
};

class Reverse final : public Adapter {
public:
    explicit Reverse(Value inner) : Adapter(inner) {}
    std::optional<Value> next(Vm& vm) override { return next_back_value(vm, inner_); }
    std::optional<Value> next_back(Vm& vm) override { return vm.next(inner_); }
    std::optional<std::uint64_t> remaining(Vm& vm) const override {
        return remaining_of(vm, inner_);
    }
    std::optional<std::uint64_t> at_most(Vm& vm) const override { return at_most_of(vm, inner_); }
    std::uint64_t at_least(Vm& vm) const override { return at_least_of(vm, inner_); }
    std::unique_ptr<IteratorState> clone(Vm& vm) const override {
        return std::make_unique<Reverse>(vm.clone(inner_));
    }
};

class Chain final : public Adapter {
public:
    Chain(Value first, Value second)
        : Adapter(first, double_ended(first) && double_ended(second)), second_(second) {}
    std::optional<Value> next(Vm& vm) override {
        if (!first_done_) {
            if (const auto item = vm.next(inner_)) return item;
            first_done_ = true;
        }
        return vm.next(second_);
    }
    std::optional<Value> next_back(Vm& vm) override {
        if (const auto item = next_back_value(vm, second_)) return item;
        return first_done_ ? std::nullopt : next_back_value(vm, inner_);
    }
    std::optional<std::uint64_t> remaining(Vm& vm) const override {
        const auto first = remaining_of(vm, inner_);
        const auto second = remaining_of(vm, second_);
        if (!first || !second) return std::nullopt;
        return *first + *second;
    }
    std::optional<std::uint64_t> at_most(Vm& vm) const override {
        const auto first = at_most_of(vm, inner_);
        const auto second = at_most_of(vm, second_);
        if (!first || !second) return std::nullopt;
        return *first + *second;
    }
    std::uint64_t at_least(Vm& vm) const override {
        const std::uint64_t first = at_least_of(vm, inner_);
        const std::uint64_t sum = first + at_least_of(vm, second_);
        return sum < first ? std::numeric_limits<std::uint64_t>::max() : sum;
    }
    std::unique_ptr<IteratorState> clone(Vm& vm) const override {
        auto copy = std::make_unique<Chain>(vm.clone(inner_), vm.clone(second_));
        copy->first_done_ = first_done_;
        return copy;
    }
    void trace(Tracer& tracer) const override {
        Adapter::trace(tracer);
        tracer.visit(second_);
    }

private:
    Value second_;
    bool first_done_ = false;
};

class Take final : public Adapter {
public:
    Take(Value inner, std::uint64_t count) : Adapter(inner), left_(count) {}
    std::optional<Value> next(Vm& vm) override {
        if (left_ == 0) return std::nullopt;
        --left_;
        return vm.next(inner_);
    }
    std::optional<Value> next_back(Vm& vm) override {
        if (left_ == 0) return std::nullopt;
        // What lies behind the last one taken is passed over once.
        for (std::uint64_t count = exact_length(vm, inner_); count > left_; --count) {
            vm.charge(1);
            (void)next_back_value(vm, inner_);
        }
        --left_;
        return next_back_value(vm, inner_);
    }
    std::optional<std::uint64_t> remaining(Vm& vm) const override {
        const auto inner = remaining_of(vm, inner_);
        return inner ? std::min(*inner, left_) : inner;
    }
    std::optional<std::uint64_t> at_most(Vm& vm) const override {
        return std::min(at_most_of(vm, inner_).value_or(left_), left_);
    }
    std::uint64_t at_least(Vm& vm) const override {
        return std::min(at_least_of(vm, inner_), left_);
    }
    std::unique_ptr<IteratorState> clone(Vm& vm) const override {
        return std::make_unique<Take>(vm.clone(inner_), left_);
    }

private:
    std::uint64_t left_;
};

class Skip final : public Adapter {
public:
    Skip(Value inner, std::uint64_t count) : Adapter(inner), left_(count) {}
    std::optional<Value> next(Vm& vm) override {
        for (; left_ > 0; --left_) {
            vm.charge(1);
            if (!vm.next(inner_)) return std::nullopt;
        }
        return vm.next(inner_);
    }
    std::optional<Value> next_back(Vm& vm) override {
        if (exact_length(vm, inner_) <= left_) return std::nullopt;
        return next_back_value(vm, inner_);
    }
    std::optional<std::uint64_t> remaining(Vm& vm) const override {
        const auto inner = remaining_of(vm, inner_);
        if (!inner) return inner;
        return *inner > left_ ? *inner - left_ : 0;
    }
    std::unique_ptr<IteratorState> clone(Vm& vm) const override {
        return std::make_unique<Skip>(vm.clone(inner_), left_);
    }

private:
    std::uint64_t left_;
};

class Peekable final : public Adapter {
public:
    explicit Peekable(Value inner) : Adapter(inner) {}
    std::optional<Value> next(Vm& vm) override {
        if (!peeked_) return vm.next(inner_);
        peeked_ = false;
        return std::exchange(ahead_, std::nullopt);
    }
    std::optional<Value> next_back(Vm& vm) override {
        if (const auto item = next_back_value(vm, inner_)) return item;
        if (!peeked_) return std::nullopt;
        return std::exchange(ahead_, std::nullopt);
    }
    std::optional<Value> peek(Vm& vm) {
        if (!peeked_) {
            ahead_ = vm.next(inner_);
            peeked_ = true;
        }
        return ahead_;
    }
    std::optional<std::uint64_t> remaining(Vm& vm) const override {
        const auto inner = remaining_of(vm, inner_);
        return inner ? std::optional(*inner + (ahead_ ? 1 : 0)) : inner;
    }
    std::unique_ptr<IteratorState> clone(Vm& vm) const override {
        auto copy = std::make_unique<Peekable>(vm.clone(inner_));
        copy->ahead_ = ahead_;
        copy->peeked_ = peeked_;
        return copy;
    }
    void trace(Tracer& tracer) const override {
        Adapter::trace(tracer);
        if (ahead_) tracer.visit(*ahead_);
    }

private:
    std::optional<Value> ahead_;
    bool peeked_ = false;
};

template <typename T, typename... Args>
Value adapt(NativeCall& call, Args&&... args) {
    // By value: the adapter takes its iterator, whose old name reads as moved.
    const Value inner = call.vm.take_over(call[0]);
    return make_iterator(call.vm, std::make_unique<T>(inner, std::forward<Args>(args)...));
}

Value rev(NativeCall& call) {
    if (!double_ended(call[0])) not_double_ended("rev");
    return adapt<Reverse>(call);
}

Value peek(NativeCall& call) {
    auto& iterator = *static_cast<IteratorObject*>(call[0].object);
    auto* peekable = iterator.kind_of_source() == IteratorSource::state
                         ? dynamic_cast<Peekable*>(iterator.state)
                         : nullptr;
    if (peekable == nullptr) {
        raise(ErrorKind::missing_method, "Missing instance function `peek` for `Iterator`");
    }
    const WriterGuard writer(iterator);
    return option(call.vm, peekable->peek(call.vm));
}

}  // namespace

void add_adapters(AnyTypeBuilder& type) {
    type.raw_method("map", 2, [](NativeCall& call) { return adapt<Map>(call, call[1]); })
        .raw_method("filter", 2, [](NativeCall& call) { return adapt<Filter>(call, call[1]); })
        .raw_method("filter_map", 2,
                    [](NativeCall& call) { return adapt<FilterMap>(call, call[1]); })
        .raw_method("flat_map", 2, [](NativeCall& call) { return adapt<FlatMap>(call, call[1]); })
        .raw_method("enumerate", 1,
                    [](NativeCall& call) { return adapt<Enumerate>(call, std::uint64_t{0}); })
        .raw_method("rev", 1, rev)
        .raw_method("chain", 2,
                    [](NativeCall& call) { return adapt<Chain>(call, call.vm.iterate(call[1])); })
        .raw_method(
            "take", 2,
            [](NativeCall& call) { return adapt<Take>(call, to_unsigned(call.vm, call[1])); })
        .raw_method(
            "skip", 2,
            [](NativeCall& call) { return adapt<Skip>(call, to_unsigned(call.vm, call[1])); })
        .raw_method("peekable", 1, [](NativeCall& call) { return adapt<Peekable>(call); })
        .raw_method("peek", 1, peek)
        .raw_method("iter", 1, [](NativeCall& call) { return call[0]; })
        .raw_method("into_iter", 1, [](NativeCall& call) { return call[0]; });
}

}  // namespace rb::rune
