#include "rune/compiler/late_format.hpp"

#include "rune/compiler/const_eval.hpp"
#include "rune/syntax/format_string.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace rb::rune {

namespace {

bool reads_variable(const Expr* expr, const std::function<bool(std::string_view)>& is_variable) {
    const auto reads = [&](const Expr* part) { return reads_variable(part, is_variable); };
    switch (expr->kind) {
        case ExprKind::path: {
            const Path& path = *static_cast<const PathExpr*>(expr)->path;
            return path.is_single() && is_variable(path.segments[0].text);
        }
        case ExprKind::group:
            return reads(static_cast<const UnaryExpr*>(expr)->operand);
        case ExprKind::binary: {
            const auto* binary = static_cast<const BinaryExpr*>(expr);
            return reads(binary->left) || reads(binary->right);
        }
        case ExprKind::format: {
            const auto& arguments = static_cast<const FormatExpr*>(expr)->arguments;
            return std::any_of(arguments.begin(), arguments.end(), reads);
        }
        case ExprKind::method_call:
            return reads(static_cast<const MethodCallExpr*>(expr)->receiver);
        default:
            return false;
    }
}

}  // namespace

bool plan_late_format(Compiler& compiler, FormatExpr& format, ItemNode* scope, ItemNode* self_type,
                      const std::function<bool(std::string_view)>& is_variable) {
    if (format.text == nullptr) return true;
    DiagnosticSink& sink = compiler.sink();
    if (std::exchange(format.is_being_planned, true)) {
        sink.error(DiagnosticClass::const_eval, format.span,
                   "this format string depends on itself");
        return false;
    }
    const Expr* const text = format.text;
    const auto refuse = [&] {
        format.text = nullptr;
        sink.error(DiagnosticClass::format_string, text->span,
                   "the format must be a constant string", "write \"{}\" and pass the value");
        return false;
    };
    if (reads_variable(text, is_variable)) return refuse();
    const auto value = ConstEvaluator(compiler, scope, self_type).evaluate(format.text);
    format.text = nullptr;
    if (!value) return false;
    const auto* content = std::get_if<std::string>(&value->value);
    if (content == nullptr) return refuse();
    const std::size_t errors = sink.error_count();
    const auto complain = [&](Span at, std::string message) {
        sink.error(DiagnosticClass::format_string, at, std::move(message));
    };
    const auto constant = [&](Expr* expr) -> std::optional<std::int64_t> {
        if (reads_variable(expr, is_variable)) return std::nullopt;
        const auto found = ConstEvaluator(compiler, scope, self_type).evaluate(expr);
        const auto* number = found ? std::get_if<std::int64_t>(&found->value) : nullptr;
        return number == nullptr ? std::nullopt : std::optional(*number);
    };
    plan_format(format, compiler.arena().keep(*content), compiler.arena(), complain, constant);
    return sink.error_count() == errors;
}

}  // namespace rb::rune
