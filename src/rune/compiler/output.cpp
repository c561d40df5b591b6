// What the macros become that format, print, panic and assert.

#include "rune/compiler/compiler_core.hpp"
#include "rune/compiler/late_format.hpp"

namespace rb::rune {

void FunctionCompiler::format(FormatExpr* expr, Register target) {
    const auto is_variable = [&](std::string_view name) { return can_see(name); };
    if (!plan_late_format(compiler_, *expr, scope_, self_type_, is_variable)) return;
    if (expr->arguments.empty()) {
        std::string text;
        for (const auto& part : expr->parts) text += part.text;
        emit_wide(Opcode::load_string, target, compiler_.string(text), expr->span);
        return;
    }
    const ScopeGuard scope(*this);
    const Register first = arguments(expr->arguments, expr->span);
    std::vector<FormatStep> plan;
    for (const auto& part : expr->parts) {
        plan.push_back({std::string(part.text), part.argument, part.spec});
    }
    auto& formats = compiler_.unit().formats;
    formats.push_back(std::move(plan));
    emit(Opcode::format, target, first, formats.size() - 1, expr->span);
}

void FunctionCompiler::print(PrintExpr* expr, Register target) {
    const ScopeGuard scope(*this);
    const Register text = allocate(expr->span);
    if (expr->message != nullptr) {
        format(expr->message, text);
    } else {
        emit_wide(Opcode::load_string, text, compiler_.string(""), expr->span);
    }
    if (expr->kind == ExprKind::panic) {
        emit(Opcode::panic, text, 0, 0, expr->span);
    } else {
        emit(Opcode::print, text, expr->newline ? 1 : 0, 0, expr->span);
    }
    emit(Opcode::load_unit, target, 0, 0, expr->span);
}

void FunctionCompiler::panic_with(const std::string& text, Span span) {
    const ScopeGuard scope(*this);
    const Register reg = allocate(span);
    emit_wide(Opcode::load_string, reg, compiler_.string(text), span);
    emit(Opcode::panic, reg, 0, 0, span);
}

void FunctionCompiler::assert_true(AssertExpr* expr, Register target) {
    const ScopeGuard scope(*this);
    const Register condition = allocate(expr->span);
    into(expr->condition, condition);
    const std::size_t holds = emit_jump(Opcode::jump_if, condition, expr->condition->span);
    if (expr->message == nullptr) {
        panic_with("assertion failed: " + std::string(expr->source), expr->span);
    } else {
        const Register text = allocate(expr->span);
        const Register rest = allocate(expr->span);
        emit_wide(Opcode::load_string, text, compiler_.string("assertion failed: "), expr->span);
        format(expr->message, rest);
        emit(Opcode::compound, text, rest, static_cast<std::size_t>(BinaryOp::add), expr->span);
        emit(Opcode::panic, text, 0, 0, expr->span);
    }
    patch(holds);
    emit(Opcode::load_unit, target, 0, 0, expr->span);
}

void FunctionCompiler::assert_equal(AssertEqExpr* expr, Register target) {
    const ScopeGuard scope(*this);
    const Register left = allocate(expr->span);
    into(expr->left, left);
    // The original expands to `let left = …; let right = …;`, which the second value can see.
    bind("left", left);
    const Register right = allocate(expr->span);
    into(expr->right, right);
    bind("right", right);
    const Register same = allocate(expr->span);
    emit(expr->equal ? Opcode::eq : Opcode::ne, same, left, right, expr->span);
    const std::size_t holds = emit_jump(Opcode::jump_if, same, expr->span);
    const Register text = allocate(expr->span);
    const Register rest = allocate(expr->span);
    const auto append = [&](Register part) {
        emit(Opcode::compound, text, part, static_cast<std::size_t>(BinaryOp::add), expr->span);
    };
    const auto append_text = [&](std::string_view part) {
        emit_wide(Opcode::load_string, rest, compiler_.string(part), expr->span);
        append(rest);
    };
    const std::string_view operation = expr->equal ? "==" : "!=";
    emit_wide(Opcode::load_string, text,
              compiler_.string("assertion failed (left " + std::string(operation) + " right):"),
              expr->span);
    if (expr->message != nullptr) {
        append_text(" ");
        format(expr->message, rest);
        append(rest);
    }
    append_text("\nleft: ");
    emit(Opcode::debug_string, rest, left, 0, expr->span);
    append(rest);
    append_text("\nright: ");
    emit(Opcode::debug_string, rest, right, 0, expr->span);
    append(rest);
    emit(Opcode::panic, text, 0, 0, expr->span);
    patch(holds);
    emit(Opcode::load_unit, target, 0, 0, expr->span);
}

}  // namespace rb::rune
