// The forms that instructions take in Interpreter::run(): how one leads to the next, and the
// families that differ in an operator only. For interpreter.cpp alone: the names used here (`in`,
// `pc`, `registers`, `frame`, `entry`, `labels`) are those of run().
//
// They are macros because they hold labels and jumps, which no function can.

#pragma once

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

// Raises for a value that was moved away.
#define READABLE(value)               \
    do {                              \
        if (value.is(Kind::moved)) {  \
            SAVE;                     \
            (void)vm_.type_of(value); \
        }                             \
    } while (false)

// Goes on in a new frame whose first registers are the arguments.
#define ENTER(code)                          \
    do {                                     \
        frame = &push_frame(code, &R(in.a)); \
        pc = frame->pc;                      \
        registers = frame->base;             \
    } while (false)

// An instruction that is one call, which may raise or allocate.
#define RESULT(name, ...)  \
    op_##name : SAVE;      \
    R(in.a) = __VA_ARGS__; \
    NEXT;

#define ARITHMETIC(name, symbol, raise_range)                                        \
    op_##name : {                                                                    \
        const Value left = R(in.b);                                                  \
        const Value right = R(in.c);                                                 \
        if (both(left, right, Tag::integer)) {                                       \
            std::int64_t result = 0;                                                 \
            if (__builtin_##name##_overflow(left.integer, right.integer, &result)) { \
                raise_range();                                                       \
            }                                                                        \
            R(in.a) = Value::of(result);                                             \
        } else if (both(left, right, Tag::floating)) {                               \
            R(in.a) = Value::of(left.floating symbol right.floating);                \
        } else {                                                                     \
            SAVE;                                                                    \
            R(in.a) = binary_operation(vm_, BinaryOp::name, left, right);            \
        }                                                                            \
        NEXT;                                                                        \
    }

#define OPERATION(name)                                                \
    op_##name : SAVE;                                                  \
    R(in.a) = binary_operation(vm_, BinaryOp::name, R(in.b), R(in.c)); \
    NEXT;

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

// The right operand is a number in the instruction.
#define IMMEDIATE(name, calculate)                                                     \
    op_##name##_int : {                                                                \
        const Value left = R(in.b);                                                    \
        const auto right = static_cast<std::int64_t>(static_cast<std::int16_t>(in.c)); \
        if (left.tag == Tag::integer) {                                                \
            std::int64_t result = 0;                                                   \
            calculate;                                                                 \
            R(in.a) = Value::of(result);                                               \
        } else {                                                                       \
            SAVE;                                                                      \
            R(in.a) = binary_operation(vm_, BinaryOp::name, left, Value::of(right));   \
        }                                                                              \
        NEXT;                                                                          \
    }

#define CONDITIONAL(name, taken)                          \
    op_##name : {                                         \
        const Value condition = R(in.a);                  \
        if (condition.tag != Tag::boolean) [[unlikely]] { \
            SAVE;                                         \
            mismatch(vm_, "bool", condition);             \
        }                                                 \
        if (taken) SKIP(in.signed_wide());                \
        NEXT;                                             \
    }

#define RETURN(name, value)                         \
    op_##name : {                                   \
        const Value result = value;                 \
        if (depth_ == entry) {                      \
            SAVE;                                   \
            leave();                                \
            return {Resumption::completed, result}; \
        }                                           \
        fuel_ -= in.wide();                         \
        registers[0] = result;                      \
        --depth_;                                   \
        --frame;                                    \
        pc = frame->pc;                             \
        registers = frame->base;                    \
        NEXT;                                       \
    }
