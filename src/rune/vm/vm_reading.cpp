// Vm: how values are read, changed in place and taken.

#include "rune/bytecode/unit_data.hpp"
#include "rune/context.hpp"
#include "rune/vm.hpp"
#include "rune/vm/heap.hpp"
#include "rune/vm/interpreter.hpp"
#include "rune/vm/object_table.hpp"
#include "rune/vm/objects.hpp"

#include <cstdio>
#include <cstring>

namespace rb::rune {

namespace {

TableObject& table_of(const Vm& vm, Value value) {
    if (value.is(Kind::object)) return *static_cast<TableObject*>(value.object);
    raise(ErrorKind::type_mismatch,
          "Expected type `Object` but found `" + vm.type_of(value).name + "`");
}

}  // namespace

const TypeInfo& Vm::type_of(Value value) const {
    if (value.is_heap()) {
        if (value.object->kind == Kind::moved) {
            raise(ErrorKind::access,
                  "Cannot read, value has snapshot M-000000 and is not available for reading");
        }
        if (value.object->kind == Kind::structure) {
            return *static_cast<StructObject*>(value.object)->shape->type;
        }
    }
    return *context().type_of(value);
}

bool Vm::is_type(Value value, const TypeInfo& type) const {
    return &type_of(value) == &type;
}

void Vm::require_writable(Value value) const {
    if (!value.is_heap()) return;
    HeapObject& object = *value.object;
    if (object.borrow > 0) {
        // Iterators nobody can use any more do not count; finding out takes a walk over the heap.
        interpreter_->charge(static_cast<std::int64_t>(heap_->bytes() / 256));
        interpreter_->clear_dead_registers();
        heap_->settle_borrows(&object);
    }
    if (object.kind == Kind::moved) {
        raise(ErrorKind::access,
              "Cannot write, value has snapshot M-000000 and is not available for writing");
    }
    if (object.borrow != 0) {
        char snapshot[24];
        if (object.borrow < 0) {
            std::snprintf(snapshot, sizeof snapshot, "X-000000");
        } else {
            std::snprintf(snapshot, sizeof snapshot, "--%06d", object.borrow);
        }
        raise(ErrorKind::access, "Cannot write, value has snapshot " + std::string(snapshot) +
                                     " and is not available for writing");
    }
}

std::string_view Vm::string_of(Value value) const {
    if (value.is(Kind::string)) return static_cast<StringObject*>(value.object)->view();
    raise(ErrorKind::type_mismatch,
          "Expected type `String` but found `" + type_of(value).name + "`");
}

std::string_view Vm::bytes_of(Value value) const {
    if (value.is(Kind::bytes)) return static_cast<StringObject*>(value.object)->view();
    raise(ErrorKind::type_mismatch,
          "Expected type `Bytes` but found `" + type_of(value).name + "`");
}

std::span<Value> Vm::items_of(Value value) const {
    if (value.is(Kind::vec)) return static_cast<VecObject*>(value.object)->span();
    if (value.is(Kind::tuple)) return static_cast<TupleObject*>(value.object)->span();
    if (value.is_unit()) return {};
    raise(ErrorKind::type_mismatch, "Expected type `Vec` but found `" + type_of(value).name + "`");
}

std::optional<Value> Vm::get_field(Value object, std::string_view key) const {
    const TableObject& table = table_of(*this, object);
    interpreter_->charge(static_cast<std::int64_t>(key.size() / 64));
    const std::uint32_t found = table_find(table, key, key_hash(key));
    if (found == not_found) return std::nullopt;
    return table.entries[found].value;
}

void Vm::set_field(Value object, std::string_view key, Value value) {
    TableObject& table = table_of(*this, object);
    require_writable(object);
    charge_bytes(key.size());
    const std::uint32_t found = table_find(table, key, key_hash(key));
    if (found != not_found) {
        table.entries[found].value = value;
        return;
    }
    table_set(*heap_, table, make_heap_key(*heap_, key), value);
}

void Vm::each_field(Value object, const std::function<void(std::string_view, Value)>& visit) const {
    const TableObject& table = table_of(*this, object);
    for (std::uint32_t i = 0; i < table.used; ++i) {
        const TableEntry entry = table.entries[i];
        if (entry.key != nullptr) visit(entry.key->view(), entry.value);
    }
}

Value Vm::copy_object(Value object) {
    const Value copy = make_object();
    auto& target = *static_cast<TableObject*>(copy.object);
    const TableObject& source = table_of(*this, object);
    charge(source.live);
    table_reserve(*heap_, target, source.live);
    for (std::uint32_t i = 0; i < source.used; ++i) {
        if (source.entries[i].key == nullptr) continue;
        table_set(*heap_, target, source.entries[i].key, source.entries[i].value);
    }
    return copy;
}

const Shape* Vm::shape_of(Value value) const {
    return value.is(Kind::structure) ? static_cast<StructObject*>(value.object)->shape : nullptr;
}

std::span<Value> Vm::fields_of(Value value) const {
    const Shape* shape = shape_of(value);
    if (shape == nullptr) {
        raise(ErrorKind::type_mismatch,
              "Expected a struct or variant but found `" + type_of(value).name + "`");
    }
    return {static_cast<StructObject*>(value.object)->fields(), shape->fields.size()};
}

std::optional<Value> Vm::option_of(Value value) const {
    if (value.is(Kind::variant)) {
        const auto* variant = static_cast<VariantObject*>(value.object);
        if (variant->which() == BuiltinVariant::some) return variant->payload;
        if (variant->which() == BuiltinVariant::none) return std::nullopt;
    }
    raise(ErrorKind::type_mismatch,
          "Expected type `Option` but found `" + type_of(value).name + "`");
}

NativeObject& Vm::native_object_of(Value value, const TypeInfo* type) const {
    if (value.is(Kind::native)) {
        const auto* holder = static_cast<NativeHolder*>(value.object);
        if (holder->type == type) return *holder->object;
    }
    raise(ErrorKind::type_mismatch, "Expected type `" + (type == nullptr ? "?" : type->name) +
                                        "` but found `" + type_of(value).name + "`");
}

const TypeInfo* Vm::native_type(std::type_index type) const {
    const TypeInfo* found = context().type_of_cpp(type);
    if (found == nullptr) raise(ErrorKind::host, "A native uses a type no module declares");
    return found;
}

void Vm::take(Value value) {
    if (!value.is_heap() || value.object->immortal != 0) return;
    if (value.object->kind == Kind::moved) {
        raise(ErrorKind::access,
              "Cannot take, value has snapshot M-000000 and is not available for taking");
    }
    require_writable(value);
    heap_->empty(value.object);
}

Value Vm::take_over(Value value) {
    if (!value.is_heap()) return value;
    require_writable(value);
    HeapObject* old = value.object;
    if (old->immortal != 0) return value;
    const std::size_t bytes = Heap::object_bytes(old);
    auto* fresh = heap_->make<HeapObject>(old->kind, bytes - sizeof(HeapObject));
    std::memcpy(static_cast<void*>(fresh), static_cast<const void*>(old), bytes);
    fresh->mark = 0;
    // What the old one owned now belongs to the new one.
    old->kind = Kind::moved;
    return Value::reference(fresh);
}

}  // namespace rb::rune
