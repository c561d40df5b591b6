#include "rune/vm/operations.hpp"

#include "rune/bytecode/unit_data.hpp"
#include "rune/context.hpp"
#include "rune/limits.hpp"
#include "rune/runtime_error.hpp"
#include "rune/vm.hpp"
#include "rune/vm/formatting.hpp"
#include "rune/vm/object_table.hpp"
#include "rune/vm/objects.hpp"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace rb::rune {

void unsupported(Vm& vm, BinaryOp op, Value left, Value right) {
    raise(ErrorKind::unsupported_operation,
          "Unsupported binary operation `" + std::string(text_of(op)) + "` on `" +
              vm.type_of(left).name + "` and `" + vm.type_of(right).name + "`");
}

void mismatch(Vm& vm, std::string_view expected, Value found) {
    raise(ErrorKind::type_mismatch, "Expected type `" + std::string(expected) + "` but found `" +
                                        vm.type_of(found).name + "`");
}

std::int64_t to_signed(Vm& vm, Value value) {
    if (value.tag == Tag::integer) return value.integer;
    if (value.tag != Tag::unsigned_integer) mismatch(vm, "i64", value);
    if (value.unsigned_integer >
        static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        raise(ErrorKind::integer_conversion, "Failed to convert value `" +
                                                 std::to_string(value.unsigned_integer) +
                                                 "` to integer `i64`");
    }
    return value.integer;
}

std::uint64_t to_unsigned(Vm& vm, Value value) {
    if (value.tag == Tag::unsigned_integer) return value.unsigned_integer;
    if (value.tag != Tag::integer) mismatch(vm, "u64", value);
    if (value.integer < 0) {
        raise(ErrorKind::integer_conversion,
              "Failed to convert value `" + std::to_string(value.integer) + "` to integer `u64`");
    }
    return value.unsigned_integer;
}

namespace {

[[noreturn]] void overflow() {
    raise(ErrorKind::overflow, "Numerical overflow");
}
[[noreturn]] void underflow() {
    raise(ErrorKind::underflow, "Numerical underflow");
}

bool is_int(Value value) {
    return value.tag == Tag::integer || value.tag == Tag::unsigned_integer;
}

template <typename T>
T divide(BinaryOp op, T left, T right) {
    const bool overflows =
        std::is_signed_v<T> && left == std::numeric_limits<T>::min() && right == static_cast<T>(-1);
    if (right == 0 || overflows) raise(ErrorKind::divide_by_zero, "Division by zero");
    return op == BinaryOp::div ? static_cast<T>(left / right) : static_cast<T>(left % right);
}

template <typename T>
T integer_operation(BinaryOp op, T left, T right) {
    T result{};
    switch (op) {
        case BinaryOp::add:
            if (__builtin_add_overflow(left, right, &result)) overflow();
            return result;
        case BinaryOp::sub:
            if (__builtin_sub_overflow(left, right, &result)) underflow();
            return result;
        case BinaryOp::mul:
            if (__builtin_mul_overflow(left, right, &result)) overflow();
            return result;
        case BinaryOp::div:
        case BinaryOp::rem:
            return divide(op, left, right);
        case BinaryOp::bit_and:
            return left & right;
        case BinaryOp::bit_or:
            return left | right;
        case BinaryOp::bit_xor:
            return left ^ right;
        default:
            return result;
    }
}

Value shift(Vm& vm, BinaryOp op, Value left, Value right) {
    const std::uint64_t by =
        right.tag == Tag::integer && right.integer < 0 ? 64 : to_unsigned(vm, right);
    if (by >= 64) {
        if (op == BinaryOp::shl) overflow();
        underflow();
    }
    Value result = left;
    if (op == BinaryOp::shl) {
        result.unsigned_integer = left.unsigned_integer << by;
    } else if (left.tag == Tag::integer) {
        result.integer = left.integer >> by;
    } else {
        result.unsigned_integer = left.unsigned_integer >> by;
    }
    return result;
}

double float_operation(Vm& vm, BinaryOp op, Value left, Value right) {
    const double a = left.floating;
    const double b = right.floating;
    switch (op) {
        case BinaryOp::add:
            return a + b;
        case BinaryOp::sub:
            return a - b;
        case BinaryOp::mul:
            return a * b;
        case BinaryOp::div:
            return a / b;
        case BinaryOp::rem:
            return std::fmod(a, b);
        default:
            unsupported(vm, op, left, right);
    }
}

std::optional<Protocol> protocol_of(BinaryOp op, bool assign) {
    switch (op) {
        case BinaryOp::add:
            return assign ? Protocol::add_assign : Protocol::add;
        case BinaryOp::sub:
            return assign ? Protocol::sub_assign : Protocol::sub;
        case BinaryOp::mul:
            return assign ? Protocol::mul_assign : Protocol::mul;
        case BinaryOp::div:
            return assign ? Protocol::div_assign : Protocol::div;
        case BinaryOp::rem:
            return assign ? Protocol::rem_assign : Protocol::rem;
        default:
            return std::nullopt;
    }
}

std::optional<Value> protocol_call(Vm& vm, Protocol protocol, Value left, Value right) {
    const NativeFunction* function = vm.type_of(left).protocol(protocol);
    if (function == nullptr) return std::nullopt;
    Value arguments[] = {left, right};
    NativeCall call{vm, arguments, 2};
    return function->body(call);
}

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

}  // namespace

