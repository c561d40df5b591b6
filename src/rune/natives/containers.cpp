// Vec, Tuple, Object and ranges.

#include "rune/bytecode/unit_data.hpp"
#include "rune/natives/slices.hpp"
#include "rune/natives/standard.hpp"
#include "rune/vm.hpp"
#include "rune/vm/borrows.hpp"
#include "rune/vm/heap.hpp"
#include "rune/vm/iterators.hpp"
#include "rune/vm/object_table.hpp"
#include "rune/vm/operations.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace rb::rune {

std::optional<Slice> slice_of(Vm& vm, Value value, std::size_t length) {
    if (!value.is(Kind::range)) mismatch(vm, "Range", value);
    const auto& range = *static_cast<RangeObject*>(value.object);
    const RangeKind kind = range.range_kind();
    const bool has_start =
        kind == RangeKind::range || kind == RangeKind::inclusive || kind == RangeKind::from;
    const bool has_end = kind != RangeKind::from && kind != RangeKind::full;
    const bool inclusive = kind == RangeKind::inclusive || kind == RangeKind::to_inclusive;
    const std::uint64_t start = has_start ? to_unsigned(vm, range.start) : 0;
    std::uint64_t end = has_end ? to_unsigned(vm, range.end) : length;
    if (inclusive && __builtin_add_overflow(end, 1, &end)) return std::nullopt;
    if (start > end || end > length) return std::nullopt;
    return Slice{start, end};
}

void slice_out_of_bounds(Vm& vm, Value range, std::size_t length) {
    raise(ErrorKind::index, "Index out of bounds, the length is `" + std::to_string(length) +
                                "` but the index is `" + vm.debug(range) + "`");
}

