// std::collections::HashMap.

#include "rune/collections/collections.hpp"
#include "rune/collections/hash_table.hpp"
#include "rune/collections/native_container.hpp"
#include "rune/collections/table_iterator.hpp"

namespace rb::rune {
namespace {

class HashMap final : public NativeObject {
public:
    explicit HashMap(Vm& vm) : table(vm.heap()) {}
    void trace(Tracer& tracer) const override { table.trace(tracer); }

    HashTable table;
};

Value make_map(Vm& vm) {
    return make_container(vm, std::make_unique<HashMap>(vm));
}

HashTable& map_table(Vm& vm, Value map) {
    return vm.native_of<HashMap>(map).table;
}

Value option_of(Vm& vm, const std::optional<Value>& value) {
    return value ? vm.make_some(*value) : vm.make_none();
}

void insert_pair(Vm& vm, HashTable& table, Value pair) {
    const auto parts = vm.items_of(pair);
    if (parts.size() != 2) {
        raise(ErrorKind::type_mismatch, "Expected a pair of key and value but found " +
                                            std::to_string(parts.size()) + " values");
    }
    table.insert(vm, parts[0], parts[1]);
}

void extend_map(Vm& vm, Value map, Value pairs) {
    HashTable& table = map_table(vm, map);
    const WriterGuard writer(unborrowed(vm, map));
    for_each(vm, pairs, [&](Value pair) { insert_pair(vm, table, pair); });
}

template <EntryPart part>
Value iterate_map(Vm& vm, Value map) {
    return iterate_table(vm, map, map_table(vm, map), part);
}

Value get_index(Vm& vm, Value map, Value key) {
    const auto* entry = map_table(vm, map).find(vm, key);
    if (entry == nullptr) {
        raise(ErrorKind::index, "Type `HashMap` missing index " + vm.debug(key));
    }
    return entry->value;
}

template <typename Equal>
bool equal_maps(Vm& vm, Value left, Value right, Equal equal) {
    const HashTable& table = map_table(vm, left);
    if (table.size() != map_table(vm, right).size()) return false;
    for (std::uint32_t i = 0; i < table.used(); ++i) {
        const HashTable::Entry entry = table.entry(i);
        if (!entry.is_live()) continue;
        vm.charge(1);
        const auto* other = map_table(vm, right).find(vm, entry.key);
        if (other == nullptr || !equal(entry.value, other->value)) return false;
    }
    return true;
}

Value clone_map(Vm& vm, Value map) {
    const HashTable& table = map_table(vm, map);
    const Root copy(vm, make_map(vm));
    for (std::uint32_t i = 0; i < table.used(); ++i) {
        const HashTable::Entry& entry = table.entry(i);
        if (!entry.is_live()) continue;
        vm.charge(1);
        map_table(vm, copy.get()).insert(vm, entry.key, entry.value);
    }
    return copy.get();
}

std::string debug_map(Vm& vm, Value map) {
    std::string text = "{";
    for (std::uint32_t i = 0; i < map_table(vm, map).used(); ++i) {
        const HashTable::Entry entry = map_table(vm, map).entry(i);
        if (!entry.is_live()) continue;
        if (text.size() > 1) text += ", ";
        text += vm.debug(entry.key) + ": " + vm.debug(entry.value);
    }
    return text + "}";
}

Value map_from(Vm& vm, Value pairs) {
    const Root map(vm, make_map(vm));
    extend_map(vm, map.get(), pairs);
    return map.get();
}

void declare_makers(AnyTypeBuilder type) {
    type.function("new", [](Vm& vm) { return make_map(vm); })
        .function("from_iter", map_from)
        .function("with_capacity", [](Vm& vm, std::uint64_t capacity) {
            const Root map(vm, make_map(vm));
            map_table(vm, map.get()).reserve(capacity);
            return map.get();
        });
}

void declare_readers(AnyTypeBuilder type) {
    type.method("get",
                [](Vm& vm, Value map, Value key) {
                    const auto* entry = map_table(vm, map).find(vm, key);
                    return entry ? vm.make_some(entry->value) : vm.make_none();
                })
        .method("contains_key",
                [](Vm& vm, Value map, Value key) {
                    return map_table(vm, map).find(vm, key) != nullptr;
                })
        .method("len", [](HashMap& map) { return std::uint64_t{map.table.size()}; })
        .method("is_empty", [](HashMap& map) { return map.table.size() == 0; })
        .method("capacity", [](HashMap& map) { return std::uint64_t{map.table.capacity()}; })
        .method("iter", iterate_map<EntryPart::pair>)
        .method("keys", iterate_map<EntryPart::key>)
        .method("values", iterate_map<EntryPart::value>);
}

void declare_writers(AnyTypeBuilder type) {
    type.method("insert",
                [](Vm& vm, Value map, Value key, Value value) {
                    return option_of(vm, writable<HashMap>(vm, map).table.insert(vm, key, value));
                })
        .method("remove",
                [](Vm& vm, Value map, Value key) {
                    return option_of(vm, writable<HashMap>(vm, map).table.remove(vm, key));
                })
        .method("clear", [](Vm& vm, Value map) { writable<HashMap>(vm, map).table.clear(); })
        .method("extend", extend_map);
}

void declare_map_protocols(AnyTypeBuilder type) {
    type.protocol(Protocol::index_get, get_index)
        .protocol(Protocol::index_set,
                  [](Vm& vm, Value map, Value key, Value value) {
                      writable<HashMap>(vm, map).table.insert(vm, key, value);
                  })
        .protocol(Protocol::into_iter, iterate_map<EntryPart::pair>)
        .protocol(Protocol::clone, clone_map)
        .protocol(Protocol::debug, debug_map)
        .protocol(Protocol::partial_eq,
                  [](Vm& vm, Value left, Value right) {
                      return equal_maps(vm, left, right,
                                        [&](Value a, Value b) { return vm.equal(a, b); });
                  })
        .protocol(Protocol::eq, [](Vm& vm, Value left, Value right) {
            return equal_maps(vm, left, right,
                              [&](Value a, Value b) { return vm.total_equal(a, b); });
        });
}

}  // namespace

void declare_hash_map(Module& collections) {
    AnyTypeBuilder type = collections.type<HashMap>("HashMap");
    declare_makers(type);
    declare_readers(type);
    declare_writers(type);
    declare_map_protocols(type);
    collections.extend("::std::iter::Iterator")
        .raw_method_for("collect", "::std::collections::HashMap", 1,
                        [](NativeCall& call) { return map_from(call.vm, call[0]); });
}

}  // namespace rb::rune
