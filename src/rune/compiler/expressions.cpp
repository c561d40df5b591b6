// Expressions: where each kind is compiled, into which register, and those that build values.

#include "rune/compiler/compiler_core.hpp"

#include <algorithm>
#include <limits>

namespace rb::rune {

// NOLINTNEXTLINE(readability-function-size): a table, one line per kind.
void FunctionCompiler::into(Expr* expr, Register target) {
    switch (expr->kind) {
        case ExprKind::error:
            return;
        case ExprKind::literal:
            return literal(static_cast<LiteralExpr*>(expr)->value, target, expr->span);
        case ExprKind::format:
            return format(static_cast<FormatExpr*>(expr), target);
        case ExprKind::path:
            return path(static_cast<PathExpr*>(expr), target);
        case ExprKind::tuple:
            return list(static_cast<ListExpr*>(expr), Opcode::make_tuple, target);
        case ExprKind::vec:
            return list(static_cast<ListExpr*>(expr), Opcode::make_vec, target);
        case ExprKind::object:
            return object(static_cast<FieldsExpr*>(expr), target);
        case ExprKind::structure:
            return structure(static_cast<FieldsExpr*>(expr), target);
        case ExprKind::call:
            return call(static_cast<CallExpr*>(expr), target);
        case ExprKind::method_call:
            return method_call(static_cast<MethodCallExpr*>(expr), target);
        case ExprKind::field:
            return field(static_cast<FieldExpr*>(expr), target);
        case ExprKind::index:
            return index(static_cast<IndexExpr*>(expr), target);
        case ExprKind::await:
            return await(static_cast<UnaryExpr*>(expr)->operand, target, expr->span);
        case ExprKind::try_:
            return try_operator(static_cast<UnaryExpr*>(expr), target);
        case ExprKind::unary:
            return unary(static_cast<UnaryExpr*>(expr), target);
        case ExprKind::binary:
            return binary(static_cast<BinaryExpr*>(expr), target);
        case ExprKind::logic:
            return logic(static_cast<LogicExpr*>(expr), target);
        case ExprKind::is:
            return type_test(static_cast<TypeExpr*>(expr), target);
        case ExprKind::as:
            return conversion(static_cast<TypeExpr*>(expr), target);
        case ExprKind::range:
            return range(static_cast<RangeExpr*>(expr), target);
        case ExprKind::assign:
            return assign(static_cast<AssignExpr*>(expr), target);
        case ExprKind::compound:
            return compound(static_cast<BinaryExpr*>(expr), target);
        case ExprKind::group:
            return into(static_cast<UnaryExpr*>(expr)->operand, target);
        case ExprKind::block:
            return block_expression(static_cast<BlockExpr*>(expr), target, true);
        case ExprKind::if_:
            return if_expression(static_cast<IfExpr*>(expr), target, true);
        case ExprKind::let:
            return error(DiagnosticClass::syntax, expr->span, "`let` is no expression");
        case ExprKind::match:
            return match(static_cast<MatchExpr*>(expr), target, true);
        case ExprKind::loop:
        case ExprKind::while_:
            return loop(static_cast<LoopExpr*>(expr), target);
        case ExprKind::for_:
            return for_loop(static_cast<LoopExpr*>(expr), target);
        case ExprKind::select:
            return select(static_cast<SelectExpr*>(expr), target);
        case ExprKind::closure:
            return closure(static_cast<ClosureExpr*>(expr), target);
        case ExprKind::return_:
            return return_expression(static_cast<UnaryExpr*>(expr));
        case ExprKind::break_:
        case ExprKind::continue_:
            return break_or_continue(static_cast<JumpExpr*>(expr));
        case ExprKind::yield:
            return yield(static_cast<UnaryExpr*>(expr), target);
        case ExprKind::print:
        case ExprKind::panic:
            return print(static_cast<PrintExpr*>(expr), target);
        case ExprKind::assert_:
            return assert_true(static_cast<AssertExpr*>(expr), target);
        case ExprKind::assert_eq:
            return assert_equal(static_cast<AssertEqExpr*>(expr), target);
        case ExprKind::dbg: {
            for (Expr* item : static_cast<ListExpr*>(expr)->items) {
                const ScopeGuard scope(*this);
                emit(Opcode::debug_print, operand(item), 0, 0, item->span);
            }
            emit(Opcode::load_unit, target, 0, 0, expr->span);
            return;
        }
    }
}

FunctionCompiler::Register FunctionCompiler::operand(Expr* expr) {
    const Expr* inner = without_groups(expr);
    if (inner->kind == ExprKind::path) {
        const Path& path = *static_cast<const PathExpr*>(inner)->path;
        if (path.is_single()) {
            if (Local* local = find_local(path.segments[0].text)) {
                return use_local(*local, inner->span);
            }
        }
    }
    const Register target = allocate(expr->span);
    into(expr, target);
    return target;
}

FunctionCompiler::Register FunctionCompiler::operand_before(Expr* expr, const Expr* later) {
    if (later == nullptr || !later->assigns) return operand(expr);
    const Register target = allocate(expr->span);
    into(expr, target);
    return target;
}

void FunctionCompiler::discard(Expr* expr) {
    const ScopeGuard scope(*this);
    switch (expr->kind) {
        case ExprKind::block:
            return block_expression(static_cast<BlockExpr*>(expr), allocate(expr->span), false);
        case ExprKind::if_:
            return if_expression(static_cast<IfExpr*>(expr), allocate(expr->span), false);
        case ExprKind::match:
            return match(static_cast<MatchExpr*>(expr), allocate(expr->span), false);
        case ExprKind::path:
            operand(expr);
            return;
        case ExprKind::assign:
            return assign(static_cast<AssignExpr*>(expr), std::nullopt);
        case ExprKind::compound:
            return compound(static_cast<BinaryExpr*>(expr), std::nullopt);
        default:
            into(expr, allocate(expr->span));
    }
}

void FunctionCompiler::literal(const Literal& value, Register target, Span span) {
    switch (value.kind) {
        case LiteralKind::boolean:
            emit(Opcode::load_bool, target, value.boolean ? 1 : 0, 0, span);
            return;
        case LiteralKind::integer:
            if (value.integer >= std::numeric_limits<std::int32_t>::min() &&
                value.integer <= std::numeric_limits<std::int32_t>::max()) {
                emit_wide(Opcode::load_int, target, static_cast<std::uint32_t>(value.integer),
                          span);
                return;
            }
            emit_wide(Opcode::load_inline, target,
                      compiler_.inline_constant(Value::of(value.integer)), span);
            return;
        case LiteralKind::unsigned_integer:
            emit_wide(Opcode::load_inline, target,
                      compiler_.inline_constant(Value::of(value.unsigned_integer)), span);
            return;
        case LiteralKind::floating:
            emit_wide(Opcode::load_inline, target,
                      compiler_.inline_constant(Value::of(value.floating)), span);
            return;
        case LiteralKind::character:
            emit_wide(Opcode::load_inline, target,
                      compiler_.inline_constant(Value::of(value.character)), span);
            return;
        case LiteralKind::string:
            emit_wide(Opcode::load_string, target, compiler_.string(value.text), span);
            return;
        case LiteralKind::bytes:
            emit_wide(Opcode::load_bytes, target, compiler_.string(value.text), span);
            return;
    }
}

void FunctionCompiler::list(ListExpr* expr, Opcode op, Register target) {
    if (expr->items.empty() && op == Opcode::make_tuple) {
        emit(Opcode::load_unit, target, 0, 0, expr->span);
        return;
    }
    const ScopeGuard scope(*this);
    const Register first = arguments(expr->items, expr->span);
    emit(op, target, first, expr->items.size(), expr->span);
}

FunctionCompiler::Register FunctionCompiler::arguments(std::span<Expr*> list, Span span) {
    const Register first = allocate_many(list.size(), span);
    arguments_into(first, list);
    return first;
}

void FunctionCompiler::short_field(const FieldInit& field, Register target) {
    auto* path = compiler_.arena().make<Path>();
    path->span = field.key.span;
    path->segments =
        compiler_.arena().copy(std::vector<PathSegment>{{field.key.text, field.key.span, {}}});
    PathExpr expr{};
    expr.kind = ExprKind::path;
    expr.span = field.key.span;
    expr.path = path;
    this->path(&expr, target);
}

void FunctionCompiler::object(FieldsExpr* expr, Register target) {
    const ScopeGuard scope(*this);
    const Register first = allocate_many(expr->fields.size(), expr->span);
    std::vector<std::string_view> names;
    for (std::size_t i = 0; i < expr->fields.size(); ++i) {
        const FieldInit& field = expr->fields[i];
        look_at_budget(field.key.span);
        names.push_back(field.key.text);
        if (field.value != nullptr) {
            into(field.value, narrow(first + i));
        } else {
            short_field(field, narrow(first + i));
        }
    }
    emit(Opcode::make_object, target, first, compiler_.key_list(names), expr->span);
}

void FunctionCompiler::structure(FieldsExpr* expr, Register target) {
    const Entity entity = compiler_.tree().resolve(*expr->path, scope_, self_type_);
    if (!entity) return;
    if (shape_of(entity) == nullptr) {
        return error(DiagnosticClass::field, expr->path->span,
                     "this is no struct that can be written with fields");
    }
    const Shape& shape = *shape_of(entity);
    if (shape.kind == ShapeKind::tuple && !expr->fields.empty()) {
        return error(DiagnosticClass::field, expr->span, "`" + shape.path + "` has no named fields",
                     "write it with parentheses");
    }
    const ScopeGuard scope(*this);
    const Register first = allocate_many(shape.fields.size(), expr->span);
    std::vector<bool> given(shape.fields.size(), false);
    for (const FieldInit& field : expr->fields) {
        const auto it = std::find(shape.fields.begin(), shape.fields.end(), field.key.text);
        if (it == shape.fields.end()) {
            const std::string near = nearest_name(field.key.text, shape.fields);
            error(DiagnosticClass::field, field.key.span,
                  "`" + shape.path + "` has no field `" + std::string(field.key.text) + "`",
                  near.empty() ? "" : "did you mean `" + near + "`?");
            continue;
        }
        const auto slot = static_cast<std::size_t>(it - shape.fields.begin());
        given[slot] = true;
        if (field.value != nullptr) {
            into(field.value, narrow(first + slot));
        } else {
            short_field(field, narrow(first + slot));
        }
    }
    for (std::size_t i = 0; i < given.size(); ++i) {
        if (given[i]) continue;
        error(DiagnosticClass::field, expr->span,
              "missing field `" + shape.fields[i] + "` of `" + shape.path + "`");
    }
    emit(Opcode::make_struct, target, first, shape_number(entity), expr->span);
}

}  // namespace rb::rune
