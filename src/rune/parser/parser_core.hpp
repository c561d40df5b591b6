// Private to the parser's source files: node construction and the recursion guard.

#pragma once

#include "rune/limits.hpp"
#include "rune/parser/parser.hpp"

#include <algorithm>

namespace rb::rune {

// The level of `==` and its like; see parser/expressions.cpp.
inline constexpr int comparison_level = 5;

class Parser::DepthGuard {
public:
    explicit DepthGuard(Parser& parser) : parser_(parser) {
        if (++parser_.depth_ > parse_depth_max) {
            --parser_.depth_;
            parser_.fail_at(parser_.span(parser_.peek()), DiagnosticClass::nesting,
                            "this is nested too deep");
        }
    }
    ~DepthGuard() { --parser_.depth_; }
    DepthGuard(const DepthGuard&) = delete;
    DepthGuard& operator=(const DepthGuard&) = delete;

private:
    Parser& parser_;
};

template <typename T>
T* Parser::make(ExprKind kind, std::uint32_t start) {
    T* expr = arena_.make<T>();
    expr->kind = kind;
    expr->span = span_from(start);
    return expr;
}

template <typename T>
T* Parser::finish(T* expr) {
    expr->span = span_from(expr->span.start);
    if (++tallest_ > expression_height_max) {
        fail_at(expr->span, DiagnosticClass::nesting, "this expression is too long or too deep",
                "split it with `let`");
    }
    expr->height = static_cast<std::uint16_t>(tallest_);
    return expr;
}

}  // namespace rb::rune