namespace {

VecObject& vec_of(NativeCall& call) {
    if (!call[0].is(Kind::vec)) mismatch(call.vm, "Vec", call[0]);
    return *static_cast<VecObject*>(call[0].object);
}

VecObject& writable_vec(NativeCall& call) {
    VecObject& vec = vec_of(call);
    call.vm.require_writable(call[0]);
    return vec;
}

[[noreturn]] void out_of_bounds(std::size_t length, std::uint64_t index) {
    raise(ErrorKind::index, "Index out of bounds, the length is `" + std::to_string(length) +
                                "` but the index is `" + std::to_string(index) + "`");
}

Value get(NativeCall& call) {
    const std::span<Value> items = call.vm.items_of(call[0]);
    if (call[1].is(Kind::range)) {
        const auto slice = slice_of(call.vm, call[1], items.size());
        if (!slice) return call.vm.make_none();
        return call.vm.make_some(
            call.vm.make_vec(items.subspan(slice->start, slice->end - slice->start)));
    }
    const std::uint64_t at = to_unsigned(call.vm, call[1]);
    return at < items.size() ? call.vm.make_some(items[at]) : call.vm.make_none();
}

Value slice(NativeCall& call) {
    const std::span<Value> items = call.vm.items_of(call[0]);
    if (!call[1].is(Kind::range)) {
        raise(ErrorKind::index, "Type `" + call.vm.type_of(call[0]).name + "` missing index");
    }
    const auto part = slice_of(call.vm, call[1], items.size());
    if (!part) slice_out_of_bounds(call.vm, call[1], items.size());
    return call.vm.make_vec(items.subspan(part->start, part->end - part->start));
}

Value insert(NativeCall& call) {
    VecObject& vec = writable_vec(call);
    const std::uint64_t at = to_unsigned(call.vm, call[1]);
    if (at > vec.length) out_of_bounds(vec.length, at);
    call.vm.push(call[0], call[2]);
    std::copy_backward(vec.items + at, vec.items + vec.length - 1, vec.items + vec.length);
    vec.items[at] = call[2];
    call.vm.charge(static_cast<std::int64_t>((vec.length - at) / 64));
    return {};
}

Value remove(NativeCall& call) {
    VecObject& vec = writable_vec(call);
    const std::uint64_t at = to_unsigned(call.vm, call[1]);
    if (at >= vec.length) out_of_bounds(vec.length, at);
    const Value removed = vec.items[at];
    std::copy(vec.items + at + 1, vec.items + vec.length, vec.items + at);
    --vec.length;
    call.vm.charge(static_cast<std::int64_t>((vec.length - at) / 64));
    return removed;
}

Value extend(NativeCall& call) {
    writable_vec(call);
    if (call[1].is_heap() && call[1].object == call[0].object) {
        raise(ErrorKind::access,
              "Cannot read, value has snapshot X-000000 and is not available for reading");
    }
    const Value iterator = call.vm.iterate(call[1]);
    while (const auto item = call.vm.next(iterator)) {
        call.vm.charge(1);
        call.vm.push(call[0], *item);
    }
    return {};
}

Value resize(NativeCall& call) {
    VecObject& vec = writable_vec(call);
    const std::uint64_t wanted = to_unsigned(call.vm, call[1]);
    if (wanted <= vec.length) {
        vec.length = static_cast<std::uint32_t>(wanted);
        return {};
    }
    while (vec.length < wanted) {
        call.vm.charge(1);
        call.vm.push(call[0], call.vm.clone(call[2]));
    }
    return {};
}

// Stable merge sort over a copy: the comparison may run any script, fail, or contradict itself.
template <typename Less>
void merge_sort(std::vector<Value>& items, std::vector<Value>& buffer, Less less) {
    const std::size_t count = items.size();
    for (std::size_t width = 1; width < count; width *= 2) {
        for (std::size_t start = 0; start < count; start += 2 * width) {
            const std::size_t middle = std::min(start + width, count);
            const std::size_t end = std::min(start + 2 * width, count);
            std::size_t left = start;
            std::size_t right = middle;
            for (std::size_t to = start; to < end; ++to) {
                const bool take_right =
                    right < end && (left >= middle || less(items[right], items[left]));
                buffer[to] = take_right ? items[right++] : items[left++];
            }
        }
        std::swap(items, buffer);
    }
}

template <typename Less>
Value sort_with(NativeCall& call, Less less) {
    VecObject& vec = writable_vec(call);
    RootVector items(call.vm);
    RootVector buffer(call.vm);
    items.values.assign(vec.items, vec.items + vec.length);
    buffer.values = items.values;
    {
        const WriterGuard guard(vec);
        merge_sort(items.values, buffer.values, less);
    }
    std::copy(items.values.begin(), items.values.end(), vec.items);
    return {};
}

Value sort(NativeCall& call) {
    return sort_with(
        call, [&](Value left, Value right) { return call.vm.total_compare(left, right) < 0; });
}

Value sort_by(NativeCall& call) {
    return sort_with(call, [&](Value left, Value right) {
        const Value pair[] = {left, right};
        const Value order = call.vm.call_function(call[1], pair);
        if (order.tag != Tag::ordering) mismatch(call.vm, "Ordering", order);
        return order.integer < 0;
    });
}

Value vec_with_capacity(NativeCall& call) {
    const Value result = call.vm.make_vec({});
    const std::uint64_t wanted = to_unsigned(call.vm, call[0]);
    if (wanted > std::numeric_limits<std::int32_t>::max()) {
        raise(ErrorKind::memory, "Value is too large");
    }
    auto& vec = *static_cast<VecObject*>(result.object);
    if (wanted > 0) {
        vec.items =
            static_cast<Value*>(call.vm.heap().grow_buffer(nullptr, 0, wanted * sizeof(Value)));
        vec.capacity = static_cast<std::uint32_t>(wanted);
    }
    return result;
}

Value length_of(NativeCall& call) {
    return Value::of(std::uint64_t{call.vm.items_of(call[0]).size()});
}

}  // namespace

