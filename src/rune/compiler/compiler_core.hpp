// Private to the compiler's source files.

#pragma once

#include "rune/compiler/compiler.hpp"
#include "rune/limits.hpp"

namespace rb::rune {

// Gives back the registers and variables of a scope, and its item scope.
class ScopeGuard {
public:
    explicit ScopeGuard(FunctionCompiler& function)
        : function_(function),
          registers_(function.next_register_),
          locals_(function.locals_.size()),
          scope_(function.scope_) {}
    ~ScopeGuard() {
        function_.next_register_ = registers_;
        function_.locals_.resize(locals_);
        function_.scope_ = scope_;
    }
    ScopeGuard(const ScopeGuard&) = delete;
    ScopeGuard& operator=(const ScopeGuard&) = delete;

private:
    FunctionCompiler& function_;
    std::size_t registers_;
    std::size_t locals_;
    ItemNode* scope_;
};

}  // namespace rb::rune
