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
    // The first place at or after `from`.
    std::optional<Match> find(Vm& vm, Value string, std::size_t from) const;
    [[nodiscard]] bool is_empty() const { return !calls_ && text_.empty(); }
    void trace(Tracer& tracer) const { tracer.visit(value_); }

private:
    Value value_;
    std::string text_;
    bool calls_ = false;
};

// The parts of `string` between its separators.
std::unique_ptr<IteratorState> split_iterator(Vm& vm, Value string, Value separator);

}  // namespace rb::rune
