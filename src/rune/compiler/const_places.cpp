// ConstEvaluator's part about what can be assigned to.

#include "rune/compiler/const_eval.hpp"
#include "rune/compiler/const_sharing.hpp"

#include <algorithm>

namespace rb::rune {

ConstValue ConstEvaluator::assign(const AssignExpr* expr) {
    ConstValue value = run(expr->value);
    if (!add_field(expr->target, value)) *place(expr->target) = std::move(value);
    return {};
}

// An object takes fields that it does not have yet.
bool ConstEvaluator::add_field(const Expr* target, ConstValue& value) {
    if (target->kind != ExprKind::field) return false;
    const auto* field = static_cast<const FieldExpr*>(target);
    if (field->number >= 0) return false;
    auto* object = std::get_if<ConstValue::Object>(&seen(*place(field->object)).value);
    if (object == nullptr) return false;
    const auto has_name = [&](const auto& entry) { return entry.first == field->field.text; };
    if (std::ranges::any_of(object->fields, has_name)) return false;
    object->fields.push_back({std::string(field->field.text), std::move(value)});
    return true;
}

ConstValue* ConstEvaluator::place(Expr* expr) {
    if (expr->kind == ExprKind::group) return place(static_cast<UnaryExpr*>(expr)->operand);
    if (expr->kind == ExprKind::path) {
        const Path& path = *static_cast<PathExpr*>(expr)->path;
        ConstValue* known = path.is_single() ? variable(path.segments[0].text) : nullptr;
        if (known != nullptr) return known;
    }
    if (expr->kind == ExprKind::field) {
        auto* field = static_cast<FieldExpr*>(expr);
        return member(*place(field->object), field);
    }
    fail(expr->span, "this cannot be assigned to in a constant");
}

ConstValue* ConstEvaluator::member(ConstValue& value, const FieldExpr* expr) {
    ConstValue& container = seen(value);
    if (expr->number >= 0) {
        auto* tuple = std::get_if<ConstValue::Tuple>(&container.value);
        auto* vec = std::get_if<ConstValue::Vec>(&container.value);
        auto* items = tuple != nullptr ? &tuple->items : vec != nullptr ? &vec->items : nullptr;
        if (items != nullptr && static_cast<std::size_t>(expr->number) < items->size()) {
            return &(*items)[static_cast<std::size_t>(expr->number)];
        }
    } else if (auto* object = std::get_if<ConstValue::Object>(&container.value)) {
        for (auto& [key, item] : object->fields) {
            if (key == expr->field.text) return &item;
        }
    }
    fail(expr->span, "no such field in this constant");
}

ConstValue ConstEvaluator::field(const FieldExpr* expr) {
    ConstValue value = run(expr->object);
    return shared(*member(value, expr), expr->span);
}

}  // namespace rb::rune
