// What a name is as a value: variables, items, natives, constants, and the types of paths.

#include "rune/compiler/compiler_core.hpp"
#include "rune/compiler/const_eval.hpp"

namespace rb::rune {

void FunctionCompiler::path(PathExpr* expr, Register target) {
    const Path& path = *expr->path;
    if (path.is_single()) {
        const std::string_view name = path.segments[0].text;
        if (Local* local = find_local(name)) {
            const Register reg = use_local(*local, expr->span);
            if (reg != target) emit(Opcode::move, target, reg, 0, expr->span);
            return;
        }
        if (name == "self") {
            return error(DiagnosticClass::wrong_place, expr->span,
                         "`self` is only available in functions of `impl` that take it");
        }
        const Entity quiet = compiler_.tree().resolve(path, scope_, self_type_, true);
        if (!quiet) {
            const std::string near =
                compiler_.sink().is_full() || compiler_.sink().is_poisoned(name)
                    ? std::string()
                    : nearest_name(name, local_names());
            if (!near.empty()) {
                return error(DiagnosticClass::missing_local, expr->span,
                             "no local variable `" + std::string(name) + "`",
                             "did you mean `" + near + "`?");
            }
        }
    }
    const Entity entity = compiler_.tree().resolve(path, scope_, self_type_);
    if (entity) entity_value(entity, path, target, expr->span);
}

const NativeFunction* FunctionCompiler::native_function(const Entity& entity, const Path& path) {
    const auto generics = path.segments.back().generics;
    if (generics.empty()) return entity.native == nullptr ? nullptr : entity.native->function;
    if (generics.size() != 1) {
        error(DiagnosticClass::not_supported, path.span,
              "functions take at most one type argument");
        return nullptr;
    }
    const auto argument = type_of_path(*generics[0]);
    if (!argument) return nullptr;
    const NativeItem* item =
        compiler_.unit().context->find(entity.native_path + "<" + std::to_string(*argument) + ">");
    if (item == nullptr || item->function == nullptr) {
        error(DiagnosticClass::missing_item, path.span,
              "no function `" + entity.native_path + "` for this type argument");
        return nullptr;
    }
    return item->function;
}

void FunctionCompiler::entity_value(const Entity& entity, const Path& path, Register target,
                                    Span span) {
    if (const Shape* shape = shape_of(entity)) {
        if (!path.segments.back().generics.empty()) {
            return error(DiagnosticClass::not_supported, span,
                         "type arguments are only supported on native functions");
        }
        return shape_value(*shape, entity, target, span);
    }
    if (entity.native != nullptr) {
        switch (entity.native->sort) {
            case NativeItem::Sort::shape:
                return;
            case NativeItem::Sort::function:
                if (const auto* function = native_function(entity, path)) {
                    emit_wide(Opcode::load_native, target, compiler_.native(function), span);
                }
                return;
            case NativeItem::Sort::constant:
                return constant_value(*entity.native->constant, target, span);
            case NativeItem::Sort::type:
                emit_wide(Opcode::load_inline, target,
                          compiler_.inline_constant(Value::type(entity.native->type->hash)), span);
                return;
            case NativeItem::Sort::variant:
                if (entity.native->variant == BuiltinVariant::none) {
                    emit(Opcode::make_variant, target, target,
                         static_cast<std::size_t>(entity.native->variant), span);
                } else {
                    emit(Opcode::load_variant, target,
                         static_cast<std::size_t>(entity.native->variant), 0, span);
                }
                return;
            case NativeItem::Sort::module:
                return error(DiagnosticClass::missing_item, span, "a module is no value");
        }
    }
    ItemNode* node = entity.item;
    if (!path.segments.back().generics.empty()) {
        return error(DiagnosticClass::not_supported, span,
                     "type arguments are only supported on native functions");
    }
    switch (node->sort) {
        case NodeSort::function:
            emit_wide(Opcode::load_function, target, compiler_.number_of(compiler_.function(node)),
                      span);
            return;
        case NodeSort::constant:
            if (const ConstValue* value = compiler_.constant(node, span)) {
                constant_value(*value, target, span);
            }
            return;
        case NodeSort::static_:
            emit_wide(Opcode::load_static, target, node->static_number, span);
            return;
        case NodeSort::enumeration:
            emit_wide(Opcode::load_inline, target,
                      compiler_.inline_constant(Value::type(node->type->hash)), span);
            return;
        default:
            error(DiagnosticClass::missing_item, span, "a module is no value");
    }
}

const Shape* FunctionCompiler::shape_of(const Entity& entity) {
    if (entity.native != nullptr) return entity.native->shape;
    return entity.item != nullptr ? entity.item->shape : nullptr;
}

std::uint32_t FunctionCompiler::shape_number(const Entity& entity) {
    if (entity.native != nullptr) return compiler_.shape(entity.native->shape);
    return entity.item->shape_number;
}

// A struct or variant named without its fields.
void FunctionCompiler::shape_value(const Shape& shape, const Entity& entity, Register target,
                                   Span span) {
    if (shape.kind == ShapeKind::unit) {
        emit(Opcode::make_struct, target, target, shape_number(entity), span);
    } else if (shape.kind == ShapeKind::tuple) {
        emit_wide(Opcode::load_constructor, target, shape_number(entity), span);
    } else if (!shape.is_variant) {
        emit_wide(Opcode::load_inline, target,
                  compiler_.inline_constant(Value::type(shape.type->hash)), span);
    } else {
        error(DiagnosticClass::field, span, "this variant needs its fields");
    }
}

void FunctionCompiler::constant_value(const ConstValue& value, Register target, Span span) {
    if (const auto inline_value = inline_of(value)) {
        emit_wide(Opcode::load_inline, target, compiler_.inline_constant(*inline_value), span);
    } else if (const auto* text = std::get_if<std::string>(&value.value)) {
        emit_wide(Opcode::load_string, target, compiler_.string(*text), span);
    } else {
        emit_wide(Opcode::load_const, target, compiler_.const_value(value), span);
    }
}

std::optional<ItemHash> FunctionCompiler::type_of_path(const Path& path) {
    const Entity entity = compiler_.tree().resolve(path, scope_, self_type_);
    if (!entity) return std::nullopt;
    if (entity.native != nullptr && entity.native->sort == NativeItem::Sort::type) {
        return entity.native->type->hash;
    }
    if (entity.item != nullptr && entity.item->type != nullptr) return entity.item->type->hash;
    const bool variant =
        (entity.item != nullptr && entity.item->sort == NodeSort::variant) ||
        (entity.native != nullptr && (entity.native->sort == NativeItem::Sort::variant ||
                                      entity.native->sort == NativeItem::Sort::shape));
    error(DiagnosticClass::type_test, path.span,
          variant ? "a variant is no type" : "this is no type",
          variant ? "use `match` or `if let` to tell variants apart" : "");
    return std::nullopt;
}

}  // namespace rb::rune
