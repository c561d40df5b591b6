#include "rune/compiler/compiler_core.hpp"

#include <algorithm>

namespace rb::rune {

namespace {

constexpr std::size_t searched_locals_max = 64;

}  // namespace

void FunctionCompiler::arguments_into(Register first, std::span<Expr*> list) {
    for (std::size_t i = 0; i < list.size(); ++i) {
        look_at_budget(list[i]->span);
        into(list[i], narrow(first + i));
    }
}

// Registers for the arguments of a call, the first of which gets its result. That may be the target
// itself when nothing lies above it and nobody can see it before the call is over.
FunctionCompiler::Register FunctionCompiler::call_registers(std::size_t count, Register target,
                                                            Span span) {
    const auto is_target = [&](const Local& local) { return local.reg == target; };
    // Among many variables the search would cost more than the move that it saves.
    const bool fresh = compiler_.optimise() && locals_.size() < searched_locals_max &&
                       target + std::size_t{1} == next_register_ &&
                       std::none_of(locals_.begin(), locals_.end(), is_target) &&
                       std::none_of(captured_locals_.begin(), captured_locals_.end(), is_target);
    if (!fresh) return allocate_many(std::max<std::size_t>(count, 1), span);
    if (count > 1) allocate_many(count - 1, span);
    return target;
}

void FunctionCompiler::call_result(Register target, Register first, Span span) {
    if (target != first) emit(Opcode::move_out, target, first, 0, span);
}

void FunctionCompiler::call(CallExpr* expr, Register target) {
    Expr* callee = expr->callee;
    if (callee->kind == ExprKind::path) {
        const Path& path = *static_cast<PathExpr*>(callee)->path;
        const bool local = path.is_single() && find_local(path.segments[0].text) != nullptr;
        if (!local) {
            if (path.is_single() && !compiler_.tree().resolve(path, scope_, self_type_, true)) {
                // Reports with the hints of variables as well.
                this->path(static_cast<PathExpr*>(callee), target);
                return;
            }
            const Entity entity = compiler_.tree().resolve(path, scope_, self_type_);
            if (!entity || call_entity(expr, entity, path, target)) return;
        }
    }
    const ScopeGuard guard(*this);
    const Register function = allocate(expr->span);
    into(callee, function);
    const Register first =
        expr->arguments.empty() ? allocate(expr->span) : arguments(expr->arguments, expr->span);
    emit(Opcode::call_value, first, expr->arguments.size(), function, expr->span);
    emit(Opcode::move_out, target, first, 0, expr->span);
}

bool FunctionCompiler::call_shape(CallExpr* expr, const Entity& entity, Register target) {
    const Shape& shape = *shape_of(entity);
    if (shape.kind == ShapeKind::named) {
        error(DiagnosticClass::argument_count, expr->span,
              "`" + shape.path + "` is written with its fields", "use `" + shape.path + " { … }`");
        return true;
    }
    if (shape.fields.size() != expr->arguments.size()) {
        error(DiagnosticClass::argument_count, expr->span,
              "Wrong number of arguments " + std::to_string(expr->arguments.size()) +
                  ", expected " + std::to_string(shape.fields.size()));
        return true;
    }
    const ScopeGuard guard(*this);
    const Register first = arguments(expr->arguments, expr->span);
    emit(Opcode::make_struct, target, first, shape_number(entity), expr->span);
    return true;
}

// Calls whose function is known. False when the path is a value to be called at run time.
bool FunctionCompiler::call_entity(CallExpr* expr, const Entity& entity, const Path& path,
                                   Register target) {
    const std::size_t count = expr->arguments.size();
    const auto emit_call = [&](Opcode op, std::size_t callee, std::ptrdiff_t parameters) {
        const ScopeGuard guard(*this);
        const Register first = call_registers(count, target, expr->span);
        arguments_into(first, expr->arguments);
        if (parameters >= 0 && static_cast<std::size_t>(parameters) != count) {
            emit(Opcode::raise_count, count, static_cast<std::size_t>(parameters), 0, expr->span);
        }
        emit(op, first, count, callee, expr->span);
        call_result(target, first, expr->span);
        return true;
    };
    if (shape_of(entity) != nullptr) return call_shape(expr, entity, target);
    if (entity.native != nullptr) {
        if (entity.native->sort == NativeItem::Sort::function) {
            const NativeFunction* function = native_function(entity, path);
            if (function == nullptr) return true;
            return emit_call(Opcode::call_native, compiler_.native(function), function->parameters);
        }
        if (entity.native->sort == NativeItem::Sort::variant) {
            const BuiltinVariant variant = entity.native->variant;
            const std::size_t wanted = variant == BuiltinVariant::none ? 0 : 1;
            if (count != wanted) {
                error(DiagnosticClass::argument_count, expr->span,
                      "Wrong number of arguments " + std::to_string(count) + ", expected " +
                          std::to_string(wanted));
                return true;
            }
            const ScopeGuard guard(*this);
            const Register value = count == 0 ? target : operand(expr->arguments[0]);
            emit(Opcode::make_variant, target, value, static_cast<std::size_t>(variant),
                 expr->span);
            return true;
        }
        return false;
    }
    ItemNode* node = entity.item;
    if (node->sort != NodeSort::function) return false;
    if (!path.segments.back().generics.empty()) {
        error(DiagnosticClass::not_supported, path.span,
              "type arguments are only supported on native functions");
        return true;
    }
    const FunctionCode* code = compiler_.function(node);
    return emit_call(Opcode::call, compiler_.number_of(code), code->parameters);
}

void FunctionCompiler::method_call(MethodCallExpr* expr, Register target) {
    const ScopeGuard guard(*this);
    ItemHash type_argument = 0;
    if (!expr->generics.empty()) {
        if (expr->generics.size() > 1) {
            return error(DiagnosticClass::not_supported, expr->method.span,
                         "methods take at most one type argument");
        }
        const auto type = type_of_path(*expr->generics[0]);
        if (!type) return;
        type_argument = *type;
    }
    const std::size_t count = expr->arguments.size() + 1;
    const Register first = call_registers(count, target, expr->span);
    into(expr->receiver, first);
    arguments_into(narrow(first + 1U), expr->arguments);
    const std::uint32_t site =
        compiler_.site(expr->method.text, method_hash(expr->method.text, type_argument));
    emit(Opcode::call_method, first, count, site, expr->span);
    call_result(target, first, expr->span);
}

void FunctionCompiler::closure(ClosureExpr* expr, Register target) {
    const FunctionBody& body = *expr->function;
    FunctionCode* code = compiler_.new_code();
    code->path = code_.path + "::{" + (expr->is_block ? "async" : "closure") + "}";
    code->span = expr->span;
    code->is_async = body.is_async;
    FunctionCompiler inner(compiler_, *code, scope_, self_type_, this);
    inner.compile(body, true);
    const ScopeGuard guard(*this);
    const auto& captured = inner.captured();
    const Register first = allocate_many(captured.size(), expr->span);
    for (std::size_t i = 0; i < captured.size(); ++i) {
        Local* local = find_local(captured[i]);
        if (local == nullptr) continue;
        const Register from = use_local(*local, expr->span);
        emit(body.is_move ? Opcode::take_over : Opcode::move, first + i, from, 0, expr->span);
        if (body.is_move) local->moved = true;
    }
    emit(Opcode::make_closure, target, compiler_.number_of(code), first, expr->span);
    if (expr->is_block) {
        const Register result = allocate(expr->span);
        emit(Opcode::call_value, result, 0, target, expr->span);
        emit(Opcode::move, target, result, 0, expr->span);
    }
}

}  // namespace rb::rune
