#include "rune/vm/relations.hpp"

#include "rune/bytecode/unit_data.hpp"
#include "rune/context.hpp"
#include "rune/limits.hpp"
#include "rune/runtime_error.hpp"
#include "rune/vm.hpp"
#include "rune/vm/borrows.hpp"
#include "rune/vm/formatting.hpp"
#include "rune/vm/object_table.hpp"
#include "rune/vm/objects.hpp"
#include "rune/vm/operations.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace rb::rune {

namespace {

void check_depth(Vm& vm, int depth) {
    if (depth > value_depth_max) {
        raise(ErrorKind::nesting, "Values are nested too deep");
    }
    vm.charge(1);
}

// The elements of a Vec or tuple; nothing for others.
std::optional<std::span<Value>> sequence(Value value) {
    if (value.is(Kind::vec)) return static_cast<VecObject*>(value.object)->span();
    if (value.is(Kind::tuple)) return static_cast<TupleObject*>(value.object)->span();
    if (value.is_unit()) return std::span<Value>{};
    return std::nullopt;
}

void check_readable(Vm& vm, Value value) {
    if (value.is(Kind::moved)) (void)vm.type_of(value);
}

// NaN among keys.
[[noreturn]] void unordered_floats(Value left, Value right) {
    std::string text = "Cannot perform a comparison of the floats ";
    append_float(text, left.floating);
    text += " and ";
    append_float(text, right.floating);
    raise(ErrorKind::float_comparison, text);
}

bool sequences_equal(Vm& vm, std::span<Value> left, std::span<Value> right, Relation relation,
                     int depth) {
    if (left.size() != right.size()) return false;
    for (std::size_t i = 0; i < left.size(); ++i) {
        if (!values_equal(vm, left[i], right[i], relation, depth + 1)) return false;
    }
    return true;
}

// A Vec or tuple against anything that iterates, which may run any script.
bool equals_iterable(Vm& vm, Value left, Value right, Relation relation, int depth) {
    const ReaderGuard left_guard(left);
    // What changes when it is walked is no container.
    const bool walked = right.is(Kind::iterator) || right.is(Kind::generator);
    const ReaderGuard right_guard(walked ? Value::unit() : right);
    const Value iterator = vm.iterate(right);
    for (std::size_t i = 0;; ++i) {
        const auto items = sequence(left);
        const auto item = vm.next(iterator);
        const bool left_ended = !items || i >= items->size();
        if (!item || left_ended) return !item && left_ended;
        if (!values_equal(vm, (*items)[i], *item, relation, depth + 1)) return false;
    }
}

bool tables_equal(Vm& vm, const TableObject& left, const TableObject& right, Relation relation,
                  int depth) {
    if (left.live != right.live) return false;
    for (std::uint32_t i = 0; i < left.used; ++i) {
        const KeyObject* key = left.entries[i].key;
        if (key == nullptr) continue;
        const std::uint32_t found = table_find(right, *key);
        if (found == not_found) return false;
        if (!values_equal(vm, left.entries[i].value, right.entries[found].value, relation,
                          depth + 1)) {
            return false;
        }
    }
    return true;
}

bool same_range_sides(const RangeObject& left, const RangeObject& right) {
    return left.detail == right.detail;
}

bool texts_equal(Vm& vm, const StringObject& left, const StringObject& right) {
    if (left.length != right.length) return false;
    vm.charge_bytes(left.length);
    return left.view() == right.view();
}

// Of one kind.
bool objects_equal(Vm& vm, Value left, Value right, Relation relation, int depth) {
    if (left.is(Kind::string) || left.is(Kind::bytes)) {
        return texts_equal(vm, *static_cast<StringObject*>(left.object),
                           *static_cast<StringObject*>(right.object));
    }
    // An element may be an iterator, and comparing with it runs any script.
    const ReaderGuard left_guard(left);
    const ReaderGuard right_guard(right);
    switch (left.object->kind) {
        case Kind::vec:
        case Kind::tuple:
            return sequences_equal(vm, *sequence(left), *sequence(right), relation, depth);
        case Kind::object:
            return tables_equal(vm, *static_cast<TableObject*>(left.object),
                                *static_cast<TableObject*>(right.object), relation, depth);
        case Kind::structure: {
            const auto* a = static_cast<StructObject*>(left.object);
            const auto* b = static_cast<StructObject*>(right.object);
            if (a->shape->type != b->shape->type) break;
            if (a->shape != b->shape) return false;
            const std::size_t count = a->shape->fields.size();
            return sequences_equal(vm, {a->fields(), count}, {b->fields(), count}, relation, depth);
        }
        case Kind::variant: {
            const auto* a = static_cast<VariantObject*>(left.object);
            const auto* b = static_cast<VariantObject*>(right.object);
            if (vm.context().type_of(left) != vm.context().type_of(right)) break;
            if (a->which() != b->which()) return false;
            if (a->which() == BuiltinVariant::none) return true;
            return values_equal(vm, a->payload, b->payload, relation, depth + 1);
        }
        case Kind::range: {
            const auto* a = static_cast<RangeObject*>(left.object);
            const auto* b = static_cast<RangeObject*>(right.object);
            if (!same_range_sides(*a, *b)) break;
            return values_equal(vm, a->start, b->start, relation, depth + 1) &&
                   values_equal(vm, a->end, b->end, relation, depth + 1);
        }
        case Kind::native: {
            const Protocol first =
                relation == Relation::total ? Protocol::eq : Protocol::partial_eq;
            if (const auto result = protocol_call(vm, first, left, right)) return result->is_true();
            break;
        }
        default:
            break;
    }
    unsupported(vm, BinaryOp::eq, left, right);
}

}  // namespace

