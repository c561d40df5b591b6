// Private to the parser's source files: the construction of nodes, and the guards of its recursion.

#pragma once

#include "rune/limits.hpp"
#include "rune/parser/parser.hpp"

#include <algorithm>
#include <utility>

namespace rb::rune {

// The level of `==` and its like; see operators.cpp.
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

// Gives a member of the parser another value until the scope is left, by an error as well.
template <typename T>
class Scoped {
public:
    Scoped(T& place, T value) : place_(place), outer_(std::exchange(place, value)) {}
    ~Scoped() { place_ = outer_; }
    Scoped(const Scoped&) = delete;
    Scoped& operator=(const Scoped&) = delete;

    [[nodiscard]] T outer() const { return outer_; }

private:
    T& place_;
    T outer_;
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
