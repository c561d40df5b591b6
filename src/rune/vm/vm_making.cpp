// Vm: how values are made, and how they grow.

#include "rune/shape.hpp"
#include "rune/vm.hpp"
#include "rune/vm/heap.hpp"
#include "rune/vm/interpreter.hpp"
#include "rune/vm/iterators.hpp"
#include "rune/vm/objects.hpp"

#include <algorithm>
#include <cstring>

namespace rb::rune {

namespace {

// Lengths are kept in 32 bits; the memory limit is far below.
std::uint32_t checked_length(std::size_t bytes) {
    if (bytes > 0x7FFFFFFF) raise(ErrorKind::memory, "Value is too large");
    return static_cast<std::uint32_t>(bytes);
}

Value make_text(Vm& vm, Kind kind, std::string_view left, std::string_view right) {
    const std::uint32_t length = checked_length(left.size() + right.size());
    vm.charge_bytes(length);
    Heap& heap = vm.heap();
    auto* string = heap.make<StringObject>(kind);
    if (length > 0) {
        string->data = static_cast<char*>(heap.grow_buffer(nullptr, 0, length));
        string->capacity = length;
        string->length = length;
        if (!left.empty()) std::memcpy(string->data, left.data(), left.size());
        if (!right.empty()) std::memcpy(string->data + left.size(), right.data(), right.size());
    }
    return Value::reference(string);
}

}  // namespace

Value Vm::make_string(std::string_view text) {
    return make_text(*this, Kind::string, text, {});
}

Value Vm::make_bytes(std::string_view content) {
    return make_text(*this, Kind::bytes, content, {});
}

Value Vm::concat(std::string_view left, std::string_view right) {
    return make_text(*this, Kind::string, left, right);
}

void Vm::append(Value value, std::string_view text) {
    require_writable(value);
    auto* string = static_cast<StringObject*>(value.object);
    const std::uint32_t length = checked_length(string->length + text.size());
    if (length > string->capacity) {
        const std::uint32_t capacity = std::max<std::uint32_t>({length, string->capacity * 2, 16});
        // `text` may be the string itself.
        const bool itself =
            text.data() >= string->data && text.data() < string->data + string->length;
        const auto offset = itself ? text.data() - string->data : 0;
        if (string->capacity == 0) {
            auto* data = static_cast<char*>(heap_->grow_buffer(nullptr, 0, capacity));
            if (string->length > 0) std::memcpy(data, string->data, string->length);
            string->data = data;
        } else {
            string->data =
                static_cast<char*>(heap_->grow_buffer(string->data, string->capacity, capacity));
        }
        string->capacity = capacity;
        if (itself) text = {string->data + offset, text.size()};
    }
    if (!text.empty()) std::memmove(string->data + string->length, text.data(), text.size());
    string->length = length;
    charge_bytes(text.size());
}

Value Vm::make_vec(std::span<const Value> items) {
    charge_bytes(items.size_bytes());
    auto* vec = heap_->make<VecObject>(Kind::vec);
    const Value result = Value::reference(vec);
    if (!items.empty()) {
        const std::uint32_t count = checked_length(items.size());
        vec->items = static_cast<Value*>(heap_->grow_buffer(nullptr, 0, count * sizeof(Value)));
        vec->capacity = count;
        std::copy(items.begin(), items.end(), vec->items);
        vec->length = count;
    }
    return result;
}

Value Vm::make_tuple(std::span<const Value> items) {
    if (items.empty()) return Value::unit();
    charge_bytes(items.size_bytes());
    auto* tuple = heap_->make<TupleObject>(Kind::tuple, items.size() * sizeof(Value));
    tuple->length = items.size();
    std::copy(items.begin(), items.end(), tuple->items());
    return Value::reference(tuple);
}

Value Vm::make_struct(const Shape& shape, std::span<const Value> fields) {
    ASSERT(fields.size() == shape.fields.size());
    return interpreter_->make_struct(shape, fields.data());
}

Value Vm::make_object() {
    return Value::reference(heap_->make<TableObject>(Kind::object));
}

Value Vm::make_variant(BuiltinVariant variant, Value payload) {
    auto* object = heap_->make<VariantObject>(Kind::variant);
    object->detail = static_cast<std::uint8_t>(variant);
    if (variant != BuiltinVariant::none) object->payload = payload;
    return Value::reference(object);
}

Value Vm::make_some(Value value) {
    return make_variant(BuiltinVariant::some, value);
}

Value Vm::make_none() {
    return make_variant(BuiltinVariant::none, {});
}

Value Vm::make_ok(Value value) {
    return make_variant(BuiltinVariant::ok, value);
}

Value Vm::make_err(Value value) {
    return make_variant(BuiltinVariant::err, value);
}

Value Vm::make_range(RangeKind kind, Value start, Value end) {
    auto* range = heap_->make<RangeObject>(Kind::range);
    range->detail = static_cast<std::uint8_t>(kind);
    range->start = start;
    range->end = end;
    return Value::reference(range);
}

Value Vm::make_future(std::unique_ptr<NativeFuture> future) {
    const Keeper keeper(*this, *future);
    auto* coroutine = heap_->make<CoroutineObject>(Kind::future);
    coroutine->state = CoroutineState::suspended;
    coroutine->native = future.release();
    return Value::reference(coroutine);
}

Value Vm::make_native(const TypeInfo& type, std::unique_ptr<NativeObject> object) {
    const Keeper keeper(*this, *object);
    auto* holder = heap_->make<NativeHolder>(Kind::native);
    holder->type = &type;
    const std::size_t bytes = object->bytes();
    heap_->account(bytes);
    holder->bytes = bytes;
    holder->object = object.release();
    return Value::reference(holder);
}

Value Vm::make_const(const ConstValue& constant) {
    const auto list = [this](const std::vector<ConstValue>& items) {
        charge(static_cast<std::int64_t>(items.size()));
        RootVector values(*this);
        for (const auto& item : items) values.values.push_back(make_const(item));
        return make_vec(values.values);
    };
    if (std::holds_alternative<std::monostate>(constant.value)) return Value::unit();
    if (const auto* v = std::get_if<bool>(&constant.value)) return Value::of(*v);
    if (const auto* v = std::get_if<char32_t>(&constant.value)) return Value::of(*v);
    if (const auto* v = std::get_if<std::int64_t>(&constant.value)) return Value::of(*v);
    if (const auto* v = std::get_if<std::uint64_t>(&constant.value)) return Value::of(*v);
    if (const auto* v = std::get_if<double>(&constant.value)) return Value::of(*v);
    if (const auto* v = std::get_if<std::string>(&constant.value)) return make_string(*v);
    if (const auto* v = std::get_if<ConstValue::Bytes>(&constant.value)) {
        return make_bytes(v->content);
    }
    if (const auto* v = std::get_if<ConstValue::Vec>(&constant.value)) return list(v->items);
    if (const auto* v = std::get_if<ConstValue::Tuple>(&constant.value)) {
        charge(static_cast<std::int64_t>(v->items.size()));
        RootVector values(*this);
        for (const auto& item : v->items) values.values.push_back(make_const(item));
        return make_tuple(values.values);
    }
    if (const auto* v = std::get_if<ConstValue::Object>(&constant.value)) {
        charge(static_cast<std::int64_t>(v->fields.size()));
        const Value object = make_object();
        for (const auto& [key, item] : v->fields) set_field(object, key, make_const(item));
        return object;
    }
    if (const auto* v = std::get_if<ConstValue::Type>(&constant.value)) {
        return Value::type(v->hash);
    }
    if (const auto* v = std::get_if<ConstValue::Ordering>(&constant.value)) {
        return Value::ordering(v->sign);
    }
    const auto& made = std::get<ConstValue::Made>(constant.value);
    NativeCall call{*this, nullptr, 0};
    return made.make->body(call);
}

void Vm::push(Value value, Value item) {
    if (!value.is(Kind::vec)) {
        raise(ErrorKind::type_mismatch,
              "Expected type `Vec` but found `" + type_of(value).name + "`");
    }
    require_writable(value);
    auto* vec = static_cast<VecObject*>(value.object);
    if (vec->length == vec->capacity) {
        const std::uint32_t capacity =
            checked_length(std::max<std::size_t>(4, std::size_t{vec->capacity} * 2));
        vec->items = static_cast<Value*>(heap_->grow_buffer(
            vec->items, vec->capacity * sizeof(Value), capacity * sizeof(Value)));
        vec->capacity = capacity;
    }
    vec->items[vec->length++] = item;
}

}  // namespace rb::rune
