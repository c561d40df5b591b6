#include "rune/vm.hpp"

#include "rune/context.hpp"
#include "rune/json.hpp"
#include "rune/vm/formatting.hpp"
#include "rune/vm/heap.hpp"
#include "rune/vm/interpreter.hpp"
#include "rune/vm/iterators.hpp"
#include "rune/vm/object_table.hpp"
#include "rune/vm/operations.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>

namespace rb::rune {

Vm::Vm(std::shared_ptr<const Unit> unit, VmOptions options)
    : unit_(std::move(unit)), options_(std::move(options)) {
    ASSERT(unit_ != nullptr);
    interpreter_ = std::make_unique<Interpreter>(*this, *unit_, options_);
    heap_ = std::make_unique<Heap>(options_.limits.memory_bytes, *interpreter_);
    interpreter_->attach(*heap_);
}

Vm::~Vm() {
    // Native objects may look at the Vm while they are destroyed, so the heap goes first.
    heap_.reset();
}

// --- calls ---------------------------------------------------------------------------------------

namespace {

// Lets collections scan the native stack for the time of a call from the host.
class StackBase {
public:
    StackBase(Heap& heap, const void* base) : heap_(heap), outer_(heap.stack_base()) {
        if (outer_ == nullptr) heap_.set_stack_base(base);
    }
    ~StackBase() { heap_.set_stack_base(outer_); }
    StackBase(const StackBase&) = delete;
    StackBase& operator=(const StackBase&) = delete;

private:
    Heap& heap_;
    const void* outer_;
};

RuntimeError error_of(Interpreter& interpreter, ErrorKind kind, std::string message) {
    return {kind, std::move(message), interpreter.take_trace()};
}

}  // namespace

RunResult<Value> Vm::call(std::string_view path, std::span<const Value> arguments) {
    const auto found = unit_->entries.find(path);
    if (found == unit_->entries.end()) {
        char hash[24];
        std::snprintf(hash, sizeof hash, "0x%016llx",
                      static_cast<unsigned long long>(hash_text(path)));
        return RuntimeError{ErrorKind::missing_entry,
                            "Missing entry `" + std::string(path) + "` with hash `" + hash + "`"};
    }
    const StackBase base(*heap_, __builtin_frame_address(0));
    (void)interpreter_->take_trace();
    try {
        interpreter_->charge(1);
        Value result = interpreter_->call(*found->second, arguments);
        interpreter_->keep(result);
        if (result.is(Kind::future)) {
            result = interpreter_->block_on(result);
            interpreter_->keep(result);
        }
        return result;
    } catch (const Raise& raised) {
        return error_of(*interpreter_, raised.kind, raised.message);
    } catch (const std::bad_alloc&) {
        return error_of(*interpreter_, ErrorKind::memory, "Memory of the process is exhausted");
    } catch (const std::exception& thrown) {
        // A native of the host that broke its contract must not take the engine with it.
        return error_of(*interpreter_, ErrorKind::host, thrown.what());
    }
}

RunResult<nlohmann::ordered_json> Vm::call_json(
    std::string_view path, const std::vector<nlohmann::ordered_json>& arguments) {
    RootVector values(*this);
    try {
        for (const auto& argument : arguments) values.values.push_back(from_json(*this, argument));
    } catch (const Raise& raised) {
        return error_of(*interpreter_, raised.kind, raised.message);
    }
    const auto result = call(path, values.values);
    if (result.has_error()) return result.error();
    std::string why;
    try {
        auto json = to_json(*this, *result, why);
        if (json) return {boost::system::in_place_value, std::move(*json)};
    } catch (const Raise& raised) {
        return error_of(*interpreter_, raised.kind, raised.message);
    }
    return RuntimeError{ErrorKind::type_mismatch, "The result has no JSON form: " + why};
}

std::int64_t Vm::instructions_left() const {
    return interpreter_->instructions_left();
}
std::size_t Vm::memory_bytes() const {
    return heap_->bytes();
}
void Vm::collect_garbage() {
    heap_->collect();
}
const Context& Vm::context() const {
    return *unit_->context;
}

void Vm::print(std::string_view text) const {
    if (options_.print) options_.print(text);
}

Value Vm::call_function(Value function, std::span<const Value> arguments) {
    return interpreter_->call(function, arguments);
}

Value Vm::call_method(Value receiver, std::string_view name, std::span<const Value> arguments) {
    return interpreter_->call_method(receiver, name, method_hash(name), arguments);
}

void Vm::charge(std::int64_t units) {
    interpreter_->charge(units);
}
void Vm::wake_at(std::chrono::steady_clock::time_point when) {
    interpreter_->wake_at(when);
}

// --- making --------------------------------------------------------------------------------------

namespace {

// Lengths are kept in 32 bits; the memory limit is far below.
std::uint32_t checked_length(std::size_t bytes) {
    if (bytes > 0x7FFFFFFF) raise(ErrorKind::memory, "Value is too large");
    return static_cast<std::uint32_t>(bytes);
}

Value make_text(Heap& heap, Kind kind, std::string_view left, std::string_view right) {
    const std::uint32_t length = checked_length(left.size() + right.size());
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
    return make_text(*heap_, Kind::string, text, {});
}
Value Vm::make_bytes(std::string_view content) {
    return make_text(*heap_, Kind::bytes, content, {});
}
Value Vm::concat(std::string_view left, std::string_view right) {
    charge(static_cast<std::int64_t>((left.size() + right.size()) / 64));
    return make_text(*heap_, Kind::string, left, right);
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
    charge(static_cast<std::int64_t>(text.size() / 64));
}

Value Vm::make_vec(std::span<const Value> items) {
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
    auto* tuple = heap_->make<TupleObject>(Kind::tuple, items.size() * sizeof(Value));
    tuple->length = items.size();
    std::copy(items.begin(), items.end(), tuple->items());
    return Value::reference(tuple);
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
    holder->object = object.release();
    return Value::reference(holder);
}

Value Vm::make_const(const ConstValue& constant) {
    const auto list = [this](const std::vector<ConstValue>& items) {
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
        RootVector values(*this);
        for (const auto& item : v->items) values.values.push_back(make_const(item));
        return make_tuple(values.values);
    }
    if (const auto* v = std::get_if<ConstValue::Object>(&constant.value)) {
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

// --- reading -------------------------------------------------------------------------------------

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

namespace {

TableObject& table_of(const Vm& vm, Value value) {
    if (value.is(Kind::object)) return *static_cast<TableObject*>(value.object);
    raise(ErrorKind::type_mismatch,
          "Expected type `Object` but found `" + vm.type_of(value).name + "`");
}

}  // namespace

std::optional<Value> Vm::get_field(Value object, std::string_view key) const {
    const TableObject& table = table_of(*this, object);
    const std::uint32_t found = table_find(table, key, key_hash(key));
    if (found == not_found) return std::nullopt;
    return table.entries[found].value;
}

void Vm::set_field(Value object, std::string_view key, Value value) {
    TableObject& table = table_of(*this, object);
    require_writable(object);
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
    table_reserve(*heap_, target, source.live);
    for (std::uint32_t i = 0; i < source.used; ++i) {
        if (source.entries[i].key == nullptr) continue;
        table_set(*heap_, target, source.entries[i].key, source.entries[i].value);
    }
    return copy;
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

// --- operations ----------------------------------------------------------------------------------

std::string Vm::display(Value value) {
    std::string text;
    append_display(*this, text, value);
    return text;
}

std::string Vm::debug(Value value) {
    std::string text;
    append_debug(*this, text, value, 0);
    return text;
}

bool Vm::equal(Value left, Value right) {
    return values_equal(*this, left, right, Relation::partial);
}
std::optional<int> Vm::partial_compare(Value left, Value right) {
    return compare_values(*this, left, right, Relation::partial);
}
bool Vm::total_equal(Value left, Value right) {
    return values_equal(*this, left, right, Relation::total);
}
int Vm::total_compare(Value left, Value right) {
    return *compare_values(*this, left, right, Relation::total);
}
std::uint64_t Vm::hash(Value value) {
    return hash_value(*this, value);
}
Value Vm::iterate(Value iterable) {
    return iterate_value(*this, iterable);
}
std::optional<Value> Vm::next(Value iterator) {
    return next_value(*this, iterator);
}
Value Vm::clone(Value value) {
    return clone_value(*this, value);
}

Value Vm::copy_iteration(Value value) {
    if (value.is(Kind::iterator)) return copy_iterator(*this, value);
    const auto& source = *static_cast<CoroutineObject*>(value.object);
    auto* copy = heap_->make<CoroutineObject>(Kind::generator);
    const Value result = Value::reference(copy);
    copy->detail = source.detail;
    const std::size_t bytes = source.code->registers * sizeof(Value);
    auto* registers = static_cast<Value*>(heap_->grow_buffer(nullptr, 0, bytes));
    std::copy(source.registers, source.registers + source.code->registers, registers);
    copy->code = source.code;
    copy->registers = registers;
    copy->pc = source.pc;
    copy->resume_register = source.resume_register;
    copy->state = source.state;
    return result;
}

// --- roots ---------------------------------------------------------------------------------------

Root::Root(Vm& vm, Value value) : heap_(vm.heap()), value_(value) {
    heap_.add_root(*this);
}
Root::~Root() {
    heap_.remove_root(*this);
}
RootVector::RootVector(Vm& vm) : heap_(vm.heap()) {
    heap_.add_root(*this);
}
RootVector::~RootVector() {
    heap_.remove_root(*this);
}

}  // namespace rb::rune
