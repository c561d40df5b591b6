// The adapters of std::iter: iterators over iterators.

#pragma once

#include "rune/context.hpp"
#include "rune/vm.hpp"

#include <optional>
#include <string_view>

namespace rb::rune {

// The methods that make an adapter: map, filter, rev, peekable …
void add_adapters(AnyTypeBuilder& type);

// What a predicate answered; raises type_mismatch unless it is a bool.
bool truth(Vm& vm, Value value);
Value call_one(Vm& vm, Value function, Value argument);
// Some of the item, or None.
Value option(Vm& vm, std::optional<Value> item);
// Whether the iterator has a back end.
bool double_ended(Value value);
[[noreturn]] void not_double_ended(std::string_view method);

}  // namespace rb::rune
