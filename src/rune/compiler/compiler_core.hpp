// Private to the compiler's source files: the guard of scopes, and what is asked of expressions.

#pragma once

#include "rune/compiler/compiler.hpp"
#include "rune/limits.hpp"

#include <limits>

namespace rb::rune {

// Gives back the registers and variables of a scope, and its item scope.
class ScopeGuard {
public:
    explicit ScopeGuard(FunctionCompiler& function)
        : function_(function),
          registers_(function.next_register_),
          locals_(function.locals_.size()),
          scope_(function.scope_) {}
    ~ScopeGuard() {
        function_.next_register_ = registers_;
        function_.locals_.resize(locals_);
        function_.scope_ = scope_;
    }
    ScopeGuard(const ScopeGuard&) = delete;
    ScopeGuard& operator=(const ScopeGuard&) = delete;

private:
    FunctionCompiler& function_;
    std::size_t registers_;
    std::size_t locals_;
    ItemNode* scope_;
};

inline const Expr* without_groups(const Expr* expr) {
    while (expr->kind == ExprKind::group) expr = static_cast<const UnaryExpr*>(expr)->operand;
    return expr;
}

// Whether the literal can stand in an instruction.
inline bool fits_immediate(const Literal& literal) {
    return literal.kind == LiteralKind::integer &&
           literal.integer >= std::numeric_limits<std::int16_t>::min() &&
           literal.integer <= std::numeric_limits<std::int16_t>::max();
}

// The instruction that takes the right operand as a number.
inline Opcode immediate_opcode(BinaryOp op) {
    return static_cast<Opcode>(static_cast<int>(Opcode::add_int) + static_cast<int>(op));
}

static_assert(static_cast<int>(Opcode::mul_int) - static_cast<int>(Opcode::add_int) ==
              static_cast<int>(BinaryOp::mul));

}  // namespace rb::rune