bool values_equal(Vm& vm, Value left, Value right, Relation relation, int depth) {
    check_depth(vm, depth);
    if (left.tag != right.tag) {
        if (is_int(left) && is_int(right) && relation == Relation::partial) {
            return left.tag == Tag::integer ? left.integer == to_signed(vm, right)
                                            : left.unsigned_integer == to_unsigned(vm, right);
        }
        // `()` is the empty tuple; a Vec is of another type, which only `==` looks past.
        const auto left_items = sequence(left);
        const auto right_items = sequence(right);
        const bool has_vec = left.is(Kind::vec) || right.is(Kind::vec);
        if (left_items && right_items && (relation == Relation::partial || !has_vec)) {
            return left_items->empty() && right_items->empty();
        }
        unsupported(vm, BinaryOp::eq, left, right);
    }
    switch (left.tag) {
        case Tag::unit:
            return true;
        case Tag::boolean:
            return left.boolean == right.boolean;
        case Tag::character:
            return left.character == right.character;
        case Tag::floating:
            if (relation == Relation::total &&
                (std::isnan(left.floating) || std::isnan(right.floating))) {
                unordered_floats(left, right);
            }
            return left.floating == right.floating;
        case Tag::heap:
            break;
        default:
            return left.unsigned_integer == right.unsigned_integer;
    }
    check_readable(vm, left);
    check_readable(vm, right);
    const Kind kind = left.object->kind;
    if (kind != right.object->kind) {
        if (relation == Relation::partial && sequence(left)) {
            return equals_iterable(vm, left, right, relation, depth);
        }
        if (const auto result = protocol_call(vm, Protocol::partial_eq, left, right)) {
            return result->is_true();
        }
        unsupported(vm, BinaryOp::eq, left, right);
    }
    return objects_equal(vm, left, right, relation, depth);
}

