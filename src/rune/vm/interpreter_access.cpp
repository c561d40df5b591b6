// Fields, elements, constructors and matches of the interpreter.

#include "rune/context.hpp"
#include "rune/syntax/unicode.hpp"
#include "rune/vm/formatting.hpp"
#include "rune/vm/interpreter.hpp"
#include "rune/vm/object_table.hpp"
#include "rune/vm/operations.hpp"

#include <algorithm>
#include <limits>

namespace rb::rune {

Value Interpreter::load_string(std::uint32_t number, Kind kind) {
    const std::string& text = unit_.strings[number];
    auto* string = heap_->make<StringObject>(kind);
    // Borrowed: capacity 0 says that it must be copied before it is changed.
    string->data = const_cast<char*>(text.data());
    string->length = static_cast<std::uint32_t>(text.size());
    return Value::reference(string);
}

Value Interpreter::make_struct(const Shape& shape, const Value* fields) {
    const std::size_t count = shape.fields.size();
    auto* object = heap_->make<StructObject>(Kind::structure, count * sizeof(Value));
    object->shape = &shape;
    std::copy(fields, fields + count, object->fields());
    return Value::reference(object);
}

Value Interpreter::make_table(const std::vector<const KeyObject*>& keys, const Value* values) {
    auto* table = heap_->make<TableObject>(Kind::object);
    const Value result = Value::reference(table);
    table_reserve(*heap_, *table, static_cast<std::uint32_t>(keys.size()));
    for (std::size_t i = 0; i < keys.size(); ++i) {
        // Keys of the unit are immortal and never written.
        table_set(*heap_, *table, const_cast<KeyObject*>(keys[i]), values[i]);
    }
    return result;
}

Value Interpreter::make_closure(const FunctionCode& code, const Value* captures) {
    auto* function = heap_->make<FunctionObject>(Kind::function, code.captures * sizeof(Value));
    function->detail = static_cast<std::uint8_t>(FunctionSort::script);
    function->script = &code;
    function->capture_count = code.captures;
    std::copy(captures, captures + code.captures, function->captures());
    return Value::reference(function);
}

namespace {

FunctionObject* new_function(Heap& heap, FunctionSort sort) {
    auto* function = heap.make<FunctionObject>(Kind::function);
    function->detail = static_cast<std::uint8_t>(sort);
    return function;
}

}  // namespace

Value Interpreter::make_function(const FunctionCode* code) {
    auto* function = new_function(*heap_, FunctionSort::script);
    function->script = code;
    return Value::reference(function);
}

Value Interpreter::make_function(const NativeFunction* native) {
    auto* function = new_function(*heap_, FunctionSort::native);
    function->native = native;
    return Value::reference(function);
}

Value Interpreter::make_function(const Shape* constructor) {
    auto* function = new_function(*heap_, FunctionSort::constructor);
    function->shape = constructor;
    return Value::reference(function);
}

Value Interpreter::make_function(BuiltinVariant constructor) {
    auto* function = new_function(*heap_, FunctionSort::variant);
    function->variant = constructor;
    return Value::reference(function);
}

Value Interpreter::load_static(std::uint32_t number) {
    Value& slot = statics_[number];
    if (slot.tag == Tag::absent) {
        if (!unit_.statics[number]) {
            raise(ErrorKind::uninitialized_static,
                  "Static `" + unit_.static_names[number] + "` was never given a value");
        }
        slot = vm_.make_const(*unit_.statics[number]);
    }
    return slot;
}

Value Interpreter::get_field(Value object, const Site& site) {
    if (object.is(Kind::structure)) {
        const auto* structure = static_cast<StructObject*>(object.object);
        const auto& fields = structure->shape->fields;
        const auto it = std::find(fields.begin(), fields.end(), site.name);
        if (it != fields.end()) return structure->fields()[it - fields.begin()];
    }
    if (object.is(Kind::object)) {
        const auto* table = static_cast<TableObject*>(object.object);
        const std::uint32_t found = table_find(*table, *site.key);
        if (found != not_found) return table->entries[found].value;
        raise(ErrorKind::missing_field,
              "Missing field `" + site.name + "` on `" + vm_.type_of(object).name + "`");
    } else {
        const TypeInfo& type = vm_.type_of(object);
        const auto it = type.getters.find(site.hash);
        if (it != type.getters.end()) {
            NativeCall call{vm_, &object, 1};
            return it->second->body(call);
        }
    }
    raise(ErrorKind::missing_field,
          "Field `" + site.name + "` not available on `" + vm_.type_of(object).name + "`");
}

void Interpreter::get_field_slow(Value& target, Value object, std::size_t number) {
    const Site& site = unit_.sites[number];
    FieldCache& cache = field_caches_[number];
    if (object.is(Kind::structure)) {
        const auto* structure = static_cast<StructObject*>(object.object);
        const auto& fields = structure->shape->fields;
        const auto it = std::find(fields.begin(), fields.end(), site.name);
        if (it != fields.end() && options_.inline_caches) {
            cache = {structure->shape, static_cast<std::uint32_t>(it - fields.begin())};
        }
    } else if (object.is(Kind::object)) {
        const auto* table = static_cast<TableObject*>(object.object);
        const std::uint32_t found = table_find(*table, *site.key);
        // Only keys of the unit outlive every collection.
        if (found != not_found && table->entries[found].key->immortal != 0 &&
            options_.inline_caches) {
            cache = {table->entries[found].key, found};
        }
    }
    target = get_field(object, site);
}

void Interpreter::set_field(Value object, Value value, std::size_t number) {
    const Site& site = unit_.sites[number];
    FieldCache& cache = field_caches_[number];
    if (object.is(Kind::structure)) {
        vm_.require_writable(object);
        const auto* structure = static_cast<StructObject*>(object.object);
        const auto& fields = structure->shape->fields;
        const auto it = std::find(fields.begin(), fields.end(), site.name);
        if (it != fields.end()) {
            const auto slot = static_cast<std::uint32_t>(it - fields.begin());
            if (options_.inline_caches) cache = {structure->shape, slot};
            structure->fields()[slot] = value;
            return;
        }
    }
    if (object.is(Kind::object)) {
        vm_.require_writable(object);
        auto* table = static_cast<TableObject*>(object.object);
        table_set(*heap_, *table, const_cast<KeyObject*>(site.key), value);
        const std::uint32_t found = table_find(*table, *site.key);
        if (table->entries[found].key->immortal != 0 && options_.inline_caches) {
            cache = {table->entries[found].key, found};
        }
        return;
    } else {
        const TypeInfo& type = vm_.type_of(object);
        const auto it = type.setters.find(site.hash);
        if (it != type.setters.end()) {
            Value arguments[] = {object, value};
            NativeCall call{vm_, arguments, 2};
            it->second->body(call);
            return;
        }
    }
    raise(ErrorKind::missing_field,
          "Field `" + site.name + "` not available to set on `" + vm_.type_of(object).name + "`");
}

namespace {

// The numbered slots of a value: elements, fields of a tuple struct, a payload.
std::optional<std::span<Value>> slots_of(Value value) {
    if (!value.is_heap()) {
        if (value.is_unit()) return std::span<Value>{};
        return std::nullopt;
    }
    switch (value.object->kind) {
        case Kind::vec:
            return static_cast<VecObject*>(value.object)->span();
        case Kind::tuple:
            return static_cast<TupleObject*>(value.object)->span();
        case Kind::structure: {
            auto* structure = static_cast<StructObject*>(value.object);
            if (structure->shape->kind == ShapeKind::named) return std::nullopt;
            return std::span<Value>{structure->fields(), structure->shape->fields.size()};
        }
        case Kind::variant: {
            auto* variant = static_cast<VariantObject*>(value.object);
            const std::size_t count = variant->which() == BuiltinVariant::none ? 0 : 1;
            return std::span<Value>{&variant->payload, count};
        }
        default:
            return std::nullopt;
    }
}

}  // namespace

Value Interpreter::get_number(Value object, std::size_t number) const {
    const TypeInfo& type = vm_.type_of(object);
    if (const auto slots = slots_of(object)) {
        if (number < slots->size()) return (*slots)[number];
        raise(ErrorKind::index,
              "Type `" + type.name + "` missing integer index `" + std::to_string(number) + "`");
    }
    raise(ErrorKind::index,
          "Type `" + type.name + "` missing integer index `" + std::to_string(number) + "`");
}

void Interpreter::set_number(Value object, std::size_t number, Value value) {
    vm_.require_writable(object);
    const auto slots = slots_of(object);
    if (!slots || number >= slots->size()) {
        raise(ErrorKind::index, "Type `" + vm_.type_of(object).name + "` missing integer index `" +
                                    std::to_string(number) + "`");
    }
    (*slots)[number] = value;
}

Value Interpreter::get_index(Value container, Value key) {
    const TypeInfo& type = vm_.type_of(container);
    if (key.tag == Tag::integer || key.tag == Tag::unsigned_integer) {
        if (const auto slots = slots_of(container)) {
            const std::uint64_t number = to_unsigned(vm_, key);
            if (number < slots->size()) return (*slots)[number];
            raise(ErrorKind::index, "Type `" + type.name + "` missing integer index `" +
                                        std::to_string(number) + "`");
        }
    }
    if (key.is(Kind::string)) {
        const std::string_view name = vm_.string_of(key);
        if (container.is(Kind::object)) {
            if (const auto value = vm_.get_field(container, name)) return *value;
            raise(ErrorKind::missing_field,
                  "Missing field `" + std::string(name) + "` on `" + type.name + "`");
        }
        if (container.is(Kind::structure)) {
            return get_field(container, {std::string(name), hash_text(name), nullptr});
        }
    }
    if (const NativeFunction* function = type.protocol(Protocol::index_get)) {
        Value arguments[] = {container, key};
        NativeCall call{vm_, arguments, 2};
        return function->body(call);
    }
    raise(ErrorKind::index, "Type `" + type.name + "` missing index");
}

void Interpreter::set_index(Value container, Value key, Value value) {
    vm_.require_writable(container);
    const TypeInfo& type = vm_.type_of(container);
    if (key.is(Kind::string)) {
        const std::string_view name = vm_.string_of(key);
        if (container.is(Kind::object)) return vm_.set_field(container, name, value);
        if (container.is(Kind::structure)) {
            const auto* structure = static_cast<StructObject*>(container.object);
            const auto& fields = structure->shape->fields;
            const auto it = std::find(fields.begin(), fields.end(), name);
            if (it == fields.end()) {
                raise(ErrorKind::missing_field, "Field `" + std::string(name) +
                                                    "` not available to set on `" + type.name +
                                                    "`");
            }
            structure->fields()[it - fields.begin()] = value;
            return;
        }
    }
    if (key.tag == Tag::integer || key.tag == Tag::unsigned_integer) {
        if (const auto slots = slots_of(container)) {
            const std::uint64_t number = to_unsigned(vm_, key);
            if (number >= slots->size()) {
                raise(ErrorKind::index, "Index out of bounds, the length is `" +
                                            std::to_string(slots->size()) + "` but the index is `" +
                                            std::to_string(number) + "`");
            }
            (*slots)[number] = value;
            return;
        }
    }
    if (const NativeFunction* function = type.protocol(Protocol::index_set)) {
        Value arguments[] = {container, key, value};
        NativeCall call{vm_, arguments, 3};
        function->body(call);
        return;
    }
    raise(ErrorKind::index, "Type `" + type.name + "` missing index");
}

Value Interpreter::format(const std::vector<FormatStep>& plan, const Value* arguments) {
    // Kept between calls for its memory; taken, because a display function may format as well.
    std::string text = std::move(scratch_);
    text.clear();
    for (const FormatStep& step : plan) {
        if (step.argument < 0) {
            text += step.text;
            continue;
        }
        const Value value = arguments[step.argument];
        if (step.spec.is_plain()) {
            append_display(vm_, text, value);
        } else {
            append_formatted(vm_, text, value, step.spec);
        }
        if (text.size() > vm_.text_bytes_max()) raise(ErrorKind::memory, "Text grows too large");
    }
    const Value result = vm_.make_string(text);
    scratch_ = std::move(text);
    return result;
}

Value Interpreter::get_item(Value value, std::size_t number) {
    // Matched before, so that the slot exists.
    if (value.is(Kind::structure)) {
        return static_cast<StructObject*>(value.object)->fields()[number];
    }
    return (*slots_of(value))[number];
}

bool Interpreter::match_const(const ConstValue& constant, Value value) {
    if (value.is(Kind::moved)) (void)vm_.type_of(value);
    if (const auto* text = std::get_if<std::string>(&constant.value)) {
        return value.is(Kind::string) && static_cast<StringObject*>(value.object)->view() == *text;
    }
    if (const auto* bytes = std::get_if<ConstValue::Bytes>(&constant.value)) {
        return value.is(Kind::bytes) &&
               static_cast<StringObject*>(value.object)->view() == bytes->content;
    }
    const auto all = [&](const std::vector<ConstValue>& items, std::span<Value> slots) {
        if (items.size() != slots.size()) return false;
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (!match_const(items[i], slots[i])) return false;
        }
        return true;
    };
    if (const auto* tuple = std::get_if<ConstValue::Tuple>(&constant.value)) {
        return value.is(Kind::tuple) && all(tuple->items, *slots_of(value));
    }
    if (const auto* vec = std::get_if<ConstValue::Vec>(&constant.value)) {
        return value.is(Kind::vec) && all(vec->items, *slots_of(value));
    }
    if (const auto* object = std::get_if<ConstValue::Object>(&constant.value)) {
        if (!value.is(Kind::object)) return false;
        const auto* table = static_cast<TableObject*>(value.object);
        if (table->live != object->fields.size()) return false;
        return std::all_of(object->fields.begin(), object->fields.end(), [&](const auto& field) {
            const std::uint32_t found = table_find(*table, field.first, key_hash(field.first));
            return found != not_found && match_const(field.second, table->entries[found].value);
        });
    }
    const Value wanted = vm_.make_const(constant);
    return wanted.tag == value.tag &&
           (value.is_unit() || wanted.unsigned_integer == value.unsigned_integer);
}

