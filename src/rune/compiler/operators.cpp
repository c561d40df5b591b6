// Operators, folding what is known, and the jumps that conditions take.

#include "rune/compiler/compiler_core.hpp"

namespace rb::rune {

namespace {

Opcode opcode_of(BinaryOp op) {
    return static_cast<Opcode>(static_cast<int>(Opcode::add) + static_cast<int>(op));
}

static_assert(static_cast<int>(Opcode::ge) - static_cast<int>(Opcode::add) ==
              static_cast<int>(BinaryOp::ge));

Opcode test_of(BinaryOp op, bool immediate) {
    const Opcode first = immediate ? Opcode::test_eq_int : Opcode::test_eq;
    return static_cast<Opcode>(static_cast<int>(first) + static_cast<int>(op) -
                               static_cast<int>(BinaryOp::eq));
}

bool is_comparison(BinaryOp op) {
    return op >= BinaryOp::eq;
}

}  // namespace

// What an expression of numbers is at compile time. Whatever would be an error is left to run time.
std::optional<Literal> FunctionCompiler::fold(const Expr* expr) const {
    if (!compiler_.optimise()) return std::nullopt;
    expr = without_groups(expr);
    if (expr->kind == ExprKind::literal) return static_cast<const LiteralExpr*>(expr)->value;
    if (expr->kind != ExprKind::binary) return std::nullopt;
    const auto* node = static_cast<const BinaryExpr*>(expr);
    if (node->op > BinaryOp::mul) return std::nullopt;
    const auto left = fold(node->left);
    if (!left) return std::nullopt;
    const auto right = fold(node->right);
    if (!right || left->kind != right->kind) return std::nullopt;
    Literal result = *left;
    if (left->kind == LiteralKind::integer) {
        const std::int64_t a = left->integer;
        const std::int64_t b = right->integer;
        const bool overflow =
            node->op == BinaryOp::add   ? __builtin_add_overflow(a, b, &result.integer)
            : node->op == BinaryOp::sub ? __builtin_sub_overflow(a, b, &result.integer)
                                        : __builtin_mul_overflow(a, b, &result.integer);
        return overflow ? std::nullopt : std::optional(result);
    }
    if (left->kind != LiteralKind::floating) return std::nullopt;
    result.floating = node->op == BinaryOp::add   ? left->floating + right->floating
                      : node->op == BinaryOp::sub ? left->floating - right->floating
                                                  : left->floating * right->floating;
    return result;
}

void FunctionCompiler::unary(UnaryExpr* expr, Register target) {
    const ScopeGuard scope(*this);
    const Register value = operand(expr->operand);
    emit(expr->op == '!' ? Opcode::invert : Opcode::negate, target, value, 0, expr->span);
}

bool FunctionCompiler::binary_with_constant(BinaryExpr* expr, Register target) {
    if (expr->op > BinaryOp::rem) return false;
    const auto constant = fold(expr->right);
    if (!constant || !fits_immediate(*constant)) return false;
    // Division by a positive number cannot fail.
    if (expr->op > BinaryOp::mul && constant->integer <= 0) return false;
    const Register left = operand(expr->left);
    emit(immediate_opcode(expr->op), target, left, static_cast<std::uint16_t>(constant->integer),
         expr->span);
    return true;
}

void FunctionCompiler::binary(BinaryExpr* expr, Register target) {
    if (const auto constant = fold(expr)) return literal(*constant, target, expr->span);
    const ScopeGuard scope(*this);
    if (binary_with_constant(expr, target)) return;
    const Register left = operand_before(expr->left, expr->right);
    const Register right = operand(expr->right);
    emit(opcode_of(expr->op), target, left, right, expr->span);
}

void FunctionCompiler::logic(LogicExpr* expr, Register target) {
    into(expr->left, target);
    const std::size_t done =
        emit_jump(expr->is_and ? Opcode::jump_unless : Opcode::jump_if, target, expr->left->span);
    into(expr->right, target);
    patch(done);
}

void FunctionCompiler::type_test(TypeExpr* expr, Register target) {
    const ScopeGuard scope(*this);
    const Register value = operand(expr->operand);
    const auto type = type_of_path(*expr->type);
    if (!type) return;
    emit(Opcode::is_type, target, value, compiler_.inline_constant(Value::type(*type)), expr->span);
    if (expr->negated) emit(Opcode::invert, target, target, 0, expr->span);
}

void FunctionCompiler::conversion(TypeExpr* expr, Register target) {
    const ScopeGuard scope(*this);
    const Register value = operand(expr->operand);
    const auto type = type_of_path(*expr->type);
    if (!type) return;
    Tag tag = Tag::unit;
    if (*type == type_hash("::std::i64")) tag = Tag::integer;
    if (*type == type_hash("::std::u64")) tag = Tag::unsigned_integer;
    if (*type == type_hash("::std::f64")) tag = Tag::floating;
    emit(Opcode::as_type, target, value, static_cast<std::size_t>(tag), expr->span);
}

void FunctionCompiler::range(RangeExpr* expr, Register target) {
    const ScopeGuard scope(*this);
    const Register bounds = allocate_many(2, expr->span);
    emit(Opcode::load_unit, bounds + 1U, 0, 0, expr->span);
    if (expr->start != nullptr) {
        into(expr->start, bounds);
    } else {
        emit(Opcode::load_unit, bounds, 0, 0, expr->span);
    }
    if (expr->end != nullptr) into(expr->end, narrow(bounds + 1U));
    const bool both = expr->start != nullptr && expr->end != nullptr;
    const RangeKind kind = both ? (expr->inclusive ? RangeKind::inclusive : RangeKind::range)
                           : expr->start != nullptr ? RangeKind::from
                           : expr->end == nullptr   ? RangeKind::full
                           : expr->inclusive        ? RangeKind::to_inclusive
                                                    : RangeKind::to;
    emit(Opcode::make_range, target, bounds, static_cast<std::size_t>(kind), expr->span);
}

void FunctionCompiler::try_operator(UnaryExpr* expr, Register target) {
    const ScopeGuard scope(*this);
    const Register value = operand(expr->operand);
    emit(Opcode::try_unwrap, target, value, 0, expr->span);
    const std::size_t fails = emit_jump(Opcode::jump, 0, expr->span);
    const std::size_t done = emit_jump(Opcode::jump, 0, expr->span);
    patch(fails);
    end_iterations(0, expr->span);
    emit_return(Opcode::return_value, value, expr->span);
    patch(done);
}

bool FunctionCompiler::branch_on_comparison(BinaryExpr* expr, Jumps& jumps) {
    if (!compiler_.optimise() || !is_comparison(expr->op) || fold(expr)) return false;
    const ScopeGuard scope(*this);
    const auto constant = fold(expr->right);
    if (constant && fits_immediate(*constant)) {
        const Register left = operand(expr->left);
        emit(test_of(expr->op, true), left, static_cast<std::uint16_t>(constant->integer), 0,
             expr->span);
    } else {
        const Register left = operand_before(expr->left, expr->right);
        const Register right = operand(expr->right);
        emit(test_of(expr->op, false), left, right, 0, expr->span);
    }
    jumps.push_back(emit_jump(Opcode::jump, 0, expr->span));
    return true;
}

void FunctionCompiler::branch_unless(Expr* condition, Jumps& jumps) {
    while (condition->kind == ExprKind::group) {
        condition = static_cast<UnaryExpr*>(condition)->operand;
    }
    if (condition->kind == ExprKind::let) {
        auto* let = static_cast<LetExpr*>(condition);
        const Register value = allocate(let->span);
        into(let->value, value);
        return pattern(let->pattern, value, jumps, true);
    }
    if (condition->kind == ExprKind::logic && static_cast<LogicExpr*>(condition)->is_and) {
        auto* both = static_cast<LogicExpr*>(condition);
        branch_unless(both->left, jumps);
        return branch_unless(both->right, jumps);
    }
    if (condition->kind == ExprKind::binary &&
        branch_on_comparison(static_cast<BinaryExpr*>(condition), jumps)) {
        return;
    }
    const ScopeGuard scope(*this);
    const Register value = operand(condition);
    jumps.push_back(emit_jump(Opcode::jump_unless, value, condition->span));
}

}  // namespace rb::rune
