// Evaluation of constants at compile time: a small interpreter over the tree, with a step budget.

#pragma once

#include "rune/compiler/compiler.hpp"
#include "rune/const_value.hpp"
#include "rune/syntax/ast.hpp"

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rb::rune {

class ConstEvaluator {
public:
    // Names are resolved from `scope`.
    ConstEvaluator(Compiler& compiler, ItemNode* scope, ItemNode* self_type)
        : compiler_(compiler), scope_(scope), self_type_(self_type) {}

    // Nothing after an error, which was reported.
    std::optional<ConstValue> evaluate(Expr* expr);
    std::optional<ConstValue> evaluate_block(Block* block);

private:
    // Reported; unwinds to the entry.
    struct Failed {};
    struct Broken {
        std::string_view label;
        ConstValue value;
        bool is_continue;
    };
    struct Returned {
        ConstValue value;
    };

    [[noreturn]] void fail(Span span, std::string message, std::string hint = {});
    void step(Span span);
    // Pays for the copy of a value; refuses what nests too deep.
    void charge(const ConstValue& value, Span span);
    ConstValue run(Expr* expr);
    // The value of an operand: nothing keeps it, so it is not shared.
    ConstValue operand(Expr* expr);
    // What a variable or a field holds, as a further name for it: texts and containers are shared.
    ConstValue shared(ConstValue& place, Span span);
    // Without anything shared in it.
    ConstValue plain(const ConstValue& value, Span span);
    ConstValue run_kind(Expr* expr);
    ConstValue run_block(Block* block);
    ConstValue path(const PathExpr* expr);
    ConstValue* variable(std::string_view name);
    ConstValue binary(const BinaryExpr* expr);
    ConstValue operation(BinaryOp op, const ConstValue& left, const ConstValue& right, Span span);
    ConstValue logic(const LogicExpr* expr);
    ConstValue if_chain(const IfExpr* expr);
    ConstValue loop(const LoopExpr* expr);
    ConstValue call(const CallExpr* expr);
    ConstValue assign(const AssignExpr* expr);
    bool add_field(const Expr* target, ConstValue& value);
    ConstValue* place(Expr* expr);
    ConstValue field(const FieldExpr* expr);
    ConstValue* member(ConstValue& value, const FieldExpr* expr);
    ConstValue format(FormatExpr* expr);
    bool matches(const Pattern* pattern, ConstValue value);
    bool condition(Expr* expr);

    Compiler& compiler_;
    ItemNode* scope_;
    ItemNode* self_type_;
    std::vector<std::pair<std::string_view, ConstValue>> variables_;
    // What ConstValue::Shared points to.
    std::deque<ConstValue> shared_;
    std::size_t frame_ = 0;
    int depth_ = 0;
    std::size_t bytes_ = 0;
};

// The inline Value of a constant that has one.
std::optional<Value> inline_of(const ConstValue& value);

}  // namespace rb::rune
