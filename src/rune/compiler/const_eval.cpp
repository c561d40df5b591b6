#include "rune/compiler/const_eval.hpp"

#include "rune/compiler/const_operations.hpp"
#include "rune/compiler/const_sharing.hpp"
#include "rune/compiler/const_weight.hpp"
#include "rune/compiler/late_format.hpp"
#include "rune/limits.hpp"
#include "rune/vm/formatting.hpp"

#include <algorithm>
#include <utility>

namespace rb::rune {

namespace {

// Counts the depth for as long as it lives.
class DepthCount {
public:
    explicit DepthCount(int& depth) : depth_(depth) { ++depth_; }
    ~DepthCount() { --depth_; }
    DepthCount(const DepthCount&) = delete;
    DepthCount& operator=(const DepthCount&) = delete;

private:
    int& depth_;
};

}  // namespace

std::optional<Value> inline_of(const ConstValue& value) {
    if (std::holds_alternative<std::monostate>(value.value)) return Value::unit();
    if (const auto* v = std::get_if<bool>(&value.value)) return Value::of(*v);
    if (const auto* v = std::get_if<char32_t>(&value.value)) return Value::of(*v);
    if (const auto* v = std::get_if<std::int64_t>(&value.value)) return Value::of(*v);
    if (const auto* v = std::get_if<std::uint64_t>(&value.value)) return Value::of(*v);
    if (const auto* v = std::get_if<double>(&value.value)) return Value::of(*v);
    if (const auto* v = std::get_if<ConstValue::Type>(&value.value)) return Value::type(v->hash);
    if (const auto* v = std::get_if<ConstValue::Ordering>(&value.value)) {
        return Value::ordering(v->sign);
    }
    return std::nullopt;
}

std::optional<ConstValue> ConstEvaluator::evaluate(Expr* expr) {
    try {
        return plain(run(expr), expr->span);
    } catch (const Failed&) {
    } catch (const Broken&) {
        compiler_.sink().error(DiagnosticClass::wrong_place, expr->span,
                               "`break` outside of a loop");
    } catch (const Returned&) {
        compiler_.sink().error(DiagnosticClass::wrong_place, expr->span,
                               "`return` outside of a function");
    }
    return std::nullopt;
}

std::optional<ConstValue> ConstEvaluator::evaluate_block(Block* block) {
    BlockExpr expr{};
    expr.kind = ExprKind::block;
    expr.span = block->span;
    expr.block = block;
    return evaluate(&expr);
}

void ConstEvaluator::fail(Span span, std::string message, std::string hint) {
    compiler_.sink().error(DiagnosticClass::const_eval, span, std::move(message), std::move(hint));
    throw Failed{};
}

void ConstEvaluator::step(Span span) {
    if (++compiler_.const_steps() > const_steps_max) {
        fail(span, "evaluating the constants of this program takes too long");
    }
}

void ConstEvaluator::charge(const ConstValue& value, Span span) {
    const std::int64_t weight = const_weight(value);
    if (weight < 0) fail(span, "this constant is nested too deep or grows too large");
    compiler_.const_steps() += weight;
    step(span);
}

ConstValue ConstEvaluator::run(Expr* expr) {
    const DepthCount depth(compiler_.const_depth());
    if (compiler_.const_depth() > const_depth_max) {
        fail(expr->span, "this constant is nested too deep");
    }
    ConstValue value = run_kind(expr);
    const bool made = expr->kind == ExprKind::path || expr->kind == ExprKind::tuple ||
                      expr->kind == ExprKind::vec || expr->kind == ExprKind::object;
    if (made) charge(value, expr->span);
    return value;
}

ConstValue ConstEvaluator::operand(Expr* expr) {
    if (expr->kind == ExprKind::group) return operand(static_cast<UnaryExpr*>(expr)->operand);
    if (expr->kind == ExprKind::path) {
        const Path& path = *static_cast<PathExpr*>(expr)->path;
        ConstValue* known = path.is_single() ? variable(path.segments[0].text) : nullptr;
        if (known != nullptr) return plain(*known, expr->span);
    }
    return plain(run(expr), expr->span);
}

ConstValue ConstEvaluator::shared(ConstValue& place, Span span) {
    if (is_shareable(place)) {
        if (shared_.size() == const_shared_max) fail(span, "this constant grows too large");
        shared_.push_back(std::move(place));
        place = {ConstValue::Shared{&shared_.back()}};
    }
    return place;
}

ConstValue ConstEvaluator::plain(const ConstValue& value, Span span) {
    if (inline_of(value)) return value;
    charge(value, span);
    return copy_of(value);
}

// NOLINTNEXTLINE(readability-function-size): a table, few lines per kind.
ConstValue ConstEvaluator::run_kind(Expr* expr) {
    step(expr->span);
    switch (expr->kind) {
        case ExprKind::literal: {
            const Literal& literal = static_cast<LiteralExpr*>(expr)->value;
            switch (literal.kind) {
                case LiteralKind::boolean:
                    return {literal.boolean};
                case LiteralKind::integer:
                    return {literal.integer};
                case LiteralKind::unsigned_integer:
                    return {literal.unsigned_integer};
                case LiteralKind::floating:
                    return {literal.floating};
                case LiteralKind::character:
                    return {literal.character};
                case LiteralKind::string:
                    compiler_.const_steps() += static_cast<std::int64_t>(literal.text.size() / 64);
                    return {std::string(literal.text)};
                case LiteralKind::bytes:
                    compiler_.const_steps() += static_cast<std::int64_t>(literal.text.size() / 64);
                    return {ConstValue::Bytes{std::string(literal.text)}};
            }
            return {};
        }
        case ExprKind::format:
            return format(static_cast<FormatExpr*>(expr));
        case ExprKind::path:
            return path(static_cast<PathExpr*>(expr));
        case ExprKind::group:
            return run(static_cast<UnaryExpr*>(expr)->operand);
        case ExprKind::tuple: {
            ConstValue::Tuple tuple;
            for (Expr* item : static_cast<ListExpr*>(expr)->items) tuple.items.push_back(run(item));
            if (tuple.items.empty()) return {};
            return {std::move(tuple)};
        }
        case ExprKind::vec: {
            ConstValue::Vec vec;
            for (Expr* item : static_cast<ListExpr*>(expr)->items) vec.items.push_back(run(item));
            return {std::move(vec)};
        }
        case ExprKind::object: {
            ConstValue::Object object;
            for (const auto& field : static_cast<FieldsExpr*>(expr)->fields) {
                ConstValue* known = field.value == nullptr ? variable(field.key.text) : nullptr;
                if (field.value == nullptr && known == nullptr) {
                    fail(field.key.span, "no such variable in this constant");
                }
                object.fields.push_back(
                    {std::string(field.key.text),
                     field.value != nullptr ? run(field.value) : shared(*known, field.key.span)});
            }
            return {std::move(object)};
        }
        case ExprKind::binary:
            return binary(static_cast<BinaryExpr*>(expr));
        case ExprKind::logic:
            return logic(static_cast<LogicExpr*>(expr));
        case ExprKind::block: {
            auto* block = static_cast<BlockExpr*>(expr);
            if (block->label.text.empty()) return run_block(block->block);
            try {
                return run_block(block->block);
            } catch (Broken& broken) {
                if (broken.label != block->label.text || broken.is_continue) throw;
                return std::move(broken.value);
            }
        }
        case ExprKind::if_:
            return if_chain(static_cast<IfExpr*>(expr));
        case ExprKind::loop:
        case ExprKind::while_:
            return loop(static_cast<LoopExpr*>(expr));
        case ExprKind::break_:
        case ExprKind::continue_: {
            auto* jump = static_cast<JumpExpr*>(expr);
            throw Broken{jump->label.text, jump->value == nullptr ? ConstValue{} : run(jump->value),
                         expr->kind == ExprKind::continue_};
        }
        case ExprKind::return_: {
            auto* back = static_cast<UnaryExpr*>(expr);
            throw Returned{back->operand == nullptr ? ConstValue{} : run(back->operand)};
        }
        case ExprKind::assign:
            return assign(static_cast<AssignExpr*>(expr));
        case ExprKind::compound: {
            auto* node = static_cast<BinaryExpr*>(expr);
            const ConstValue right = operand(node->right);
            // In place: a text that grows is seen under all its names.
            ConstValue& target = seen(*place(node->left));
            target = operation(node->op, plain(target, expr->span), right, expr->span);
            return {};
        }
        case ExprKind::call:
            return call(static_cast<CallExpr*>(expr));
        case ExprKind::field:
            return field(static_cast<FieldExpr*>(expr));
        case ExprKind::error:
            throw Failed{};
        default:
            fail(expr->span, "this is not supported in a constant");
    }
}

ConstValue ConstEvaluator::run_block(Block* block) {
    ItemNode* const outer_scope = scope_;
    const std::size_t outer = variables_.size();
    if (block->scope != nullptr) scope_ = block->scope;
    const auto restore = [&] {
        variables_.resize(outer);
        scope_ = outer_scope;
    };
    ConstValue result;
    try {
        for (const Statement& statement : block->statements) {
            ConstValue value = run(statement.value);
            if (statement.pattern != nullptr && !matches(statement.pattern, value)) {
                fail(statement.span, "the pattern does not match");
            }
        }
        if (block->tail != nullptr) result = run(block->tail);
    } catch (...) {
        restore();
        throw;
    }
    restore();
    return result;
}

ConstValue* ConstEvaluator::variable(std::string_view name) {
    for (std::size_t i = variables_.size(); i-- > frame_;) {
        if (variables_[i].first == name) return &variables_[i].second;
    }
    return nullptr;
}

ConstValue ConstEvaluator::path(const PathExpr* expr) {
    if (expr->path->is_single()) {
        if (ConstValue* known = variable(expr->path->segments[0].text)) {
            return shared(*known, expr->span);
        }
    }
    const Entity entity = compiler_.tree().resolve(*expr->path, scope_, self_type_);
    if (!entity) throw Failed{};
    if (entity.native != nullptr && entity.native->sort == NativeItem::Sort::constant) {
        return *entity.native->constant;
    }
    if (entity.item == nullptr || entity.item->sort != NodeSort::constant) {
        fail(expr->span, "this is not supported in a constant");
    }
    const ConstValue* value = compiler_.constant(entity.item, expr->span);
    if (value == nullptr) throw Failed{};
    return *value;
}

ConstValue ConstEvaluator::binary(const BinaryExpr* expr) {
    const ConstValue left = operand(expr->left);
    const ConstValue right = operand(expr->right);
    return operation(expr->op, left, right, expr->span);
}

ConstValue ConstEvaluator::operation(BinaryOp op, const ConstValue& left, const ConstValue& right,
                                     Span span) {
    std::string why;
    auto result = const_operation(op, left, right, why);
    if (!result) fail(span, std::move(why));
    if (const auto* text = std::get_if<std::string>(&result->value)) {
        bytes_ += text->size();
        if (bytes_ > const_bytes_max) fail(span, "this constant grows too large");
    }
    return std::move(*result);
}

bool ConstEvaluator::condition(Expr* expr) {
    if (expr->kind == ExprKind::let) {
        auto* let = static_cast<LetExpr*>(expr);
        return matches(let->pattern, run(let->value));
    }
    const ConstValue value = run(expr);
    const auto* truth = std::get_if<bool>(&value.value);
    if (truth == nullptr) fail(expr->span, "expected a bool");
    return *truth;
}

ConstValue ConstEvaluator::logic(const LogicExpr* expr) {
    const bool left = condition(expr->left);
    if (left != expr->is_and) return {left};
    return run(expr->right);
}

ConstValue ConstEvaluator::if_chain(const IfExpr* expr) {
    while (true) {
        const std::size_t outer = variables_.size();
        const bool holds = condition(expr->condition);
        if (holds) {
            ConstValue result = run_block(expr->then);
            variables_.resize(outer);
            return result;
        }
        variables_.resize(outer);
        if (expr->otherwise == nullptr) return {};
        if (expr->otherwise->kind != ExprKind::if_) return run(expr->otherwise);
        expr = static_cast<const IfExpr*>(expr->otherwise);
    }
}

ConstValue ConstEvaluator::loop(const LoopExpr* expr) {
    const std::size_t outer = variables_.size();
    while (true) {
        step(expr->span);
        variables_.resize(outer);
        if (expr->condition != nullptr && !condition(expr->condition)) return {};
        try {
            run_block(expr->body);
        } catch (Broken& broken) {
            if (!broken.label.empty() && broken.label != expr->label.text) throw;
            variables_.resize(outer);
            if (!broken.is_continue) return std::move(broken.value);
        }
    }
}

ConstValue ConstEvaluator::call(const CallExpr* expr) {
    if (expr->callee->kind != ExprKind::path)
        fail(expr->span, "this is not supported in a constant");
    const Path& path = *static_cast<const PathExpr*>(expr->callee)->path;
    const Entity entity = compiler_.tree().resolve(path, scope_, self_type_);
    if (!entity) throw Failed{};
    const bool callable = entity.item != nullptr && entity.item->sort == NodeSort::function &&
                          entity.item->function->is_const;
    if (!callable) {
        const bool declared = entity.item != nullptr && entity.item->sort == NodeSort::function;
        fail(expr->span, "only `const fn` can be called in a constant",
             declared ? "declare it as `const fn " + std::string(entity.item->name) + "`" : "");
    }
    const FunctionBody& body = *entity.item->function->function;
    if (body.parameters.size() != expr->arguments.size()) {
        fail(expr->span, "Wrong number of arguments " + std::to_string(expr->arguments.size()) +
                             ", expected " + std::to_string(body.parameters.size()));
    }
    // Deeper recursion would not fit the native stack.
    if (++depth_ > 64) fail(expr->span, "constant functions call each other too deep");
    std::vector<ConstValue> arguments;
    for (Expr* argument : expr->arguments) arguments.push_back(run(argument));
    ItemNode* const outer_scope = scope_;
    ItemNode* const outer_self = self_type_;
    const std::size_t outer_frame = frame_;
    const std::size_t outer = variables_.size();
    scope_ = entity.item;
    self_type_ = entity.item->self_type;
    frame_ = outer;
    const auto restore = [&] {
        --depth_;
        variables_.resize(outer);
        frame_ = outer_frame;
        scope_ = outer_scope;
        self_type_ = outer_self;
    };
    ConstValue result;
    try {
        for (std::size_t i = 0; i < arguments.size(); ++i) {
            if (!matches(body.parameters[i], arguments[i])) {
                fail(expr->span, "the pattern of a parameter does not match");
            }
        }
        result = run(body.body);
    } catch (Returned& returned) {
        result = std::move(returned.value);
    } catch (...) {
        restore();
        throw;
    }
    restore();
    return result;
}

ConstValue ConstEvaluator::format(FormatExpr* expr) {
    const auto is_variable = [&](std::string_view name) { return variable(name) != nullptr; };
    if (!plan_late_format(compiler_, *expr, scope_, self_type_, is_variable)) throw Failed{};
    std::string result;
    std::vector<ConstValue> values;
    for (Expr* argument : expr->arguments) values.push_back(operand(argument));
    for (const auto& part : expr->parts) {
        if (part.argument < 0) {
            result += part.text;
            continue;
        }
        const ConstValue& value = values[static_cast<std::size_t>(part.argument)];
        if (!part.spec.is_plain()) fail(expr->span, "format specifications are not supported here");
        if (const auto* text = std::get_if<std::string>(&value.value)) {
            result += *text;
        } else if (const auto inline_value = inline_of(value);
                   !inline_value || !append_plain(result, *inline_value)) {
            fail(expr->span, "this value has no display form");
        }
    }
    bytes_ += result.size();
    if (bytes_ > const_bytes_max) fail(expr->span, "this constant grows too large");
    return {std::move(result)};
}

bool ConstEvaluator::matches(const Pattern* pattern, ConstValue value) {
    switch (pattern->kind) {
        case PatternKind::ignore:
            return true;
        case PatternKind::path: {
            const Path& path = *static_cast<const PathPattern*>(pattern)->path;
            if (!path.is_single()) fail(pattern->span, "this pattern is not supported here");
            variables_.emplace_back(path.segments[0].text, std::move(value));
            return true;
        }
        case PatternKind::tuple:
        case PatternKind::vec: {
            const auto* list = static_cast<const ListPattern*>(pattern);
            ConstValue& container = seen(value);
            auto* tuple = std::get_if<ConstValue::Tuple>(&container.value);
            auto* vec = std::get_if<ConstValue::Vec>(&container.value);
            auto* items = pattern->kind == PatternKind::tuple
                              ? (tuple == nullptr ? nullptr : &tuple->items)
                              : (vec == nullptr ? nullptr : &vec->items);
            if (items == nullptr || items->size() < list->items.size() ||
                (items->size() > list->items.size() && !list->rest)) {
                return false;
            }
            for (std::size_t i = 0; i < list->items.size(); ++i) {
                if (!matches(list->items[i], shared((*items)[i], pattern->span))) return false;
            }
            return true;
        }
        default:
            fail(pattern->span, "this pattern is not supported in a constant");
    }
}

}  // namespace rb::rune