Value binary_operation(Vm& vm, BinaryOp op, Value left, Value right) {
    if (op >= BinaryOp::eq) return Value::of(relation_holds(vm, op, left, right));
    if (is_int(left) && is_int(right)) {
        if (op == BinaryOp::shl || op == BinaryOp::shr) return shift(vm, op, left, right);
        // The left operand decides.
        if (left.tag == Tag::integer) {
            return Value::of(integer_operation(op, left.integer, to_signed(vm, right)));
        }
        return Value::of(integer_operation(op, left.unsigned_integer, to_unsigned(vm, right)));
    }
    if (left.tag == Tag::floating && right.tag == Tag::floating) {
        return Value::of(float_operation(vm, op, left, right));
    }
    if (left.tag == Tag::boolean && right.tag == Tag::boolean) {
        if (op == BinaryOp::bit_and) return Value::of(left.boolean && right.boolean);
        if (op == BinaryOp::bit_or) return Value::of(left.boolean || right.boolean);
        if (op == BinaryOp::bit_xor) return Value::of(left.boolean != right.boolean);
    }
    if (op == BinaryOp::add && left.is(Kind::string) && right.is(Kind::string)) {
        const auto a = vm.string_of(left);
        const auto b = vm.string_of(right);
        return vm.concat(a, b);
    }
    if (left.is_heap()) {
        if (const auto protocol = protocol_of(op, false)) {
            if (const auto result = protocol_call(vm, *protocol, left, right)) return *result;
        }
    }
    unsupported(vm, op, left, right);
}

Value compound_operation(Vm& vm, BinaryOp op, Value left, Value right) {
    if (op == BinaryOp::add && left.is(Kind::string) && right.is(Kind::string)) {
        vm.append(left, vm.string_of(right));
        return left;
    }
    if (left.is_heap()) {
        if (const auto protocol = protocol_of(op, true)) {
            if (protocol_call(vm, *protocol, left, right)) return left;
        }
    }
    return binary_operation(vm, op, left, right);
}

Value negate(Vm& vm, Value value) {
    if (value.tag == Tag::floating) return Value::of(-value.floating);
    if (value.tag == Tag::integer) {
        if (value.integer == std::numeric_limits<std::int64_t>::min()) overflow();
        return Value::of(-value.integer);
    }
    if (value.is_heap()) {
        if (const auto* function = vm.type_of(value).protocol(Protocol::neg)) {
            NativeCall call{vm, &value, 1};
            return function->body(call);
        }
    }
    raise(ErrorKind::unsupported_operation,
          "Unsupported unary operation `-` on " + vm.type_of(value).name);
}

Value invert(Vm& vm, Value value) {
    switch (value.tag) {
        case Tag::boolean:
            return Value::of(!value.boolean);
        case Tag::integer:
            return Value::of(~value.integer);
        case Tag::unsigned_integer:
            return Value::of(~value.unsigned_integer);
        default:
            break;
    }
    if (value.is_heap()) {
        if (const auto* function = vm.type_of(value).protocol(Protocol::not_)) {
            NativeCall call{vm, &value, 1};
            return function->body(call);
        }
    }
    raise(ErrorKind::unsupported_operation,
          "Unsupported unary operation `!` on " + vm.type_of(value).name);
}

