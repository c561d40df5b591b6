// std::collections::HashSet.

#include "rune/collections/collections.hpp"
#include "rune/collections/hash_table.hpp"
#include "rune/collections/native_container.hpp"
#include "rune/collections/table_iterator.hpp"

namespace rb::rune {
namespace {

class HashSet final : public NativeObject {
public:
    explicit HashSet(Vm& vm) : table(vm.heap()) {}
    void trace(Tracer& tracer) const override { table.trace(tracer); }

    // The values are all `()`.
    HashTable table;
};

Value make_set(Vm& vm) {
    return make_container(vm, std::make_unique<HashSet>(vm));
}

HashTable& set_table(Vm& vm, Value set) {
    return vm.native_of<HashSet>(set).table;
}

Value iterate_set(Vm& vm, Value set) {
    return iterate_table(vm, set, set_table(vm, set), EntryPart::key);
}

void extend_set(Vm& vm, Value set, Value items) {
    HashTable& table = set_table(vm, set);
    const WriterGuard writer(unborrowed(vm, set));
    for_each(vm, items, [&](Value item) { table.insert(vm, item, Value::unit()); });
}

Value set_from(Vm& vm, Value items) {
    const Root set(vm, make_set(vm));
    extend_set(vm, set.get(), items);
    return set.get();
}

// Appends to the Vec `list` what of `set` passes `test`.
template <typename Test>
void collect_if(Vm& vm, Value list, Value set, Test test) {
    const HashTable& table = set_table(vm, set);
    for (std::uint32_t i = 0; i < table.used(); ++i) {
        const Value key = table.entry(i).key;
        if (!table.entry(i).is_live()) continue;
        vm.charge(1);
        if (test(key)) vm.push(list, key);
    }
}

Value set_items(Vm& vm, Value set) {
    const Root list(vm, vm.make_vec({}));
    collect_if(vm, list.get(), set, [](Value) { return true; });
    return list.get();
}

// The members of `left` that are, or are not, in `right`.
Value members(Vm& vm, Value left, Value right, bool in_right) {
    const HashTable& other = set_table(vm, right);
    const Root list(vm, vm.make_vec({}));
    collect_if(vm, list.get(), left,
               [&](Value key) { return (other.find(vm, key) != nullptr) == in_right; });
    return list.get();
}

Value union_of(Vm& vm, Value left, Value right) {
    const Root list(vm, set_items(vm, left));
    const HashTable& known = set_table(vm, left);
    collect_if(vm, list.get(), right, [&](Value key) { return known.find(vm, key) == nullptr; });
    return list.get();
}

bool equal_sets(Vm& vm, Value left, Value right) {
    if (set_table(vm, left).size() != set_table(vm, right).size()) return false;
    const HashTable& table = set_table(vm, left);
    for (std::uint32_t i = 0; i < table.used(); ++i) {
        vm.charge(1);
        const Value key = table.entry(i).key;
        if (table.entry(i).is_live() && set_table(vm, right).find(vm, key) == nullptr) return false;
    }
    return true;
}

std::string debug_set(Vm& vm, Value set) {
    std::string text = "{";
    for (std::uint32_t i = 0; i < set_table(vm, set).used(); ++i) {
        const HashTable::Entry entry = set_table(vm, set).entry(i);
        if (!entry.is_live()) continue;
        if (text.size() > 1) text += ", ";
        text += vm.debug(entry.key);
    }
    return text + "}";
}

void declare_methods(AnyTypeBuilder type) {
    type.method("contains", [](Vm& vm, Value set,
                               Value item) { return set_table(vm, set).find(vm, item) != nullptr; })
        .method("insert",
                [](Vm& vm, Value set, Value item) {
                    return !writable<HashSet>(vm, set).table.insert(vm, item, Value::unit());
                })
        .method("remove",
                [](Vm& vm, Value set, Value item) {
                    return writable<HashSet>(vm, set).table.remove(vm, item).has_value();
                })
        .method("clear", [](Vm& vm, Value set) { writable<HashSet>(vm, set).table.clear(); })
        .method("extend", extend_set)
        .method("len", [](HashSet& set) { return std::uint64_t{set.table.size()}; })
        .method("is_empty", [](HashSet& set) { return set.table.size() == 0; })
        .method("capacity", [](HashSet& set) { return std::uint64_t{set.table.capacity()}; })
        .method("iter", iterate_set);
}

void declare_algebra(AnyTypeBuilder type) {
    type.method("union", [](Vm& vm, Value left,
                            Value right) { return vm.iterate(union_of(vm, left, right)); })
        .method("intersection",
                [](Vm& vm, Value left, Value right) {
                    return vm.iterate(members(vm, left, right, true));
                })
        .method("difference", [](Vm& vm, Value left, Value right) {
            return vm.iterate(members(vm, left, right, false));
        });
}

}  // namespace

void declare_hash_set(Module& collections) {
    AnyTypeBuilder type = collections.type<HashSet>("HashSet");
    type.function("new", [](Vm& vm) { return make_set(vm); })
        .function("from_iter", set_from)
        .function("with_capacity", [](Vm& vm, std::uint64_t capacity) {
            const Root set(vm, make_set(vm));
            set_table(vm, set.get()).reserve(capacity);
            return set.get();
        });
    declare_methods(type);
    declare_algebra(type);
    type.protocol(Protocol::into_iter, iterate_set)
        .protocol(Protocol::clone, set_from)
        .protocol(Protocol::debug, debug_set)
        .protocol(Protocol::partial_eq, equal_sets)
        .protocol(Protocol::eq, equal_sets);
    collections.extend("::std::iter::Iterator")
        .raw_method_for("collect", "::std::collections::HashSet", 1,
                        [](NativeCall& call) { return set_from(call.vm, call[0]); });
}

}  // namespace rb::rune
