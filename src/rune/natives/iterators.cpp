// std::iter: adapters and consumers, shared by every iterator.

#include "rune/vm/iterators.hpp"

#include "rune/natives/standard.hpp"
#include "rune/syntax/unicode.hpp"
#include "rune/vm.hpp"
#include "rune/vm/object_table.hpp"
#include "rune/vm/operations.hpp"

namespace rb::rune {

namespace {

bool truth(Vm& vm, Value value) {
    if (value.tag != Tag::boolean) mismatch(vm, "bool", value);
    return value.boolean;
}

Value call_one(Vm& vm, Value function, Value argument) {
    return vm.call_function(function, {&argument, 1});
}

bool double_ended(Value value) {
    if (!value.is(Kind::iterator)) return false;
    const auto& iterator = *static_cast<IteratorObject*>(value.object);
    if (iterator.kind_of_source() == IteratorSource::state) {
        return iterator.state->is_double_ended();
    }
    return !iterator.endless;
}

// An adapter over one other iterator.
class Adapter : public IteratorState {
public:
    explicit Adapter(Value inner) : inner_(inner) {}
    bool is_double_ended() const override { return double_ended(inner_); }
    void trace(Tracer& tracer) const override { tracer.visit(inner_); }

protected:
    Value inner_;
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
    bool is_double_ended() const override { return false; }
    std::optional<Value> next(Vm& vm) override {
        while (true) {
            if (current_) {
                if (const auto item = vm.next(*current_)) return item;
                current_.reset();
            }
            const auto outer = vm.next(inner_);
            if (!outer) return std::nullopt;
            vm.charge(1);
            current_ = vm.iterate(call_one(vm, function_, *outer));
        }
    }
    void trace(Tracer& tracer) const override {
        Adapter::trace(tracer);
        tracer.visit(function_);
        if (current_) tracer.visit(*current_);
    }

private:
    Value function_;
    std::optional<Value> current_;
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
        const auto left = remaining_of(vm, inner_);
        const auto item = next_back_value(vm, inner_);
        if (!item) return std::nullopt;
        const Value pair[] = {Value::of(at_ + left.value_or(1) - 1), *item};
        return vm.make_tuple(pair);
    }
    std::optional<std::uint64_t> remaining(Vm& vm) const override {
        return remaining_of(vm, inner_);
    }
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
    std::unique_ptr<IteratorState> clone(Vm& vm) const override {
        return std::make_unique<Reverse>(vm.clone(inner_));
    }
};

class Chain final : public Adapter {
public:
    Chain(Value first, Value second) : Adapter(first), second_(second) {}
    bool is_double_ended() const override { return double_ended(inner_) && double_ended(second_); }
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
    bool is_double_ended() const override { return false; }
    std::optional<Value> next(Vm& vm) override {
        if (left_ == 0) return std::nullopt;
        --left_;
        return vm.next(inner_);
    }
    std::optional<std::uint64_t> remaining(Vm& vm) const override {
        const auto inner = remaining_of(vm, inner_);
        return inner ? std::min(*inner, left_) : inner;
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
        const auto inner = remaining_of(vm, inner_);
        if (inner && *inner <= left_) return std::nullopt;
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

Value option(Vm& vm, std::optional<Value> item) {
    return item ? vm.make_some(*item) : vm.make_none();
}

[[noreturn]] void not_double_ended(std::string_view method) {
    raise(ErrorKind::missing_method, "Missing instance function `" + std::string(method) +
                                         "` for `Iterator`: its source has no back end");
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
    return option(call.vm, peekable->peek(call.vm));
}

template <typename Visit>
void each(NativeCall& call, Visit visit) {
    while (const auto item = call.vm.next(call[0])) {
        call.vm.charge(1);
        if (!visit(*item)) return;
    }
}

Value fold(NativeCall& call) {
    Value accumulator = call[1];
    each(call, [&](Value item) {
        const Value pair[] = {accumulator, item};
        accumulator = call.vm.call_function(call[2], pair);
        return true;
    });
    return accumulator;
}

Value reduce(NativeCall& call) {
    auto accumulator = call.vm.next(call[0]);
    if (!accumulator) return call.vm.make_none();
    each(call, [&](Value item) {
        const Value pair[] = {*accumulator, item};
        accumulator = call.vm.call_function(call[1], pair);
        return true;
    });
    return call.vm.make_some(*accumulator);
}

Value find(NativeCall& call) {
    std::optional<Value> found;
    each(call, [&](Value item) {
        if (!truth(call.vm, call_one(call.vm, call[1], item))) return true;
        found = item;
        return false;
    });
    return option(call.vm, found);
}

// any: stops at the first true; all: at the first false.
Value test_each(NativeCall& call, bool stop_at) {
    bool result = !stop_at;
    each(call, [&](Value item) {
        result = truth(call.vm, call_one(call.vm, call[1], item));
        return result != stop_at;
    });
    return Value::of(result);
}

Value count(NativeCall& call) {
    std::uint64_t total = 0;
    each(call, [&](Value) {
        ++total;
        return true;
    });
    return Value::of(total);
}

Value nth(NativeCall& call, bool back) {
    if (back && !double_ended(call[0])) not_double_ended("nth_back");
    const auto step = [&] {
        return back ? next_back_value(call.vm, call[0]) : call.vm.next(call[0]);
    };
    for (std::uint64_t left = to_unsigned(call.vm, call[1]); left > 0; --left) {
        call.vm.charge(1);
        if (!step()) return call.vm.make_none();
    }
    return option(call.vm, step());
}

Value length(NativeCall& call) {
    const auto left = remaining_of(call.vm, call[0]);
    if (!left) {
        raise(ErrorKind::missing_method,
              "Missing instance function `len` for `Iterator`: its length is not known");
    }
    return Value::of(*left);
}

Value size_hint(NativeCall& call) {
    const auto left = remaining_of(call.vm, call[0]);
    const auto most = at_most_of(call.vm, call[0]);
    const Value pair[] = {Value::of(left.value_or(0)),
                          most ? call.vm.make_some(Value::of(*most)) : call.vm.make_none()};
    return call.vm.make_tuple(pair);
}

Value accumulate(NativeCall& call, BinaryOp op, Value start) {
    Value total = start;
    each(call, [&](Value item) {
        if (item.tag != start.tag) mismatch(call.vm, call.vm.type_of(start).name, item);
        total = binary_operation(call.vm, op, total, item);
        return true;
    });
    return total;
}

Value collect_vec(NativeCall& call) {
    const Value vec = call.vm.make_vec({});
    each(call, [&](Value item) {
        call.vm.push(vec, item);
        return true;
    });
    return vec;
}

Value collect_tuple(NativeCall& call) {
    const Value vec = collect_vec(call);
    return call.vm.make_tuple(call.vm.items_of(vec));
}

Value collect_string(NativeCall& call) {
    const Value text = call.vm.make_string("");
    each(call, [&](Value item) {
        if (item.tag == Tag::character) {
            std::string scalar;
            append_scalar(scalar, item.character);
            call.vm.append(text, scalar);
        } else {
            call.vm.append(text, call.vm.string_of(item));
        }
        return true;
    });
    return text;
}

Value collect_object(NativeCall& call) {
    const Value object = call.vm.make_object();
    each(call, [&](Value item) {
        const auto pair = call.vm.items_of(item);
        if (pair.size() != 2) mismatch(call.vm, "(String, Value)", item);
        call.vm.set_field(object, call.vm.string_of(pair[0]), pair[1]);
        return true;
    });
    return object;
}

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

void add_consumers(AnyTypeBuilder& type) {
    type.raw_method("next", 1,
                    [](NativeCall& call) { return option(call.vm, call.vm.next(call[0])); })
        .raw_method("next_back", 1,
                    [](NativeCall& call) {
                        if (!double_ended(call[0])) not_double_ended("next_back");
                        return option(call.vm, next_back_value(call.vm, call[0]));
                    })
        .raw_method("nth", 2, [](NativeCall& call) { return nth(call, false); })
        .raw_method("nth_back", 2, [](NativeCall& call) { return nth(call, true); })
        .raw_method("fold", 3, fold)
        .raw_method("reduce", 2, reduce)
        .raw_method("find", 2, find)
        .raw_method("any", 2, [](NativeCall& call) { return test_each(call, true); })
        .raw_method("all", 2, [](NativeCall& call) { return test_each(call, false); })
        .raw_method("count", 1, count)
        .raw_method("len", 1, length)
        .raw_method("size_hint", 1, size_hint);
    const auto numbers = [&](std::string_view path, Value zero, Value one) {
        type.raw_method_for("sum", path, 1, [zero](NativeCall& call) {
            return accumulate(call, BinaryOp::add, zero);
        });
        type.raw_method_for("product", path, 1, [one](NativeCall& call) {
            return accumulate(call, BinaryOp::mul, one);
        });
    };
    numbers("::std::i64", Value::of(std::int64_t{0}), Value::of(std::int64_t{1}));
    numbers("::std::u64", Value::of(std::uint64_t{0}), Value::of(std::uint64_t{1}));
    numbers("::std::f64", Value::of(0.0), Value::of(1.0));
    type.raw_method_for("collect", "::std::vec::Vec", 1, collect_vec)
        .raw_method_for("collect", "::std::tuple::Tuple", 1, collect_tuple)
        .raw_method_for("collect", "::std::string::String", 1, collect_string)
        .raw_method_for("collect", "::std::object::Object", 1, collect_object);
}

}  // namespace

void add_iterators(std::vector<Module>& modules) {
    Module module("std::iter");
    AnyTypeBuilder type = module.type("Iterator");
    add_adapters(type);
    add_consumers(type);
    module.raw_function(
        "once", 1, [](NativeCall& call) { return call.vm.iterate(call.vm.make_some(call[0])); });
    module.raw_function("empty", 0,
                        [](NativeCall& call) { return call.vm.iterate(call.vm.make_none()); });
    module.raw_function("range", 2, [](NativeCall& call) {
        return call.vm.iterate(call.vm.make_range(RangeKind::range, call[0], call[1]));
    });
    modules.push_back(std::move(module));
}

}  // namespace rb::rune
