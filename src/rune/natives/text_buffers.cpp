#include "rune/natives/text_buffers.hpp"

#include "rune/vm/heap.hpp"
#include "rune/vm/operations.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace rb::rune {

std::size_t find_text(Vm& vm, std::string_view text, std::string_view sought, std::size_t from) {
    if (from > text.size()) return std::string_view::npos;
    const std::string_view rest = text.substr(from);
    // Unlike string_view::find, memmem does not compare all of `sought` at every place.
    const void* found = ::memmem(rest.data(), rest.size(), sought.data(), sought.size());
    const std::size_t at =
        found == nullptr ? std::string_view::npos
                         : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
    const std::size_t end = found == nullptr ? text.size() : at;
    vm.charge(static_cast<std::int64_t>((end - from + sought.size()) / 32));
    return at;
}

char32_t char_of(NativeCall& call, std::size_t index) {
    if (call[index].tag != Tag::character) mismatch(call.vm, "char", call[index]);
    return call[index].character;
}

namespace {

void reserve_buffer(Vm& vm, Value value, std::uint64_t capacity) {
    vm.require_writable(value);
    auto& string = *static_cast<StringObject*>(value.object);
    if (capacity > std::numeric_limits<std::int32_t>::max()) {
        raise(ErrorKind::memory, "Value is too large");
    }
    if (capacity <= string.capacity || capacity <= string.length) return;
    const auto wanted = static_cast<std::uint32_t>(capacity);
    auto* data = static_cast<char*>(vm.heap().grow_buffer(
        string.capacity == 0 ? nullptr : string.data, string.capacity, wanted));
    if (string.capacity == 0 && string.length > 0) std::memcpy(data, string.data, string.length);
    string.data = data;
    string.capacity = wanted;
}

void clear(NativeCall& call) {
    call.vm.require_writable(call[0]);
    text_object(call).length = 0;
}

}  // namespace

Value with_capacity(NativeCall& call, Kind kind) {
    const Value result = kind == Kind::string ? call.vm.make_string("") : call.vm.make_bytes("");
    reserve_buffer(call.vm, result, to_unsigned(call.vm, call[0]));
    return result;
}

void add_buffer_methods(AnyTypeBuilder& type) {
    type.raw_method("capacity", 1, [](NativeCall& call) {
        const auto& object = text_object(call);
        return Value::of(std::uint64_t{std::max(object.capacity, object.length)});
    });
    for (const std::string_view name : {"reserve", "reserve_exact"}) {
        type.raw_method(name, 2, [](NativeCall& call) {
            std::uint64_t wanted = 0;
            if (__builtin_add_overflow(to_unsigned(call.vm, call[1]), text_object(call).length,
                                       &wanted)) {
                raise(ErrorKind::memory, "Value is too large");
            }
            reserve_buffer(call.vm, call[0], wanted);
            return Value();
        });
    }
    type.raw_method("shrink_to_fit", 1, [](NativeCall&) { return Value(); });
    type.raw_method("clear", 1, [](NativeCall& call) {
        clear(call);
        return Value();
    });
    type.raw_method("len", 1, [](NativeCall& call) {
        return Value::of(std::uint64_t{text_object(call).length});
    });
    type.raw_method("is_empty", 1,
                    [](NativeCall& call) { return Value::of(text_object(call).length == 0); });
}

}  // namespace rb::rune
