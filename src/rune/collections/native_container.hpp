// What the natives of the three containers share: reaching the C++ object behind a value, with the
// language's rule that what is being iterated cannot be changed.

#pragma once

#include "rune/context.hpp"
#include "rune/runtime_error.hpp"
#include "rune/vm.hpp"
#include "rune/vm/borrows.hpp"
#include "rune/vm/objects.hpp"

#include <memory>
#include <string>
#include <utility>

namespace rb::rune {

// The object behind a receiver that is about to change. Raises `access` while it is being iterated.
template <typename T>
T& writable(Vm& vm, Value value) {
    T& object = vm.native_of<T>(value);
    vm.require_writable(value);
    return object;
}

template <typename T>
Value make_container(Vm& vm, std::unique_ptr<T> object) {
    return vm.make_native(*vm.context().type_of_cpp(typeid(T)), std::move(object));
}

// The object of `value`, which natives hold exclusively while they run script code over its
// contents. Raises `access` while the value is being iterated.
inline HeapObject& unborrowed(Vm& vm, Value value) {
    vm.require_writable(value);
    return *value.object;
}

// Visits everything `iterable` yields.
template <typename Visit>
void for_each(Vm& vm, Value iterable, Visit visit) {
    const Value iterator = vm.iterate(iterable);
    while (const auto item = vm.next(iterator)) {
        vm.charge(1);
        visit(*item);
    }
}

}  // namespace rb::rune