void add_vectors(std::vector<Module>& modules) {
    Module module("std::vec");
    AnyTypeBuilder type = module.type("Vec");
    type.raw_function("new", 0, [](NativeCall& call) { return call.vm.make_vec({}); })
        .raw_function("with_capacity", 1, vec_with_capacity);
    type.raw_method("len", 1, length_of)
        .raw_method("is_empty", 1,
                    [](NativeCall& call) { return Value::of(vec_of(call).length == 0); })
        .raw_method(
            "capacity", 1,
            [](NativeCall& call) { return Value::of(std::uint64_t{vec_of(call).capacity}); })
        .raw_method("push", 2,
                    [](NativeCall& call) {
                        call.vm.push(call[0], call[1]);
                        return Value();
                    })
        .raw_method("pop", 1,
                    [](NativeCall& call) {
                        VecObject& vec = writable_vec(call);
                        if (vec.length == 0) return call.vm.make_none();
                        return call.vm.make_some(vec.items[--vec.length]);
                    })
        .raw_method("get", 2, get)
        .raw_method("insert", 3, insert)
        .raw_method("remove", 2, remove)
        .raw_method("extend", 2, extend)
        .raw_method("iter", 1, [](NativeCall& call) { return call.vm.iterate(call[0]); })
        .raw_method("sort", 1, sort)
        .raw_method("sort_by", 2, sort_by)
        .raw_method("clear", 1,
                    [](NativeCall& call) {
                        writable_vec(call).length = 0;
                        return Value();
                    })
        .raw_method("resize", 3, resize)
        .raw_protocol(Protocol::index_get, slice);
    modules.push_back(std::move(module));

    Module tuple("std::tuple");
    tuple.type("Tuple")
        .raw_method("len", 1, length_of)
        .raw_method("is_empty", 1,
                    [](NativeCall& call) { return Value::of(call.vm.items_of(call[0]).empty()); })
        .raw_method("get", 2, get)
        .raw_method("iter", 1, [](NativeCall& call) { return call.vm.iterate(call[0]); })
        .raw_protocol(Protocol::index_get, slice);
    modules.push_back(std::move(tuple));
}

namespace {

TableObject& table_of(NativeCall& call) {
    if (!call[0].is(Kind::object)) mismatch(call.vm, "Object", call[0]);
    return *static_cast<TableObject*>(call[0].object);
}

Value object_insert(NativeCall& call) {
    (void)table_of(call);
    const std::string_view key = call.vm.string_of(call[1]);
    const auto old = call.vm.get_field(call[0], key);
    call.vm.set_field(call[0], key, call[2]);
    return old ? call.vm.make_some(*old) : call.vm.make_none();
}

Value object_remove(NativeCall& call) {
    TableObject& table = table_of(call);
    call.vm.require_writable(call[0]);
    const std::string_view key = call.vm.string_of(call[1]);
    const std::uint32_t found = table_find(table, key, key_hash(key));
    if (found == not_found) return call.vm.make_none();
    const Value removed = table.entries[found].value;
    table_erase(table, found);
    return call.vm.make_some(removed);
}

// One side of the pairs of another iterator.
class SideIterator final : public IteratorState {
public:
    SideIterator(Value pairs, std::size_t side) : pairs_(pairs), side_(side) {}
    std::optional<Value> next(Vm& vm) override {
        const auto pair = vm.next(pairs_);
        if (!pair) return std::nullopt;
        return vm.items_of(*pair)[side_];
    }
    std::optional<std::uint64_t> remaining(Vm& vm) const override {
        return remaining_of(vm, pairs_);
    }
    std::unique_ptr<IteratorState> clone(Vm& vm) const override {
        return std::make_unique<SideIterator>(copy_iterator(vm, pairs_), side_);
    }
    void trace(Tracer& tracer) const override { tracer.visit(pairs_); }

private:
    Value pairs_;
    std::size_t side_;
};

Value side(NativeCall& call, std::size_t which) {
    (void)table_of(call);
    return make_iterator(call.vm, std::make_unique<SideIterator>(call.vm.iterate(call[0]), which));
}

}  // namespace

