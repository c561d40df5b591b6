#include "rune/vm/interpreter.hpp"

#include "rune/vm/operations.hpp"

#include <cmath>
#include <limits>

namespace rb::rune {

namespace {

[[noreturn, gnu::cold]] void raise_overflow() {
    raise(ErrorKind::overflow, "Numerical overflow");
}
[[noreturn, gnu::cold]] void raise_underflow() {
    raise(ErrorKind::underflow, "Numerical underflow");
}
[[noreturn, gnu::cold]] void raise_division() {
    raise(ErrorKind::divide_by_zero, "Division by zero");
}

bool both(Value left, Value right, Tag tag) {
    return left.tag == tag && right.tag == tag;
}

}  // namespace

// The loop dispatches by computed goto: one indirect jump per instruction, each predicted on its
// own. `pc` and `registers` live in machine registers; what may raise, call or allocate finds them
// through frame->pc, which is stored before such steps.
Interpreter::Resumed Interpreter::run(std::size_t entry) {
    static const void* const labels[] = {
#define RUNE_OPCODE(name) &&op_##name,
#include "rune/bytecode/opcodes.def"
#undef RUNE_OPCODE
    };

    Frame* frame = &frames_[depth_ - 1];
    const Instruction* pc = frame->pc;
    Value* registers = frame->base;

#define R(number) registers[number]
#define NEXT                                           \
    do {                                               \
        in = *pc++;                                    \
        goto* labels[static_cast<std::size_t>(in.op)]; \
    } while (false)
#define SAVE frame->pc = pc
// Instructions are paid by position (see limits.hpp): a jump forward gives back what it skips.
#define SKIP(distance)                           \
    do {                                         \
        const std::int32_t skipped = (distance); \
        fuel_ += skipped;                        \
        pc += skipped;                           \
    } while (false)
#define JUMP                     \
    do {                         \
        SKIP(pc->signed_wide()); \
        ++pc;                    \
    } while (false)
#define TEST(condition) \
    do {                \
        if (condition)  \
            ++pc;       \
        else            \
            JUMP;       \
        NEXT;           \
    } while (false)

    Instruction in{};
    try {
        NEXT;

    op_move:
        R(in.a) = R(in.b);
        NEXT;
    op_load_unit:
        R(in.a) = Value::unit();
        NEXT;
    op_load_bool:
        R(in.a) = Value::of(in.b != 0);
        NEXT;
    op_load_int:
        R(in.a) = Value::of(static_cast<std::int64_t>(in.signed_wide()));
        NEXT;
    op_load_inline:
        R(in.a) = unit_.inline_constants[in.wide()];
        NEXT;
    op_load_string:
        SAVE;
        R(in.a) = load_string(in.wide(), Kind::string);
        NEXT;
    op_load_bytes:
        SAVE;
        R(in.a) = load_string(in.wide(), Kind::bytes);
        NEXT;
    op_load_const:
        SAVE;
        R(in.a) = vm_.make_const(unit_.constants[in.wide()]);
        NEXT;
    op_load_function : {
        SAVE;
        auto* function = heap_->make<FunctionObject>(Kind::function);
        function->detail = static_cast<std::uint8_t>(FunctionSort::script);
        function->script = &unit_.functions[in.wide()];
        R(in.a) = Value::reference(function);
        NEXT;
    }
    op_load_native : {
        SAVE;
        auto* function = heap_->make<FunctionObject>(Kind::function);
        function->detail = static_cast<std::uint8_t>(FunctionSort::native);
        function->native = unit_.natives[in.wide()];
        R(in.a) = Value::reference(function);
        NEXT;
    }
    op_load_constructor : {
        SAVE;
        auto* function = heap_->make<FunctionObject>(Kind::function);
        function->detail = static_cast<std::uint8_t>(FunctionSort::constructor);
        function->shape = unit_.shapes[in.wide()];
        R(in.a) = Value::reference(function);
        NEXT;
    }
    op_load_variant : {
        SAVE;
        auto* function = heap_->make<FunctionObject>(Kind::function);
        function->detail = static_cast<std::uint8_t>(FunctionSort::variant);
        function->variant = static_cast<BuiltinVariant>(in.b);
        R(in.a) = Value::reference(function);
        NEXT;
    }
    op_load_static:
        SAVE;
        R(in.a) = load_static(in.wide());
        NEXT;
    op_store_static:
        statics_[in.wide()] = R(in.a);
        NEXT;
    op_make_vec:
        SAVE;
        R(in.a) = vm_.make_vec({&R(in.b), in.c});
        NEXT;
    op_make_tuple:
        SAVE;
        R(in.a) = vm_.make_tuple({&R(in.b), in.c});
        NEXT;
    op_make_object:
        SAVE;
        R(in.a) = make_table(unit_.key_lists[in.c], &R(in.b));
        NEXT;
    op_make_struct:
        SAVE;
        R(in.a) = make_struct(*unit_.shapes[in.c], &R(in.b));
        NEXT;
    op_make_variant:
        SAVE;
        R(in.a) = vm_.make_variant(static_cast<BuiltinVariant>(in.c), R(in.b));
        NEXT;
    op_make_range:
        SAVE;
        R(in.a) = vm_.make_range(static_cast<RangeKind>(in.c), R(in.b), R(in.b + 1));
        NEXT;
    op_make_closure:
        SAVE;
        R(in.a) = make_closure(unit_.functions[in.b], &R(in.c));
        NEXT;
    op_take_over:
        SAVE;
        R(in.a) = vm_.take_over(R(in.b));
        NEXT;

    op_add : {
        const Value left = R(in.b);
        const Value right = R(in.c);
        if (both(left, right, Tag::integer)) {
            std::int64_t result = 0;
            if (__builtin_add_overflow(left.integer, right.integer, &result)) raise_overflow();
            R(in.a) = Value::of(result);
        } else if (both(left, right, Tag::floating)) {
            R(in.a) = Value::of(left.floating + right.floating);
        } else {
            SAVE;
            R(in.a) = binary_operation(vm_, BinaryOp::add, left, right);
        }
        NEXT;
    }
    op_sub : {
        const Value left = R(in.b);
        const Value right = R(in.c);
        if (both(left, right, Tag::integer)) {
            std::int64_t result = 0;
            if (__builtin_sub_overflow(left.integer, right.integer, &result)) raise_underflow();
            R(in.a) = Value::of(result);
        } else if (both(left, right, Tag::floating)) {
            R(in.a) = Value::of(left.floating - right.floating);
        } else {
            SAVE;
            R(in.a) = binary_operation(vm_, BinaryOp::sub, left, right);
        }
        NEXT;
    }
    op_mul : {
        const Value left = R(in.b);
        const Value right = R(in.c);
        if (both(left, right, Tag::integer)) {
            std::int64_t result = 0;
            if (__builtin_mul_overflow(left.integer, right.integer, &result)) raise_overflow();
            R(in.a) = Value::of(result);
        } else if (both(left, right, Tag::floating)) {
            R(in.a) = Value::of(left.floating * right.floating);
        } else {
            SAVE;
            R(in.a) = binary_operation(vm_, BinaryOp::mul, left, right);
        }
        NEXT;
    }
    op_div : {
        const Value left = R(in.b);
        const Value right = R(in.c);
        if (both(left, right, Tag::floating)) {
            R(in.a) = Value::of(left.floating / right.floating);
        } else if (both(left, right, Tag::integer) && right.integer > 0) {
            R(in.a) = Value::of(left.integer / right.integer);
        } else {
            SAVE;
            R(in.a) = binary_operation(vm_, BinaryOp::div, left, right);
        }
        NEXT;
    }
    op_rem : {
        const Value left = R(in.b);
        const Value right = R(in.c);
        if (both(left, right, Tag::integer)) {
            if (right.integer == 0 ||
                (right.integer == -1 && left.integer == std::numeric_limits<std::int64_t>::min())) {
                raise_division();
            }
            R(in.a) = Value::of(left.integer % right.integer);
        } else {
            SAVE;
            R(in.a) = binary_operation(vm_, BinaryOp::rem, left, right);
        }
        NEXT;
    }

#define OPERATION(name)                                                \
    op_##name : SAVE;                                                  \
    R(in.a) = binary_operation(vm_, BinaryOp::name, R(in.b), R(in.c)); \
    NEXT;
        OPERATION(shl)
        OPERATION(shr)
        OPERATION(bit_and)
        OPERATION(bit_xor)
        OPERATION(bit_or)
#undef OPERATION

#define COMPARISON(name, symbol)                                                         \
    op_##name : {                                                                        \
        const Value left = R(in.b);                                                      \
        const Value right = R(in.c);                                                     \
        if (both(left, right, Tag::integer)) {                                           \
            R(in.a) = Value::of(left.integer symbol right.integer);                      \
        } else if (both(left, right, Tag::floating)) {                                   \
            R(in.a) = Value::of(left.floating symbol right.floating);                    \
        } else {                                                                         \
            SAVE;                                                                        \
            R(in.a) = Value::of(test_binary(BinaryOp::name, left, right));               \
        }                                                                                \
        NEXT;                                                                            \
    }                                                                                    \
    op_test_##name : {                                                                   \
        const Value left = R(in.a);                                                      \
        const Value right = R(in.b);                                                     \
        if (both(left, right, Tag::integer)) TEST(left.integer symbol right.integer);    \
        if (both(left, right, Tag::floating)) TEST(left.floating symbol right.floating); \
        SAVE;                                                                            \
        TEST(test_binary(BinaryOp::name, left, right));                                  \
    }                                                                                    \
    op_test_##name##_int : {                                                             \
        const Value left = R(in.a);                                                      \
        const auto right = static_cast<std::int64_t>(static_cast<std::int16_t>(in.b));   \
        if (left.tag == Tag::integer) TEST(left.integer symbol right);                   \
        SAVE;                                                                            \
        TEST(test_binary(BinaryOp::name, left, Value::of(right)));                       \
    }
        COMPARISON(eq, ==)
        COMPARISON(ne, !=)
        COMPARISON(lt, <)
        COMPARISON(gt, >)
        COMPARISON(le, <=)
        COMPARISON(ge, >=)
