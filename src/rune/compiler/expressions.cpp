#include "rune/compiler/compiler_core.hpp"
#include "rune/compiler/const_eval.hpp"

#include <algorithm>
#include <limits>

namespace rb::rune {

namespace {

bool fits_immediate(const Literal& literal) {
    return literal.kind == LiteralKind::integer &&
           literal.integer >= std::numeric_limits<std::int16_t>::min() &&
           literal.integer <= std::numeric_limits<std::int16_t>::max();
}

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

const Expr* without_groups(const Expr* expr) {
    while (expr->kind == ExprKind::group) expr = static_cast<const UnaryExpr*>(expr)->operand;
    return expr;
}

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
            const std::string near = compiler_.sink().is_poisoned(name)
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
    if (generics.size() != 1) return nullptr;
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
    const auto op =
        static_cast<Opcode>(static_cast<int>(Opcode::add_int) + static_cast<int>(expr->op));
    const Register left = operand(expr->left);
    emit(op, target, left, static_cast<std::uint16_t>(constant->integer), expr->span);
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

void FunctionCompiler::field(FieldExpr* expr, Register target) {
    const ScopeGuard scope(*this);
    const Register object = operand(expr->object);
    if (expr->number >= 0) {
        emit(Opcode::get_number, target, object, static_cast<std::size_t>(expr->number),
             expr->span);
        return;
    }
    emit(Opcode::get_field, target, object,
         compiler_.site(expr->field.text, hash_text(expr->field.text)), expr->span);
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
            if (field->number >= 0) {
                emit(Opcode::set_number, object, value, static_cast<std::size_t>(field->number),
                     expr->span);
            } else {
                emit(Opcode::set_field, object, value,
                     compiler_.site(field->field.text, hash_text(field->field.text)), expr->span);
            }
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
    const Entity entity = compiler_.tree().resolve(path, scope_, self_type_);
    if (!entity) return;
    if (entity.item == nullptr || entity.item->sort != NodeSort::static_) {
        return error(DiagnosticClass::assign_target, place->span, "this cannot be assigned to");
    }
    emit_wide(Opcode::store_static, operand(value), entity.item->static_number, span);
}

void FunctionCompiler::compound(BinaryExpr* expr, std::optional<Register> target) {
    const ScopeGuard scope(*this);
    const auto op = static_cast<std::size_t>(expr->op);
    Expr* place = expr->left;
    if (place->kind == ExprKind::path) {
        const Path& path = *static_cast<PathExpr*>(place)->path;
        Local* local = path.is_single() ? find_local(path.segments[0].text) : nullptr;
        if (local != nullptr) {
            const Register reg = use_local(*local, place->span);
            const auto constant = fold(expr->right);
            if (constant && fits_immediate(*constant) && expr->op <= BinaryOp::mul) {
                // Numbers have no identity: in place and into the variable are the same.
                const Opcode direct = expr->op == BinaryOp::add   ? Opcode::add_int
                                      : expr->op == BinaryOp::sub ? Opcode::sub_int
                                                                  : Opcode::mul_int;
                emit(direct, reg, reg, static_cast<std::uint16_t>(constant->integer), expr->span);
            } else {
                emit(Opcode::compound, reg, operand(expr->right), op, expr->span);
            }
        } else {
            const Entity entity = compiler_.tree().resolve(path, scope_, self_type_);
            if (!entity) return;
            if (entity.item == nullptr || entity.item->sort != NodeSort::static_) {
                return error(DiagnosticClass::assign_target, place->span,
                             "this cannot be assigned to");
            }
            const Register right = operand(expr->right);
            const Register value = allocate(expr->span);
            emit_wide(Opcode::load_static, value, entity.item->static_number, place->span);
            emit(Opcode::compound, value, right, op, expr->span);
            emit_wide(Opcode::store_static, value, entity.item->static_number, expr->span);
        }
    } else if (place->kind == ExprKind::field) {
        auto* field = static_cast<FieldExpr*>(place);
        const Register object = operand_before(field->object, expr->right);
        const Register right = operand(expr->right);
        const Register value = allocate(expr->span);
        if (field->number >= 0) {
            const auto number = static_cast<std::size_t>(field->number);
            emit(Opcode::get_number, value, object, number, place->span);
            emit(Opcode::compound, value, right, op, expr->span);
            emit(Opcode::set_number, object, value, number, expr->span);
        } else {
            const ItemHash hash = hash_text(field->field.text);
            emit(Opcode::get_field, value, object, compiler_.site(field->field.text, hash),
                 place->span);
            emit(Opcode::compound, value, right, op, expr->span);
            emit(Opcode::set_field, object, value, compiler_.site(field->field.text, hash),
                 expr->span);
        }
    } else {
        const bool index = place->kind == ExprKind::index;
        return error(
            DiagnosticClass::assign_target, place->span,
            index ? "elements cannot be assigned with `" + std::string(text_of(expr->op)) + "=`"
                  : "this cannot be assigned to",
            index ? "write `a[i] = a[i] " + std::string(text_of(expr->op)) + " …`" : "");
    }
    if (target) emit(Opcode::load_unit, *target, 0, 0, expr->span);
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

void FunctionCompiler::format(FormatExpr* expr, Register target) {
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