namespace {

template <typename T>
int sign_of(const T& left, const T& right) {
    return left < right ? -1 : right < left ? 1 : 0;
}

std::optional<int> compare_sequences(Vm& vm, std::span<Value> left, std::span<Value> right,
                                     Relation relation, int depth) {
    for (std::size_t i = 0; i < left.size() && i < right.size(); ++i) {
        const auto order = compare_values(vm, left[i], right[i], relation, depth + 1);
        if (!order || *order != 0) return order;
    }
    return sign_of(left.size(), right.size());
}

std::optional<int> compare_protocol(Vm& vm, Value left, Value right, Relation relation) {
    const Protocol protocol = relation == Relation::total ? Protocol::cmp : Protocol::partial_cmp;
    const auto result = protocol_call(vm, protocol, left, right);
    if (!result) unsupported(vm, BinaryOp::lt, left, right);
    Value order = *result;
    if (order.is(Kind::variant)) {
        const auto payload = vm.option_of(order);
        if (!payload) return std::nullopt;
        order = *payload;
    }
    if (order.tag != Tag::ordering) mismatch(vm, "Ordering", order);
    return static_cast<int>(order.integer);
}

// Of one kind.
std::optional<int> compare_objects(Vm& vm, Value left, Value right, Relation relation, int depth) {
    switch (left.object->kind) {
        case Kind::string:
        case Kind::bytes: {
            const auto a = static_cast<StringObject*>(left.object)->view();
            const auto b = static_cast<StringObject*>(right.object)->view();
            vm.charge_bytes(std::min(a.size(), b.size()));
            const int order = a.compare(b);
            return order < 0 ? -1 : order > 0 ? 1 : 0;
        }
        case Kind::vec:
        case Kind::tuple:
            return compare_sequences(vm, *sequence(left), *sequence(right), relation, depth);
        case Kind::structure: {
            const auto* a = static_cast<StructObject*>(left.object);
            const auto* b = static_cast<StructObject*>(right.object);
            if (a->shape->type != b->shape->type) break;
            if (a->shape != b->shape) return sign_of(a->shape->variant, b->shape->variant);
            const std::size_t count = a->shape->fields.size();
            return compare_sequences(vm, {a->fields(), count}, {b->fields(), count}, relation,
                                     depth);
        }
        case Kind::variant: {
            const auto* a = static_cast<VariantObject*>(left.object);
            const auto* b = static_cast<VariantObject*>(right.object);
            if (vm.context().type_of(left) != vm.context().type_of(right)) break;
            if (a->which() != b->which()) {
                // None < Some, Err < Ok.
                const bool result_type =
                    a->which() == BuiltinVariant::ok || a->which() == BuiltinVariant::err;
                const int order = sign_of(a->detail, b->detail);
                return result_type ? -order : order;
            }
            if (a->which() == BuiltinVariant::none) return 0;
            return compare_values(vm, a->payload, b->payload, relation, depth + 1);
        }
        case Kind::range: {
            const auto* a = static_cast<RangeObject*>(left.object);
            const auto* b = static_cast<RangeObject*>(right.object);
            if (!same_range_sides(*a, *b)) break;
            const auto order = compare_values(vm, a->start, b->start, relation, depth + 1);
            if (!order || *order != 0) return order;
            return compare_values(vm, a->end, b->end, relation, depth + 1);
        }
        case Kind::native:
            return compare_protocol(vm, left, right, relation);
        default:
            break;
    }
    unsupported(vm, BinaryOp::lt, left, right);
}

}  // namespace

std::optional<int> compare_values(Vm& vm, Value left, Value right, Relation relation, int depth) {
    check_depth(vm, depth);
    if (left.tag != right.tag) {
        if (is_int(left) && is_int(right) && relation == Relation::partial) {
            return left.tag == Tag::integer
                       ? sign_of(left.integer, to_signed(vm, right))
                       : sign_of(left.unsigned_integer, to_unsigned(vm, right));
        }
        // `()` is the empty tuple, shorter than any other.
        if (left.is_unit() && right.is(Kind::tuple)) return -1;
        if (left.is(Kind::tuple) && right.is_unit()) return 1;
        unsupported(vm, BinaryOp::lt, left, right);
    }
    switch (left.tag) {
        case Tag::unit:
            return 0;
        case Tag::boolean:
            return sign_of(left.boolean, right.boolean);
        case Tag::character:
            return sign_of(left.character, right.character);
        case Tag::integer:
        case Tag::ordering:
            return sign_of(left.integer, right.integer);
        case Tag::floating:
            if (std::isnan(left.floating) || std::isnan(right.floating)) {
                if (relation == Relation::partial) return std::nullopt;
                unordered_floats(left, right);
            }
            return sign_of(left.floating, right.floating);
        case Tag::heap:
            break;
        default:
            return sign_of(left.unsigned_integer, right.unsigned_integer);
    }
    check_readable(vm, left);
    check_readable(vm, right);
    if (left.object->kind != right.object->kind) unsupported(vm, BinaryOp::lt, left, right);
    return compare_objects(vm, left, right, relation, depth);
}

namespace {

bool relation(Vm& vm, BinaryOp op, Value left, Value right) {
    if (op == BinaryOp::eq) return values_equal(vm, left, right, Relation::partial);
    if (op == BinaryOp::ne) return !values_equal(vm, left, right, Relation::partial);
    const auto order = compare_values(vm, left, right, Relation::partial);
    if (!order) return false;
    switch (op) {
        case BinaryOp::lt:
            return *order < 0;
        case BinaryOp::gt:
            return *order > 0;
        case BinaryOp::le:
            return *order <= 0;
        default:
            return *order >= 0;
    }
}

}  // namespace