#undef COMPARISON

    op_add_int : {
        const Value left = R(in.b);
        const auto right = static_cast<std::int64_t>(static_cast<std::int16_t>(in.c));
        if (left.tag == Tag::integer) {
            std::int64_t result = 0;
            if (__builtin_add_overflow(left.integer, right, &result)) raise_overflow();
            R(in.a) = Value::of(result);
        } else {
            SAVE;
            R(in.a) = binary_operation(vm_, BinaryOp::add, left, Value::of(right));
        }
        NEXT;
    }
    op_sub_int : {
        const Value left = R(in.b);
        const auto right = static_cast<std::int64_t>(static_cast<std::int16_t>(in.c));
        if (left.tag == Tag::integer) {
            std::int64_t result = 0;
            if (__builtin_sub_overflow(left.integer, right, &result)) raise_underflow();
            R(in.a) = Value::of(result);
        } else {
            SAVE;
            R(in.a) = binary_operation(vm_, BinaryOp::sub, left, Value::of(right));
        }
        NEXT;
    }
    op_mul_int : {
        const Value left = R(in.b);
        const auto right = static_cast<std::int64_t>(static_cast<std::int16_t>(in.c));
        if (left.tag == Tag::integer) {
            std::int64_t result = 0;
            if (__builtin_mul_overflow(left.integer, right, &result)) raise_overflow();
            R(in.a) = Value::of(result);
        } else {
            SAVE;
            R(in.a) = binary_operation(vm_, BinaryOp::mul, left, Value::of(right));
        }
        NEXT;
    }
    op_div_int : {
        const Value left = R(in.b);
        const auto right = static_cast<std::int64_t>(static_cast<std::int16_t>(in.c));
        if (left.tag == Tag::integer) {
            R(in.a) = Value::of(left.integer / right);
        } else {
            SAVE;
            R(in.a) = binary_operation(vm_, BinaryOp::div, left, Value::of(right));
        }
        NEXT;
    }
    op_rem_int : {
        const Value left = R(in.b);
        const auto right = static_cast<std::int64_t>(static_cast<std::int16_t>(in.c));
        if (left.tag == Tag::integer) {
            R(in.a) = Value::of(left.integer % right);
        } else {
            SAVE;
            R(in.a) = binary_operation(vm_, BinaryOp::rem, left, Value::of(right));
        }
        NEXT;
    }
    op_compound : {
        const Value left = R(in.a);
        const Value right = R(in.b);
        if (in.c == static_cast<std::uint16_t>(BinaryOp::add)) {
            if (both(left, right, Tag::integer)) {
                std::int64_t result = 0;
                if (__builtin_add_overflow(left.integer, right.integer, &result)) raise_overflow();
                R(in.a) = Value::of(result);
                NEXT;
            }
            if (both(left, right, Tag::floating)) {
                R(in.a) = Value::of(left.floating + right.floating);
                NEXT;
            }
        }
        SAVE;
        R(in.a) = compound_operation(vm_, static_cast<BinaryOp>(in.c), left, right);
        NEXT;
    }
    op_negate:
        SAVE;
        R(in.a) = negate(vm_, R(in.b));
        NEXT;
    op_invert:
        if (R(in.b).tag == Tag::boolean) {
            R(in.a) = Value::of(!R(in.b).boolean);
        } else {
            SAVE;
            R(in.a) = invert(vm_, R(in.b));
        }
        NEXT;
    op_is_type:
        SAVE;
        R(in.a) = Value::of(vm_.type_of(R(in.b)).hash == unit_.inline_constants[in.c].hash);
        NEXT;
    op_as_type:
        SAVE;
        R(in.a) = convert(vm_, R(in.b), static_cast<Tag>(in.c));
        NEXT;

    op_jump:
        SKIP(in.signed_wide());
        NEXT;
    op_jump_back:
        fuel_ -= in.wide();
        if (fuel_ < 0) [[unlikely]] {
            SAVE;
            refuel(in.wide());
        }
        pc -= in.wide();
        NEXT;
    op_jump_if : {
        const Value condition = R(in.a);
        if (condition.tag != Tag::boolean) [[unlikely]] {
            SAVE;
            mismatch(vm_, "bool", condition);
        }
        if (condition.boolean) SKIP(in.signed_wide());
        NEXT;
    }
    op_jump_unless : {
        const Value condition = R(in.a);
        if (condition.tag != Tag::boolean) [[unlikely]] {
            SAVE;
            mismatch(vm_, "bool", condition);
        }
        if (!condition.boolean) SKIP(in.signed_wide());
        NEXT;
    }

    op_match_inline : {
        const Value value = R(in.a);
        const Value wanted = unit_.inline_constants[in.b];
        if (value.tag == Tag::heap && value.object->kind == Kind::moved) {
            SAVE;
            (void)vm_.type_of(value);
        }
        TEST(value.tag == wanted.tag &&
             (value.tag == Tag::unit || value.unsigned_integer == wanted.unsigned_integer));
    }
    op_match_const:
        SAVE;
        TEST(match_const(unit_.constants[in.b], R(in.a)));
    op_match_tuple : {
        const Value value = R(in.a);
        SAVE;
        if (value.is_unit()) TEST(in.b == 0);
        if (value.is(Kind::moved)) (void)vm_.type_of(value);
        if (!value.is(Kind::tuple)) TEST(false);
        const auto length = static_cast<TupleObject*>(value.object)->length;
        TEST(in.c != 0 ? length >= in.b : length == in.b);
    }
    op_match_vec : {
        const Value value = R(in.a);
        SAVE;
        if (value.is(Kind::moved)) (void)vm_.type_of(value);
        if (!value.is(Kind::vec)) TEST(false);
        const auto length = static_cast<VecObject*>(value.object)->length;
        TEST(in.c != 0 ? length >= in.b : length == in.b);
    }
    op_match_object:
        SAVE;
        TEST(match_object(R(in.a), unit_.key_lists[in.b], in.c != 0));
    op_match_shape : {
        const Value value = R(in.a);
        if (value.is(Kind::moved)) {
            SAVE;
            (void)vm_.type_of(value);
        }
        TEST(value.is(Kind::structure) &&
             static_cast<StructObject*>(value.object)->shape == unit_.shapes[in.b]);
    }
    op_match_variant : {
        const Value value = R(in.a);
        if (value.is(Kind::moved)) {
            SAVE;
            (void)vm_.type_of(value);
        }
        TEST(value.is(Kind::variant) && value.object->detail == in.b);
    }
    op_match_type:
        SAVE;
        TEST(vm_.type_of(R(in.a)).hash == unit_.inline_constants[in.b].hash);
    op_get_item:
        R(in.a) = get_item(R(in.b), in.c);
        NEXT;
    op_get_key:
        SAVE;
        R(in.a) = get_field(R(in.b), unit_.sites[in.c]);
        NEXT;

    op_get_field : {
        const Value object = R(in.b);
        const FieldCache& cache = field_caches_[in.c];
        if (object.tag == Tag::heap) {
            if (object.object->kind == Kind::structure) {
                auto* structure = static_cast<StructObject*>(object.object);
                if (structure->shape == cache.owner) {
                    R(in.a) = structure->fields()[cache.slot];
                    NEXT;
                }
            } else if (object.object->kind == Kind::object) {
                auto* table = static_cast<TableObject*>(object.object);
                if (cache.slot < table->used && table->entries[cache.slot].key == cache.owner) {
                    R(in.a) = table->entries[cache.slot].value;
                    NEXT;
                }
            }
        }
        SAVE;
        get_field_slow(R(in.a), object, in.c);
        NEXT;
    }
    op_set_field : {
        const Value object = R(in.a);
        const FieldCache& cache = field_caches_[in.c];
        if (object.tag == Tag::heap && object.object->borrow == 0) {
            if (object.object->kind == Kind::structure) {
                auto* structure = static_cast<StructObject*>(object.object);
                if (structure->shape == cache.owner) {
                    structure->fields()[cache.slot] = R(in.b);
                    NEXT;
                }
            } else if (object.object->kind == Kind::object) {
                auto* table = static_cast<TableObject*>(object.object);
                if (cache.slot < table->used && table->entries[cache.slot].key == cache.owner) {
                    table->entries[cache.slot].value = R(in.b);
                    NEXT;
                }
            }
        }
        SAVE;
        set_field(object, R(in.b), in.c);
        NEXT;
    }
    op_get_number:
        SAVE;
        R(in.a) = get_number(R(in.b), in.c);
        NEXT;
    op_set_number:
        SAVE;
        set_number(R(in.a), in.c, R(in.b));
        NEXT;
    op_get_index : {
        const Value container = R(in.b);
        const Value key = R(in.c);
        if (container.is(Kind::vec) &&
            (key.tag == Tag::integer || key.tag == Tag::unsigned_integer)) {
            const auto* vec = static_cast<VecObject*>(container.object);
            // A negative i64 is beyond every length as well.
            if (key.unsigned_integer < vec->length) {
                R(in.a) = vec->items[key.unsigned_integer];
                NEXT;
            }
        }
        SAVE;
        R(in.a) = get_index(container, key);
        NEXT;
    }
    op_set_index : {
        const Value container = R(in.a);
        const Value key = R(in.b);
        if (container.is(Kind::vec) && container.object->borrow == 0 &&
            (key.tag == Tag::integer || key.tag == Tag::unsigned_integer)) {
            const auto* vec = static_cast<VecObject*>(container.object);
            if (key.unsigned_integer < vec->length) {
                vec->items[key.unsigned_integer] = R(in.c);
                NEXT;
            }
        }
        SAVE;
        set_index(container, key, R(in.c));
        NEXT;
    }

    op_call : {
        const FunctionCode& callee = unit_.functions[in.c];
        SAVE;
        if (callee.sort != CallSort::plain) {
            R(in.a) = make_coroutine(callee, {&R(in.a), in.b});
            NEXT;
        }
        frame = &push_frame(callee, &R(in.a));
        pc = frame->pc;
        registers = frame->base;
        NEXT;
    }
    op_call_native : {
        const NativeFunction& function = *unit_.natives[in.c];
        SAVE;
        NativeCall call{vm_, &R(in.a), in.b};
        R(in.a) = function.body(call);
        NEXT;
    }
    op_call_method : {
        const Site& site = unit_.sites[in.c];
        SAVE;
        const Callee callee = find_method(site, in.c, R(in.a));
        if (callee.script != nullptr) {
            const FunctionCode& code = *callee.script;
            if (code.parameters != in.b) [[unlikely]] {
                raise(ErrorKind::argument_count, "Wrong number of arguments " +
                                                     std::to_string(in.b - 1) + ", expected " +
                                                     std::to_string(code.parameters - 1));
            }
            if (code.sort != CallSort::plain) {
                R(in.a) = make_coroutine(code, {&R(in.a), in.b});
                NEXT;
            }
            frame = &push_frame(code, &R(in.a));
            pc = frame->pc;
            registers = frame->base;
            NEXT;
        }
        const NativeFunction& function = *callee.native;
        if (function.parameters != any_count && function.parameters != in.b) [[unlikely]] {
            raise(ErrorKind::argument_count, "Wrong number of arguments " +
                                                 std::to_string(in.b - 1) + ", expected " +
                                                 std::to_string(function.parameters - 1));
        }
        NativeCall call{vm_, &R(in.a), in.b};
        R(in.a) = function.body(call);
        NEXT;
    }
    op_call_value : {
        const Value callee = R(in.c);
        SAVE;
        if (callee.is(Kind::function)) {
            const auto* function = static_cast<FunctionObject*>(callee.object);
            if (function->sort() == FunctionSort::script &&
                function->script->sort == CallSort::plain && function->script->parameters == in.b) {
                frame = &push_frame(*function->script, &R(in.a));
                pc = frame->pc;
                registers = frame->base;
                for (std::size_t i = 0; i < function->capture_count; ++i) {
                    registers[frame->code->parameters + i] = function->captures()[i];
                }
                NEXT;
            }
        }
        R(in.a) = call(callee, {&R(in.a), in.b});
        NEXT;
    }
    op_return_value : {
        const Value result = R(in.a);
        if (depth_ == entry) {
            SAVE;
            leave();
            return {Resumption::completed, result};
        }
        fuel_ -= in.wide();
        registers[0] = result;
        --depth_;
        --frame;
        pc = frame->pc;
        registers = frame->base;
        NEXT;
    }
    op_return_unit : {
        if (depth_ == entry) {
            SAVE;
            leave();
            return {Resumption::completed, Value::unit()};
        }
        fuel_ -= in.wide();
        registers[0] = Value::unit();
        --depth_;
        --frame;
        pc = frame->pc;
        registers = frame->base;
        NEXT;
    }
    op_look_at_budget:
        SAVE;
        look_at_budget();
        NEXT;
    op_raise_count:
        SAVE;
        raise(ErrorKind::argument_count, "Wrong number of arguments " + std::to_string(in.a) +
                                             ", expected " + std::to_string(in.b));

    op_iterate:
        SAVE;
        R(in.a) = vm_.iterate(R(in.b));
        NEXT;
    op_next : {
        auto* iterator =
            R(in.b).is(Kind::iterator) ? static_cast<IteratorObject*>(R(in.b).object) : nullptr;
        if (iterator != nullptr && iterator->kind_of_source() == IteratorSource::vec &&
            iterator->source.object->kind == Kind::vec) {
            const auto* vec = static_cast<VecObject*>(iterator->source.object);
            // The borrow keeps the length as it was.
            if (iterator->borrows && iterator->front < iterator->back) {
                R(in.a) = vec->items[iterator->front++];
                ++pc;
                NEXT;
            }
        }
        SAVE;
        if (const auto item = vm_.next(R(in.b))) {
            R(in.a) = *item;
            ++pc;
        } else {
            end_iteration(R(in.b));
            JUMP;
        }
        NEXT;
    }
    op_end_iterate:
        end_iteration(R(in.a));
        NEXT;
    op_range_begin:
        SAVE;
        range_begin(&R(in.a), in.c != 0);
        NEXT;
