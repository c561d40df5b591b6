// What the natives of String and Bytes share: their arguments and their buffers.

#pragma once

#include "rune/context.hpp"
#include "rune/vm.hpp"
#include "rune/vm/objects.hpp"

#include <cstdint>
#include <string_view>

namespace rb::rune {

// The String at `index` of the arguments; raises type_mismatch for another type.
inline std::string_view text_of(NativeCall& call, std::size_t index = 0) {
    return call.vm.string_of(call[index]);
}

// The String or Bytes a method is called on.
inline StringObject& text_object(NativeCall& call) {
    return *static_cast<StringObject*>(call[0].object);
}

// Accounts for a walk over so many bytes.
inline void charge_for(NativeCall& call, std::size_t bytes) {
    call.vm.charge(static_cast<std::int64_t>(bytes / 32 + 1));
}

// Where `sought` is in `text`, at or after `from`; npos when it is not there. Charges for the way,
// and takes time in proportion to it, whatever is sought.
std::size_t find_text(Vm& vm, std::string_view text, std::string_view sought, std::size_t from);
// Raises type_mismatch for what is no char.
char32_t char_of(NativeCall& call, std::size_t index);
// `with_capacity` of both types. Raises memory for what no heap can hold.
Value with_capacity(NativeCall& call, Kind kind);
// The methods that look at the buffer alone: capacity, reserve, clear, len …
void add_buffer_methods(AnyTypeBuilder& type);

}  // namespace rb::rune
