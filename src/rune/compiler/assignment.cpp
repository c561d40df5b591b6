// Fields and elements, and what assigns to places.

#include "rune/compiler/compiler_core.hpp"

namespace rb::rune {

namespace {

// Whether compiling this writes its target only as the last step, so that the target may be a
// variable the expression reads.
bool writes_last(const Expr* expr) {
    switch (expr->kind) {
        case ExprKind::literal:
        case ExprKind::path:
        case ExprKind::binary:
        case ExprKind::unary:
        case ExprKind::call:
        case ExprKind::method_call:
        case ExprKind::field:
        case ExprKind::index:
        case ExprKind::vec:
        case ExprKind::tuple:
        case ExprKind::object:
        case ExprKind::format:
            return true;
        case ExprKind::group:
            return writes_last(without_groups(expr));
        default:
            return false;
    }
}

}  // namespace

void FunctionCompiler::get_member(const FieldExpr& field, Register object, Register target,
                                  Span span) {
    if (field.number >= 0) {
        emit(Opcode::get_number, target, object, static_cast<std::size_t>(field.number), span);
    } else {
        emit(Opcode::get_field, target, object,
             compiler_.site(field.field.text, hash_text(field.field.text)), span);
    }
}

void FunctionCompiler::set_member(const FieldExpr& field, Register object, Register value,
                                  Span span) {
    if (field.number >= 0) {
        emit(Opcode::set_number, object, value, static_cast<std::size_t>(field.number), span);
    } else {
        emit(Opcode::set_field, object, value,
             compiler_.site(field.field.text, hash_text(field.field.text)), span);
    }
}

void FunctionCompiler::field(FieldExpr* expr, Register target) {
    const ScopeGuard scope(*this);
    get_member(*expr, operand(expr->object), target, expr->span);
}

void FunctionCompiler::index(IndexExpr* expr, Register target) {
    const ScopeGuard scope(*this);
    const Register object = operand_before(expr->object, expr->index);
    const Register key = operand(expr->index);
    emit(Opcode::get_index, target, object, key, expr->span);
}

void FunctionCompiler::assign(AssignExpr* expr, std::optional<Register> target) {
    Expr* place = expr->target;
    const ScopeGuard scope(*this);
    switch (place->kind) {
        case ExprKind::path:
            assign_path(static_cast<PathExpr*>(place), expr->value, expr->span);
            break;
        case ExprKind::field: {
            auto* field = static_cast<FieldExpr*>(place);
            const Register object = operand_before(field->object, expr->value);
            const Register value = operand(expr->value);
            set_member(*field, object, value, expr->span);
            break;
        }
        case ExprKind::index: {
            auto* index = static_cast<IndexExpr*>(place);
            const bool later = index->index->assigns || expr->value->assigns;
            const Register object =
                operand_before(index->object, later ? static_cast<Expr*>(expr) : index->index);
            const Register key = operand_before(index->index, expr->value);
            const Register value = operand(expr->value);
            emit(Opcode::set_index, object, key, value, expr->span);
            break;
        }
        default:
            error(DiagnosticClass::assign_target, place->span, "this cannot be assigned to",
                  "variables, fields and elements can be assigned");
            return;
    }
    if (target) emit(Opcode::load_unit, *target, 0, 0, expr->span);
}

void FunctionCompiler::assign_path(PathExpr* place, Expr* value, Span span) {
    const Path& path = *place->path;
    if (path.is_single()) {
        if (Local* local = find_local(path.segments[0].text)) {
            const Register reg = local->reg;
            if (writes_last(value)) {
                into(value, reg);
            } else {
                emit(Opcode::move, reg, operand(value), 0, span);
            }
            // A new value makes a moved variable usable again.
            if (Local* again = find_local(path.segments[0].text)) again->moved = false;
            return;
        }
    }
    if (const ItemNode* node = static_of(*place)) {
        emit_wide(Opcode::store_static, operand(value), node->static_number, span);
    }
}

// The static a path names. Null, and reported, when nothing of that name can be assigned.
const ItemNode* FunctionCompiler::static_of(const PathExpr& place) {
    const Entity entity = compiler_.tree().resolve(*place.path, scope_, self_type_);
    if (!entity) return nullptr;
    if (entity.item == nullptr || entity.item->sort != NodeSort::static_) {
        error(DiagnosticClass::assign_target, place.span, "this cannot be assigned to");
        return nullptr;
    }
    return entity.item;
}

void FunctionCompiler::compound_path(BinaryExpr* expr, const PathExpr& place) {
    const auto op = static_cast<std::size_t>(expr->op);
    const Path& path = *place.path;
    if (Local* local = path.is_single() ? find_local(path.segments[0].text) : nullptr) {
        const Register reg = use_local(*local, place.span);
        const auto constant = fold(expr->right);
        if (constant && fits_immediate(*constant) && expr->op <= BinaryOp::mul) {
            // Numbers have no identity: in place and into the variable are the same.
            emit(immediate_opcode(expr->op), reg, reg,
                 static_cast<std::uint16_t>(constant->integer), expr->span);
        } else {
            emit(Opcode::compound, reg, operand(expr->right), op, expr->span);
        }
        return;
    }
    const ItemNode* node = static_of(place);
    if (node == nullptr) return;
    const Register right = operand(expr->right);
    const Register value = allocate(expr->span);
    emit_wide(Opcode::load_static, value, node->static_number, place.span);
    emit(Opcode::compound, value, right, op, expr->span);
    emit_wide(Opcode::store_static, value, node->static_number, expr->span);
}

void FunctionCompiler::compound(BinaryExpr* expr, std::optional<Register> target) {
    const ScopeGuard scope(*this);
    Expr* place = expr->left;
    if (place->kind == ExprKind::path) {
        compound_path(expr, *static_cast<PathExpr*>(place));
    } else if (place->kind == ExprKind::field) {
        const auto& field = *static_cast<FieldExpr*>(place);
        const Register object = operand_before(field.object, expr->right);
        const Register right = operand(expr->right);
        const Register value = allocate(expr->span);
        get_member(field, object, value, place->span);
        emit(Opcode::compound, value, right, static_cast<std::size_t>(expr->op), expr->span);
        set_member(field, object, value, expr->span);
    } else {
        const std::string op(text_of(expr->op));
        const bool index = place->kind == ExprKind::index;
        return error(
            DiagnosticClass::assign_target, place->span,
            index ? "elements cannot be assigned with `" + op + "=`" : "this cannot be assigned to",
            index ? "write `a[i] = a[i] " + op + " …`" : "");
    }
    if (target) emit(Opcode::load_unit, *target, 0, 0, expr->span);
}

}  // namespace rb::rune
