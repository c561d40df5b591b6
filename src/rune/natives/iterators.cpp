// std::iter: what every iterator does, and what makes one.

#include "rune/vm/iterators.hpp"

#include "rune/natives/iterator_adapters.hpp"
#include "rune/natives/standard.hpp"
#include "rune/syntax/unicode.hpp"
#include "rune/vm.hpp"
#include "rune/vm/operations.hpp"

namespace rb::rune {

namespace {

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
    const auto most = at_most_of(call.vm, call[0]);
    const Value pair[] = {Value::of(at_least_of(call.vm, call[0])),
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