namespace {

template <typename T>
T saturate(double value) {
    if (std::isnan(value)) return 0;
    if (value <= static_cast<double>(std::numeric_limits<T>::min())) {
        return std::numeric_limits<T>::min();
    }
    // The largest integer rounds up to a double that no longer fits.
    if (value >= static_cast<double>(std::numeric_limits<T>::max())) {
        return std::numeric_limits<T>::max();
    }
    return static_cast<T>(value);
}

}  // namespace

Value convert(Vm& vm, Value value, Tag target) {
    const bool from_float = value.tag == Tag::floating;
    if (is_int(value) || from_float) {
        switch (target) {
            case Tag::integer:
                return Value::of(from_float ? saturate<std::int64_t>(value.floating)
                                            : value.integer);
            case Tag::unsigned_integer:
                return Value::of(from_float ? saturate<std::uint64_t>(value.floating)
                                            : value.unsigned_integer);
            case Tag::floating:
                return Value::of(from_float ? value.floating
                                 : value.tag == Tag::integer
                                     ? static_cast<double>(value.integer)
                                     : static_cast<double>(value.unsigned_integer));
            default:
                break;
        }
    }
    raise(ErrorKind::unsupported_operation,
          "Unsupported conversion `as` of `" + vm.type_of(value).name + "`");
}

namespace {

void check_depth(Vm& vm, int depth) {
    if (depth > value_depth_max) {
        raise(ErrorKind::nesting, "Values are nested too deep to be compared");
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

bool sequences_equal(Vm& vm, std::span<Value> left, std::span<Value> right, Relation relation,
                     int depth) {
    if (left.size() != right.size()) return false;
    for (std::size_t i = 0; i < left.size(); ++i) {
        if (!values_equal(vm, left[i], right[i], relation, depth + 1)) return false;
    }
    return true;
}

// A Vec or tuple against anything that iterates.
bool equals_iterable(Vm& vm, Value left, Value right, Relation relation, int depth) {
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

void check_readable(Vm& vm, Value value) {
    if (value.is(Kind::moved)) (void)vm.type_of(value);
}

}  // namespace

bool values_equal(Vm& vm, Value left, Value right, Relation relation, int depth) {
    check_depth(vm, depth);
    if (left.tag != right.tag) {
        if (is_int(left) && is_int(right) && relation == Relation::partial) {
            return left.tag == Tag::integer ? left.integer == to_signed(vm, right)
                                            : left.unsigned_integer == to_unsigned(vm, right);
        }
        if (relation == Relation::partial && sequence(left) && right.is_heap() && left.is_heap()) {
            return equals_iterable(vm, left, right, relation, depth);
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
                std::string text = "Cannot perform a comparison of the floats ";
                append_float(text, left.floating);
                text += " and ";
                append_float(text, right.floating);
                raise(ErrorKind::float_comparison, text);
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
    switch (kind) {
        case Kind::string:
        case Kind::bytes:
            return static_cast<StringObject*>(left.object)->view() ==
                   static_cast<StringObject*>(right.object)->view();
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

}  // namespace

std::optional<int> compare_values(Vm& vm, Value left, Value right, Relation relation, int depth) {
    check_depth(vm, depth);
    if (left.tag != right.tag) {
        if (is_int(left) && is_int(right) && relation == Relation::partial) {
            return left.tag == Tag::integer
                       ? sign_of(left.integer, to_signed(vm, right))
                       : sign_of(left.unsigned_integer, to_unsigned(vm, right));
        }
        unsupported(vm, relation == Relation::partial ? BinaryOp::lt : BinaryOp::lt, left, right);
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
                std::string text = "Cannot perform a comparison of the floats ";
                append_float(text, left.floating);
                text += " and ";
                append_float(text, right.floating);
                raise(ErrorKind::float_comparison, text);
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
    switch (left.object->kind) {
        case Kind::string:
        case Kind::bytes: {
            const int order = static_cast<StringObject*>(left.object)
                                  ->view()
                                  .compare(static_cast<StringObject*>(right.object)->view());
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

namespace {

std::uint64_t mix(std::uint64_t hash, std::uint64_t more) {
    hash = (hash ^ more) * 0x9E3779B97F4A7C15ULL;
    return hash ^ (hash >> 31);
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
            switch (value.object->kind) {
                case Kind::string:
                case Kind::bytes:
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
                    break;
                default:
                    break;
            }
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