void add_objects(std::vector<Module>& modules) {
    Module module("std::object");
    AnyTypeBuilder type = module.type("Object");
    type.raw_function("new", 0, [](NativeCall& call) { return call.vm.make_object(); })
        .raw_function("with_capacity", 1, [](NativeCall& call) {
            const Value object = call.vm.make_object();
            const std::uint64_t wanted = to_unsigned(call.vm, call[0]);
            if (wanted > std::numeric_limits<std::int32_t>::max()) {
                raise(ErrorKind::memory, "Value is too large");
            }
            table_reserve(call.vm.heap(), *static_cast<TableObject*>(object.object),
                          static_cast<std::uint32_t>(wanted));
            return object;
        });
    type.raw_method("len", 1,
                    [](NativeCall& call) { return Value::of(std::uint64_t{table_of(call).live}); })
        .raw_method("is_empty", 1,
                    [](NativeCall& call) { return Value::of(table_of(call).live == 0); })
        .raw_method("get", 2,
                    [](NativeCall& call) {
                        const auto found = call.vm.get_field(call[0], call.vm.string_of(call[1]));
                        return found ? call.vm.make_some(*found) : call.vm.make_none();
                    })
        .raw_method("contains_key", 2,
                    [](NativeCall& call) {
                        const auto found = call.vm.get_field(call[0], call.vm.string_of(call[1]));
                        return Value::of(found.has_value());
                    })
        .raw_method("insert", 3, object_insert)
        .raw_method("remove", 2, object_remove)
        .raw_method("clear", 1,
                    [](NativeCall& call) {
                        TableObject& table = table_of(call);
                        call.vm.require_writable(call[0]);
                        table_clear(table);
                        return Value();
                    })
        .raw_method("iter", 1, [](NativeCall& call) { return call.vm.iterate(call[0]); })
        .raw_method("keys", 1, [](NativeCall& call) { return side(call, 0); })
        .raw_method("values", 1, [](NativeCall& call) { return side(call, 1); });
    modules.push_back(std::move(module));
}

namespace {

RangeObject& range_of(NativeCall& call) {
    return *static_cast<RangeObject*>(call[0].object);
}

Value contains(NativeCall& call) {
    const RangeObject& range = range_of(call);
    const RangeKind kind = range.range_kind();
    const bool has_start =
        kind == RangeKind::range || kind == RangeKind::inclusive || kind == RangeKind::from;
    const bool has_end = kind != RangeKind::from && kind != RangeKind::full;
    const bool inclusive = kind == RangeKind::inclusive || kind == RangeKind::to_inclusive;
    if (has_start) {
        const auto order = call.vm.partial_compare(range.start, call[1]);
        if (!order || *order > 0) return Value::of(false);
    }
    if (has_end) {
        const auto order = call.vm.partial_compare(call[1], range.end);
        if (!order || (inclusive ? *order > 0 : *order >= 0)) return Value::of(false);
    }
    return Value::of(true);
}

}  // namespace

void add_ranges(std::vector<Module>& modules) {
    Module ops("std::ops");
    struct Sort {
        std::string_view name;
        bool start;
        bool end;
    };
    constexpr Sort sorts[] = {
        {"Range", true, true},    {"RangeInclusive", true, true},    {"RangeFrom", true, false},
        {"RangeTo", false, true}, {"RangeToInclusive", false, true}, {"RangeFull", false, false},
    };
    for (const auto& [name, start, end] : sorts) {
        AnyTypeBuilder type = ops.type(name);
        type.raw_method("contains", 2, contains);
        if (start) {
            type.raw_getter("start", [](NativeCall& call) { return range_of(call).start; })
                .raw_setter("start",
                            [](NativeCall& call) {
                                range_of(call).start = call[1];
                                return Value();
                            })
                .raw_method("iter", 1, [](NativeCall& call) { return call.vm.iterate(call[0]); });
        }
        if (end) {
            type.raw_getter("end", [](NativeCall& call) { return range_of(call).end; })
                .raw_setter("end", [](NativeCall& call) {
                    range_of(call).end = call[1];
                    return Value();
                });
        }
    }
    modules.push_back(std::move(ops));
}

}  // namespace rb::rune
