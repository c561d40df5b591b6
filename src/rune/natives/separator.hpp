// What a string is split at: a char, a string, or a function of chars.

#pragma once

#include "rune/native.hpp"
#include "rune/value.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace rb::rune {

class IteratorState;

class Separator {
public:
    // Raises type_mismatch for anything else.
    Separator(Vm& vm, Value value);

    struct Match {
        std::size_t start;
        std::size_t end;
    };
    // The first place at or after `from`. The string cannot be changed meanwhile.
    std::optional<Match> find(Vm& vm, Value string, std::size_t from) const;
    [[nodiscard]] bool is_empty(Vm& vm) const;
    void trace(Tracer& tracer) const { tracer.visit(value_); }

private:
    [[nodiscard]] std::string_view text(Vm& vm) const;

    // Functions and strings. A string is looked at whenever something is sought.
    Value value_;
    // Of a char.
    std::string scalar_;
};

// The parts of `string` between its separators.
std::unique_ptr<IteratorState> split_iterator(Vm& vm, Value string, Value separator);

}  // namespace rb::rune
