#include "rune/vm/interpreter.hpp"

#include "rune/vm/dispatch.hpp"
#include "rune/vm/fast_paths.hpp"
#include "rune/vm/operations.hpp"

#include <cmath>
#include <limits>

namespace rb::rune {

// The loop dispatches by computed goto: one indirect jump per instruction, each predicted on its
// own. `pc` and `registers` live in machine registers; what may raise, call or allocate finds them
// through frame->pc, which is stored before such steps.
// NOLINTNEXTLINE(readability-function-size): the labels of a computed goto share one function.
Interpreter::Resumed Interpreter::run(std::size_t entry) {
    static const void* const labels[] = {
#define RUNE_OPCODE(name) &&op_##name,
#include "rune/bytecode/opcodes.def"
#undef RUNE_OPCODE
    };

    Frame* frame = &frames_[depth_ - 1];
    const Instruction* pc = frame->pc;
    Value* registers = frame->base;

    Instruction in{};
    try {
        NEXT;

    op_move:
        R(in.a) = R(in.b);
        NEXT;
    op_move_out : {
        const Value moved = R(in.b);
        R(in.b) = Value::unit();
        R(in.a) = moved;
        NEXT;
    }
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
        RESULT(load_string, load_string(in.wide(), Kind::string))
        RESULT(load_bytes, load_string(in.wide(), Kind::bytes))
        RESULT(load_const, vm_.make_const(unit_.constants[in.wide()]))
        RESULT(load_function, make_function(&unit_.functions[in.wide()]))
        RESULT(load_native, make_function(unit_.natives[in.wide()]))
        RESULT(load_constructor, make_function(unit_.shapes[in.wide()]))
        RESULT(load_variant, make_function(static_cast<BuiltinVariant>(in.b)))
        RESULT(load_static, load_static(in.wide()))
    op_store_static:
        statics_[in.wide()] = R(in.a);
        NEXT;
        RESULT(make_vec, vm_.make_vec({&R(in.b), in.c}))
        RESULT(make_tuple, vm_.make_tuple({&R(in.b), in.c}))
        RESULT(make_object, make_table(unit_.key_lists[in.c], &R(in.b)))
        RESULT(make_struct, make_struct(*unit_.shapes[in.c], &R(in.b)))
        RESULT(make_variant, vm_.make_variant(static_cast<BuiltinVariant>(in.c), R(in.b)))
        RESULT(make_range, vm_.make_range(static_cast<RangeKind>(in.c), R(in.b), R(in.b + 1)))
        RESULT(make_closure, make_closure(unit_.functions[in.b], &R(in.c)))
        RESULT(take_over, vm_.take_over(R(in.b)))

        ARITHMETIC(add, +, raise_overflow)
        ARITHMETIC(sub, -, raise_underflow)
        ARITHMETIC(mul, *, raise_overflow)

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

        OPERATION(shl)
        OPERATION(shr)
        OPERATION(bit_and)
        OPERATION(bit_xor)
        OPERATION(bit_or)

        COMPARISON(eq, ==)
        COMPARISON(ne, !=)
        COMPARISON(lt, <)
        COMPARISON(gt, >)
        COMPARISON(le, <=)
        COMPARISON(ge, >=)

        IMMEDIATE(add, if (__builtin_add_overflow(left.integer, right, &result)) raise_overflow())
        IMMEDIATE(sub, if (__builtin_sub_overflow(left.integer, right, &result)) raise_underflow())
        IMMEDIATE(mul, if (__builtin_mul_overflow(left.integer, right, &result)) raise_overflow())
        IMMEDIATE(div, result = left.integer / right)
        IMMEDIATE(rem, result = left.integer % right)

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
        RESULT(negate, negate(vm_, R(in.b)))
    op_invert:
        if (R(in.b).tag == Tag::boolean) {
            R(in.a) = Value::of(!R(in.b).boolean);
        } else {
            SAVE;
            R(in.a) = invert(vm_, R(in.b));
        }
        NEXT;
        RESULT(is_type, Value::of(vm_.type_of(R(in.b)).hash == unit_.inline_constants[in.c].hash))
        RESULT(as_type, convert(vm_, R(in.b), static_cast<Tag>(in.c)))

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
        CONDITIONAL(jump_if, condition.boolean)
        CONDITIONAL(jump_unless, !condition.boolean)

    op_match_inline : {
        const Value value = R(in.a);
        const Value wanted = unit_.inline_constants[in.b];
        READABLE(value);
        TEST(value.tag == wanted.tag &&
             (value.tag == Tag::unit || value.unsigned_integer == wanted.unsigned_integer));
    }
    op_match_const:
        SAVE;
        TEST(match_const(unit_.constants[in.b], R(in.a)));
    op_match_tuple : {
        const Value value = R(in.a);
        if (value.is_unit()) TEST(in.b == 0);
        READABLE(value);
        if (!value.is(Kind::tuple)) TEST(false);
        const auto length = static_cast<TupleObject*>(value.object)->length;
        TEST(in.c != 0 ? length >= in.b : length == in.b);
    }
    op_match_vec : {
        const Value value = R(in.a);
        READABLE(value);
        if (!value.is(Kind::vec)) TEST(false);
        const auto length = static_cast<VecObject*>(value.object)->length;
        TEST(in.c != 0 ? length >= in.b : length == in.b);
    }
    op_match_object:
        SAVE;
        TEST(match_object(R(in.a), unit_.key_lists[in.b], in.c != 0));
    op_match_shape : {
        const Value value = R(in.a);
        READABLE(value);
        TEST(value.is(Kind::structure) &&
             static_cast<StructObject*>(value.object)->shape == unit_.shapes[in.b]);
    }
    op_match_variant : {
        const Value value = R(in.a);
        READABLE(value);
        TEST(value.is(Kind::variant) && value.object->detail == in.b);
    }
    op_match_type:
        SAVE;
        TEST(vm_.type_of(R(in.a)).hash == unit_.inline_constants[in.b].hash);
    op_get_item:
        R(in.a) = get_item(R(in.b), in.c);
        NEXT;
        RESULT(get_key, get_field(R(in.b), unit_.sites[in.c]))

    op_get_field : {
        const Value object = R(in.b);
        const FieldCache& cache = field_caches_[in.c];
        if (const Value* place = cached_field(object, cache.owner, cache.slot)) {
            R(in.a) = *place;
            NEXT;
        }
        SAVE;
        get_field_slow(R(in.a), object, in.c);
        NEXT;
    }
    op_set_field : {
        const Value object = R(in.a);
        const FieldCache& cache = field_caches_[in.c];
        if (object.tag == Tag::heap && object.object->borrow == 0) {
            if (Value* place = cached_field(object, cache.owner, cache.slot)) {
                *place = R(in.b);
                NEXT;
            }
        }
        SAVE;
        set_field(object, R(in.b), in.c);
        NEXT;
    }
        RESULT(get_number, get_number(R(in.b), in.c))
    op_set_number:
        SAVE;
        set_number(R(in.a), in.c, R(in.b));
        NEXT;
    op_get_index : {
        const Value container = R(in.b);
        const Value key = R(in.c);
        if (const Value* place = vec_place(container, key)) {
            R(in.a) = *place;
            NEXT;
        }
        SAVE;
        R(in.a) = get_index(container, key);
        NEXT;
    }
    op_set_index : {
        const Value container = R(in.a);
        const Value key = R(in.b);
        Value* place = vec_place(container, key);
        if (place != nullptr && container.object->borrow == 0) {
            *place = R(in.c);
            NEXT;
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
        ENTER(callee);
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
            if (code.parameters != in.b) [[unlikely]]
                raise_count(in.b - 1, code.parameters - 1);
            if (code.sort != CallSort::plain) {
                R(in.a) = make_coroutine(code, {&R(in.a), in.b});
                NEXT;
            }
            ENTER(code);
            NEXT;
        }
        const NativeFunction& function = *callee.native;
        if (function.parameters != any_count && function.parameters != in.b) [[unlikely]] {
            raise_count(in.b - 1, function.parameters - 1);
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
                ENTER(*function->script);
                for (std::size_t i = 0; i < function->capture_count; ++i) {
                    registers[frame->code->parameters + i] = function->captures()[i];
                }
                NEXT;
            }
        }
        R(in.a) = call(callee, {&R(in.a), in.b});
        NEXT;
    }
        RETURN(return_value, R(in.a))
        RETURN(return_unit, Value::unit())
    op_look_at_budget:
        SAVE;
        look_at_budget();
        NEXT;
    op_raise_count:
        SAVE;
        raise_count(in.a, in.b);

        RESULT(iterate, vm_.iterate(R(in.b)))
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
    op_range_next : {
        Value& current = R(in.b);
        std::uint64_t& left = R(in.b + 1).unsigned_integer;
        if (left == 0) {
            JUMP;
            NEXT;
        }
        --left;
        R(in.a) = advance(current);
        ++pc;
        NEXT;
    }
    op_range_again : {
        Value& current = R(in.b);
        std::uint64_t& left = R(in.b + 1).unsigned_integer;
        if (left == 0) NEXT;
        --left;
        R(in.a) = advance(current);
        fuel_ -= in.c;
        if (fuel_ < 0) [[unlikely]] {
            SAVE;
            refuel(in.c);
        }
        pc -= in.c;
        NEXT;
    }
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
        RESULT(format, format(unit_.formats[in.c], &R(in.b)))
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
        RESULT(debug_string, vm_.make_string(vm_.debug(R(in.b))))

    op_yield_value : {
        const Value value = R(in.b);
        suspend(*frame, pc, in.a);
        --depth_;
        return {Resumption::yielded, value};
    }
        RESULT(into_future, into_future(R(in.b)))
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
}

}  // namespace rb::rune