bool Interpreter::match_object(Value value, const std::vector<const KeyObject*>& keys, bool rest) {
    if (value.is(Kind::moved)) (void)vm_.type_of(value);
    if (!value.is(Kind::object)) return false;
    const auto* table = static_cast<TableObject*>(value.object);
    if (rest ? table->live < keys.size() : table->live != keys.size()) return false;
    return std::all_of(keys.begin(), keys.end(),
                       [&](const KeyObject* key) { return table_find(*table, *key) != not_found; });
}

void Interpreter::range_begin(Value* bounds, bool inclusive) {
    Value& start = bounds[0];
    Value& end = bounds[1];
    std::uint64_t count = 0;
    const auto set = [&](bool empty, std::uint64_t distance) {
        if (empty) return;
        // A range over all of u64 has one number more than can be counted; nobody gets there.
        count = inclusive && distance != std::numeric_limits<std::uint64_t>::max() ? distance + 1
                                                                                   : distance;
    };
    switch (start.tag) {
        case Tag::integer: {
            const std::int64_t last = to_signed(vm_, end);
            set(inclusive ? last < start.integer : last <= start.integer,
                static_cast<std::uint64_t>(last) - start.unsigned_integer);
            break;
        }
        case Tag::unsigned_integer: {
            const std::uint64_t last = to_unsigned(vm_, end);
            set(inclusive ? last < start.unsigned_integer : last <= start.unsigned_integer,
                last - start.unsigned_integer);
            break;
        }
        case Tag::character: {
            if (end.tag != Tag::character) mismatch(vm_, "char", end);
            // Surrogates are no characters.
            const auto place = [](char32_t c) {
                return static_cast<std::uint64_t>(c >= 0xE000 ? c - 0x800 : c);
            };
            set(inclusive ? end.character < start.character : end.character <= start.character,
                place(end.character) - place(start.character));
            break;
        }
        default: {
            std::string text = "Cannot build an iterator out of ";
            append_debug(vm_, text, start, 0);
            text += inclusive ? "..=" : "..";
            append_debug(vm_, text, end, 0);
            raise(ErrorKind::not_iterable, text);
        }
    }
    end = Value::of(count);
}

std::optional<Value> Interpreter::try_payload(Value value) const {
    if (value.is(Kind::variant)) {
        const auto* variant = static_cast<VariantObject*>(value.object);
        switch (variant->which()) {
            case BuiltinVariant::some:
            case BuiltinVariant::ok:
                return variant->payload;
            case BuiltinVariant::none:
            case BuiltinVariant::err:
                return std::nullopt;
            default:
                break;
        }
    }
    raise(ErrorKind::try_operand,
          "Type `" + vm_.type_of(value).name + "` is not supported as try operand");
}

bool Interpreter::test_binary(BinaryOp op, Value left, Value right) {
    if (op == BinaryOp::eq || op == BinaryOp::ne) {
        if (left.is(Kind::string) && right.is(Kind::string)) {
            const auto a = static_cast<StringObject*>(left.object)->view();
            const auto b = static_cast<StringObject*>(right.object)->view();
            if (a.size() == b.size()) vm_.charge_bytes(a.size());
            return (a == b) == (op == BinaryOp::eq);
        }
    }
    return binary_operation(vm_, op, left, right).boolean;
}

}  // namespace rb::rune