// The relation is computed by fewer operations than there are operators; the message names the one
// that was written.
bool relation_holds(Vm& vm, BinaryOp op, Value left, Value right) {
    try {
        return relation(vm, op, left, right);
    } catch (Raise& raised) {
        constexpr std::string_view start = "Unsupported binary operation `";
        if (raised.kind == ErrorKind::unsupported_operation && raised.message.starts_with(start)) {
            const std::size_t end = raised.message.find('`', start.size());
            raised.message.replace(start.size(), end - start.size(), text_of(op));
        }
        throw;
    }
}

namespace {

std::uint64_t mix(std::uint64_t hash, std::uint64_t more) {
    hash = (hash ^ more) * 0x9E3779B97F4A7C15ULL;
    return hash ^ (hash >> 31);
}

// Nothing for what cannot be hashed.
std::optional<std::uint64_t> hash_object(Vm& vm, std::uint64_t seed, Value value, int depth) {
    switch (value.object->kind) {
        case Kind::string:
        case Kind::bytes:
            vm.charge_bytes(static_cast<StringObject*>(value.object)->length);
            // A text and its bytes are two keys, which no comparison can tell apart.
            seed = mix(seed, static_cast<std::uint64_t>(value.object->kind));
            return mix(seed, key_hash(static_cast<StringObject*>(value.object)->view()));
        case Kind::vec:
        case Kind::tuple: {
            std::uint64_t hash = seed;
            const std::span<Value> items = *sequence(value);
            for (const Value item : items) {
                hash = mix(hash, hash_value(vm, item, depth + 1));
            }
            return hash;
        }
        case Kind::variant: {
            const auto* variant = static_cast<VariantObject*>(value.object);
            const std::uint64_t hash = mix(seed, variant->detail);
            if (variant->which() == BuiltinVariant::none) return hash;
            return mix(hash, hash_value(vm, variant->payload, depth + 1));
        }
        case Kind::native:
            if (const auto* function = vm.type_of(value).protocol(Protocol::hash)) {
                NativeCall call{vm, &value, 1};
                return mix(seed, function->body(call).unsigned_integer);
            }
            return std::nullopt;
        default:
            return std::nullopt;
    }
}

}  // namespace

std::uint64_t hash_value(Vm& vm, Value value, int depth) {
    check_depth(vm, depth);
    const std::uint64_t seed = mix(0x51ED270B, static_cast<std::uint64_t>(value.tag));
    switch (value.tag) {
        case Tag::integer:
        case Tag::unsigned_integer:
        case Tag::type:
        case Tag::ordering:
        case Tag::hash:
            return mix(seed, value.unsigned_integer);
        case Tag::floating:
            if (std::isnan(value.floating)) break;
            // Equal keys hash equally: there are two zeros.
            return mix(seed,
                       std::bit_cast<std::uint64_t>(value.floating == 0 ? 0.0 : value.floating));
        case Tag::heap:
            check_readable(vm, value);
            if (const auto hash = hash_object(vm, seed, value, depth)) return *hash;
            break;
        default:
            break;
    }
    raise(ErrorKind::unsupported_operation, "Missing protocol function `HASH` for `" +
                                                vm.type_of(value).name + "`: it cannot be hashed");
}

Value clone_value(Vm& vm, Value value, int depth) {
    check_depth(vm, depth);
    if (!value.is_heap()) return value;
    check_readable(vm, value);
    switch (value.object->kind) {
        case Kind::string:
            return vm.make_string(vm.string_of(value));
        case Kind::bytes:
            return vm.make_bytes(vm.bytes_of(value));
        case Kind::vec:
            return vm.make_vec(*sequence(value));
        case Kind::tuple: {
            const Value copy = vm.make_tuple(*sequence(value));
            const std::span<Value> items = *sequence(copy);
            for (Value& item : items) item = clone_value(vm, item, depth + 1);
            return copy;
        }
        case Kind::object:
            return vm.copy_object(value);
        case Kind::variant: {
            const auto* variant = static_cast<VariantObject*>(value.object);
            if (variant->which() == BuiltinVariant::none) return value;
            return vm.make_variant(variant->which(), clone_value(vm, variant->payload, depth + 1));
        }
        case Kind::range: {
            const auto* range = static_cast<RangeObject*>(value.object);
            return vm.make_range(range->range_kind(), range->start, range->end);
        }
        case Kind::iterator:
        case Kind::generator:
            return vm.copy_iteration(value);
        case Kind::native:
            if (const auto* function = vm.type_of(value).protocol(Protocol::clone)) {
                NativeCall call{vm, &value, 1};
                return function->body(call);
            }
            return value;
        default:
            // Structs, functions and futures are references: the clone is the same one.
            return value;
    }
}

}  // namespace rb::rune