#define ADVANCE_RANGE(current)                                                                \
    do {                                                                                      \
        R(in.a) = current;                                                                    \
        if (current.tag == Tag::character) {                                                  \
            current.character = current.character == 0xD7FF ? 0xE000 : current.character + 1; \
        } else {                                                                              \
            ++current.unsigned_integer;                                                       \
        }                                                                                     \
    } while (false)
    op_range_next : {
        Value& current = R(in.b);
        std::uint64_t& left = R(in.b + 1).unsigned_integer;
        if (left == 0) {
            JUMP;
            NEXT;
        }
        --left;
        ADVANCE_RANGE(current);
        ++pc;
        NEXT;
    }
    op_range_again : {
        Value& current = R(in.b);
        std::uint64_t& left = R(in.b + 1).unsigned_integer;
        if (left == 0) NEXT;
        --left;
        ADVANCE_RANGE(current);
        fuel_ -= in.c;
        if (fuel_ < 0) [[unlikely]] {
            SAVE;
            refuel(in.c);
        }
        pc -= in.c;
        NEXT;
    }
#undef ADVANCE_RANGE
    op_try_unwrap : {
        SAVE;
        if (const auto payload = try_payload(R(in.b))) {
            R(in.a) = *payload;
            // Success skips the jump to the failing path, whose neighbour leads on.
            ++pc;
        } else {
            JUMP;
        }
        NEXT;
    }
    op_format:
        SAVE;
        R(in.a) = format(unit_.formats[in.c], &R(in.b));
        NEXT;
    op_print : {
        SAVE;
        // One call of the host for one line: it may count them.
        if (in.b != 0) {
            vm_.print(std::string(vm_.string_of(R(in.a))) + "\n");
        } else {
            vm_.print(vm_.string_of(R(in.a)));
        }
        NEXT;
    }
    op_debug_print:
        SAVE;
        vm_.print(vm_.debug(R(in.a)) + "\n");
        NEXT;
    op_panic:
        SAVE;
        panic(vm_.string_of(R(in.a)));
    op_debug_string:
        SAVE;
        R(in.a) = vm_.make_string(vm_.debug(R(in.b)));
        NEXT;

    op_yield_value : {
        const Value value = R(in.b);
        suspend(*frame, pc, in.a);
        --depth_;
        return {Resumption::yielded, value};
    }
    op_into_future:
        SAVE;
        if (!R(in.b).is(Kind::future)) {
            const NativeFunction* function =
                R(in.b).is_heap() ? vm_.type_of(R(in.b)).protocol(Protocol::into_future) : nullptr;
            if (function == nullptr) mismatch(vm_, "Future", R(in.b));
            NativeCall call{vm_, &R(in.b), 1};
            R(in.a) = function->body(call);
        } else {
            R(in.a) = R(in.b);
        }
        NEXT;
    op_await : {
        SAVE;
        if (const auto result = poll(R(in.b))) {
            R(in.a) = *result;
            NEXT;
        }
        // Polled again by the same instruction.
        suspend(*frame, pc - 1, in.a);
        --depth_;
        return {Resumption::pending, Value::unit()};
    }
    op_select : {
        SAVE;
        if (select(&R(in.a), &R(in.b), in.c)) NEXT;
        suspend(*frame, pc - 1, in.a);
        --depth_;
        return {Resumption::pending, Value::unit()};
    }
    } catch (...) {
        frame->pc = pc;
        note_trace();
        unwind(entry - 1);
        throw;
    }
#undef R
#undef NEXT
#undef SAVE
#undef JUMP
#undef SKIP
#undef TEST
}

}  // namespace rb::rune
