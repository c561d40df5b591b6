#include "rune/compiler/compiler_core.hpp"
#include "rune/compiler/const_eval.hpp"

namespace rb::rune {

void FunctionCompiler::block(Block* block, Register target, bool wanted) {
    const ScopeGuard guard(*this);
    if (block->scope != nullptr) scope_ = block->scope;
    statements(block);
    if (block->tail == nullptr) {
        if (wanted) emit(Opcode::load_unit, target, 0, 0, block->span);
    } else if (wanted) {
        into(block->tail, target);
    } else {
        discard(block->tail);
    }
}

void FunctionCompiler::statements(Block* block) {
    for (const Statement& statement : block->statements) {
        look_at_budget(statement.span);
        if (statement.pattern == nullptr) {
            discard(statement.value);
            continue;
        }
        const Register value = allocate(statement.span);
        into(statement.value, value);
        demand(statement.pattern, value, true);
    }
}

void FunctionCompiler::block_expression(BlockExpr* expr, Register target, bool wanted) {
    if (expr->is_const) {
        ConstEvaluator evaluator(compiler_, scope_, self_type_);
        if (auto value = evaluator.evaluate_block(expr->block)) {
            constant_value(compiler_.keep(std::move(*value)), target, expr->span);
        }
        return;
    }
    if (expr->label.text.empty()) return block(expr->block, target, wanted);
    targets_.push_back({ExprKind::block, expr->label.text, target});
    block(expr->block, target, true);
    const Target done = std::move(targets_.back());
    targets_.pop_back();
    patch(done.breaks);
}

void FunctionCompiler::if_expression(IfExpr* expr, Register target, bool wanted) {
    Jumps ends;
    // A chain of `else if` is walked, not recursed into.
    for (IfExpr* current = expr;;) {
        Jumps fails;
        {
            const ScopeGuard guard(*this);
            branch_unless(current->condition, fails);
            block(current->then, target, wanted);
        }
        Expr* otherwise = current->otherwise;
        if (otherwise == nullptr && !wanted) {
            patch(fails);
            break;
        }
        ends.push_back(emit_jump(Opcode::jump, 0, current->span));
        patch(fails);
        if (otherwise == nullptr) {
            emit(Opcode::load_unit, target, 0, 0, current->span);
            break;
        }
        if (otherwise->kind == ExprKind::if_) {
            current = static_cast<IfExpr*>(otherwise);
            continue;
        }
        block(static_cast<BlockExpr*>(otherwise)->block, target, wanted);
        break;
    }
    patch(ends);
}

void FunctionCompiler::match(MatchExpr* expr, Register target, bool wanted) {
    const ScopeGuard guard(*this);
    // A copy: an arm may assign the variable that is matched.
    const Register value = allocate(expr->value->span);
    into(expr->value, value);
    // Arms write the target while later guards may still read variables.
    Jumps ends;
    for (const MatchArm& arm : expr->arms) {
        const ScopeGuard arm_guard(*this);
        look_at_budget(arm.pattern->span);
        Jumps fails;
        // The only failure of a test is a value that was moved: the value's fault, not the arm's.
        matched_span_ = expr->value->span;
        pattern(arm.pattern, value, fails, false);
        matched_span_.reset();
        if (arm.guard != nullptr) branch_unless(arm.guard, fails);
        if (wanted) {
            into(arm.body, target);
        } else {
            discard(arm.body);
        }
        ends.push_back(emit_jump(Opcode::jump, 0, arm.body->span));
        patch(fails);
    }
    // No arm matches: ().
    if (wanted) emit(Opcode::load_unit, target, 0, 0, expr->span);
    patch(ends);
}

void FunctionCompiler::loop_body(LoopExpr* expr) {
    const ScopeGuard guard(*this);
    block(expr->body, allocate(expr->body->span), false);
    patch(targets_.back().continues);
}

void FunctionCompiler::loop(LoopExpr* expr, Register target) {
    // A result of its own: `x = loop { … break x + 1 }` reads x until the end.
    const ScopeGuard guard(*this);
    targets_.push_back({expr->kind, expr->label.text, target});
    const std::size_t top = here();
    Jumps fails;
    {
        const ScopeGuard inner(*this);
        if (expr->condition != nullptr) branch_unless(expr->condition, fails);
        loop_body(expr);
        jump_back(top, expr->span);
    }
    patch(fails);
    // A `while` that ends by itself yields ().
    if (expr->kind == ExprKind::while_) emit(Opcode::load_unit, target, 0, 0, expr->span);
    const Target done = std::move(targets_.back());
    targets_.pop_back();
    patch(done.breaks);
}

// Loops over a range written in place need no iterator.
bool FunctionCompiler::range_loop(LoopExpr* expr, Target& loop) {
    if (!compiler_.optimise()) return false;
    Expr* iterable = expr->condition;
    while (iterable->kind == ExprKind::group) {
        iterable = static_cast<UnaryExpr*>(iterable)->operand;
    }
    if (iterable->kind != ExprKind::range) return false;
    auto* range = static_cast<RangeExpr*>(iterable);
    if (range->start == nullptr || range->end == nullptr) return false;
    const Register bounds = allocate_many(2, expr->span);
    into(range->start, bounds);
    into(range->end, narrow(bounds + 1U));
    emit(Opcode::range_begin, bounds, 0, range->inclusive ? 1 : 0, iterable->span);
    targets_.push_back(loop);
    const std::size_t top = here();
    const Register item = allocate(expr->pattern->span);
    emit(Opcode::range_next, item, bounds, 0, iterable->span);
    const std::size_t end = emit_jump(Opcode::jump, 0, iterable->span);
    const std::size_t body = here();
    {
        const ScopeGuard inner(*this);
        demand(expr->pattern, item, true);
        loop_body(expr);
    }
    if (const std::size_t distance = here() + 1 - body; distance <= 0xFFFF) {
        emit(Opcode::range_again, item, bounds, distance, iterable->span);
    } else {
        jump_back(top, expr->span);
    }
    patch(end);
    return true;
}

void FunctionCompiler::for_loop(LoopExpr* expr, Register target) {
    const ScopeGuard guard(*this);
    Target loop{expr->kind, expr->label.text, target};
    if (!range_loop(expr, loop)) {
        const Register iterator = allocate(expr->span);
        {
            const ScopeGuard inner(*this);
            emit(Opcode::iterate, iterator, operand(expr->condition), 0, expr->condition->span);
        }
        loop.iterator = iterator;
        targets_.push_back(loop);
        const std::size_t top = here();
        const Register item = allocate(expr->pattern->span);
        emit(Opcode::next, item, iterator, 0, expr->condition->span);
        const std::size_t end = emit_jump(Opcode::jump, 0, expr->condition->span);
        {
            const ScopeGuard inner(*this);
            demand(expr->pattern, item, true);
            loop_body(expr);
            jump_back(top, expr->span);
        }
        patch(end);
    }
    const Target done = std::move(targets_.back());
    targets_.pop_back();
    patch(done.breaks);
    emit(Opcode::load_unit, target, 0, 0, expr->span);
}

FunctionCompiler::Target* FunctionCompiler::find_target(const JumpExpr* expr, bool is_continue) {
    for (std::size_t i = targets_.size(); i-- > 0;) {
        Target& candidate = targets_[i];
        const bool is_block = candidate.kind == ExprKind::block;
        if (!expr->label.text.empty()) {
            if (candidate.label != expr->label.text) continue;
            if (is_continue && is_block) {
                error(DiagnosticClass::wrong_place, expr->span,
                      "`continue` cannot go on with a block");
                return nullptr;
            }
            return &candidate;
        }
        if (is_continue && is_block) {
            error(DiagnosticClass::wrong_place, expr->span,
                  "`continue` cannot go on with a labelled block", "name the loop with a label");
            return nullptr;
        }
        return &candidate;
    }
    const std::string word = is_continue ? "`continue`" : "`break`";
    if (expr->label.text.empty()) {
        error(DiagnosticClass::wrong_place, expr->span, word + " outside of a loop");
    } else {
        error(DiagnosticClass::wrong_place, expr->span,
              "no loop here has the label " + std::string(expr->label.text));
    }
    return nullptr;
}

// Gives back the borrows of the `for` loops above the given one.
void FunctionCompiler::end_iterations(std::size_t down_to, Span span) {
    for (std::size_t i = targets_.size(); i-- > down_to;) {
        if (targets_[i].iterator) emit(Opcode::end_iterate, *targets_[i].iterator, 0, 0, span);
    }
}

void FunctionCompiler::break_or_continue(JumpExpr* expr) {
    const bool is_continue = expr->kind == ExprKind::continue_;
    Target* target = find_target(expr, is_continue);
    if (target == nullptr) return;
    const auto number = static_cast<std::size_t>(target - targets_.data());
    if (is_continue) {
        end_iterations(number + 1, expr->span);
        targets_[number].continues.push_back(emit_jump(Opcode::jump, 0, expr->span));
        return;
    }
    if (expr->value != nullptr && target->kind == ExprKind::for_) {
        return error(DiagnosticClass::wrong_place, expr->span,
                     "`break` with a value is not supported in `for`");
    }
    const Register result = target->result;
    if (expr->value != nullptr) {
        const ScopeGuard guard(*this);
        emit(Opcode::move, result, operand(expr->value), 0, expr->span);
    } else {
        emit(Opcode::load_unit, result, 0, 0, expr->span);
    }
    end_iterations(number, expr->span);
    targets_[number].breaks.push_back(emit_jump(Opcode::jump, 0, expr->span));
}

void FunctionCompiler::return_expression(UnaryExpr* expr) {
    const ScopeGuard guard(*this);
    if (expr->operand == nullptr) {
        end_iterations(0, expr->span);
        emit_return(Opcode::return_unit, 0, expr->span);
        return;
    }
    const Register value = operand(expr->operand);
    end_iterations(0, expr->span);
    emit_return(Opcode::return_value, value, expr->span);
}

void FunctionCompiler::yield(UnaryExpr* expr, Register target) {
    const ScopeGuard guard(*this);
    Register value = 0;
    if (expr->operand != nullptr) {
        value = operand(expr->operand);
    } else {
        value = allocate(expr->span);
        emit(Opcode::load_unit, value, 0, 0, expr->span);
    }
    emit(Opcode::yield_value, target, value, 0, expr->span);
}

void FunctionCompiler::await(Expr* future, Register target, Span span) {
    if (!is_async_) {
        return error(DiagnosticClass::wrong_place, span,
                     "`.await` is only allowed inside async functions, closures and blocks",
                     "mark the function `async`");
    }
    const ScopeGuard guard(*this);
    // A register of its own: it is polled again after each suspension.
    const Register value = allocate(span);
    into(future, value);
    emit(Opcode::into_future, value, value, 0, span);
    emit(Opcode::await, target, value, 0, span);
}

void FunctionCompiler::select(SelectExpr* expr, Register target) {
    if (!is_async_) {
        return error(DiagnosticClass::wrong_place, expr->span,
                     "`select` is only allowed inside async functions, closures and blocks",
                     "mark the function `async`");
    }
    const ScopeGuard guard(*this);
    const std::size_t count = expr->arms.size();
    const Register futures = allocate_many(count, expr->span);
    for (std::size_t i = 0; i < count; ++i) {
        const auto reg = narrow(futures + i);
        into(expr->arms[i].future, reg);
        emit(Opcode::into_future, reg, reg, 0, expr->arms[i].future->span);
    }
    const Register result = allocate_many(2, expr->span);
    const std::size_t top = here();
    emit(Opcode::select, result, futures, count, expr->span);
    Jumps ends;
    for (std::size_t i = 0; i < count; ++i) {
        const ScopeGuard arm_guard(*this);
        emit(Opcode::test_eq_int, result + 1U, i, 0, expr->span);
        const std::size_t other = emit_jump(Opcode::jump, 0, expr->span);
        // The future is done; if the pattern fails, only the others are polled on.
        emit(Opcode::load_unit, futures + i, 0, 0, expr->span);
        Jumps fails;
        pattern(expr->arms[i].pattern, result, fails, false);
        into(expr->arms[i].body, target);
        ends.push_back(emit_jump(Opcode::jump, 0, expr->span));
        patch(fails);
        if (!fails.empty()) jump_back(top, expr->span);
        patch(other);
    }
    if (expr->default_body != nullptr) {
        into(expr->default_body, target);
    } else {
        emit(Opcode::load_unit, target, 0, 0, expr->span);
    }
    patch(ends);
}

}  // namespace rb::rune
