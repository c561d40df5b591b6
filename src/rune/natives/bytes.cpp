// Bytes.

#include "rune/natives/slices.hpp"
#include "rune/natives/standard.hpp"
#include "rune/natives/text_buffers.hpp"
#include "rune/vm/heap.hpp"
#include "rune/vm/operations.hpp"

#include <cstring>

namespace rb::rune {

namespace {

std::string_view bytes_of(NativeCall& call, std::size_t index = 0) {
    return call.vm.bytes_of(call[index]);
}

char byte_of(NativeCall& call, Value value) {
    const std::uint64_t number = to_unsigned(call.vm, value);
    if (number > 255) {
        raise(ErrorKind::integer_conversion,
              "Failed to convert value `" + std::to_string(number) + "` to integer `u8`");
    }
    return static_cast<char>(number);
}

Value number_of(char byte) {
    return Value::of(std::uint64_t{static_cast<unsigned char>(byte)});
}

Value to_vec(NativeCall& call) {
    const Value vec = call.vm.make_vec({});
    const std::size_t count = bytes_of(call).size();
    call.vm.charge(static_cast<std::int64_t>(count / 8));
    for (std::size_t i = 0; i < count; ++i) call.vm.push(vec, number_of(bytes_of(call)[i]));
    return vec;
}

std::size_t place(NativeCall& call, bool may_be_end) {
    const std::uint64_t at = to_unsigned(call.vm, call[1]);
    const std::size_t length = bytes_of(call).size();
    if (at > length || (at == length && !may_be_end)) {
        raise(ErrorKind::index, "Index out of bounds, the length is `" + std::to_string(length) +
                                    "` but the index is `" + std::to_string(at) + "`");
    }
    return at;
}

Value bytes_insert(NativeCall& call) {
    const std::size_t at = place(call, true);
    const char byte = byte_of(call, call[2]);
    call.vm.append(call[0], std::string_view(&byte, 1));
    auto& object = text_object(call);
    charge_for(call, object.length - at);
    std::memmove(object.data + at + 1, object.data + at, object.length - 1 - at);
    object.data[at] = byte;
    return {};
}

// Owns its buffer, so that single bytes can be changed.
void make_owned(NativeCall& call) {
    call.vm.require_writable(call[0]);
    auto& object = text_object(call);
    if (object.capacity == 0 && object.length > 0) call.vm.append(call[0], {});
    if (object.capacity == 0 && object.length > 0) {
        auto* data = static_cast<char*>(call.vm.heap().grow_buffer(nullptr, 0, object.length));
        std::memcpy(data, object.data, object.length);
        object.data = data;
        object.capacity = object.length;
    }
}

Value bytes_remove(NativeCall& call) {
    const std::size_t at = place(call, false);
    make_owned(call);
    auto& object = text_object(call);
    charge_for(call, object.length - at);
    const char removed = object.data[at];
    std::memmove(object.data + at, object.data + at + 1, object.length - at - 1);
    --object.length;
    return number_of(removed);
}

Value bytes_get(NativeCall& call) {
    const auto bytes = bytes_of(call);
    if (call[1].is(Kind::range)) {
        const auto slice = slice_of(call.vm, call[1], bytes.size());
        if (!slice) return call.vm.make_none();
        return call.vm.make_some(
            call.vm.make_bytes(bytes.substr(slice->start, slice->end - slice->start)));
    }
    const std::uint64_t at = to_unsigned(call.vm, call[1]);
    return at < bytes.size() ? call.vm.make_some(number_of(bytes[at])) : call.vm.make_none();
}

Value bytes_index_get(NativeCall& call) {
    const auto bytes = bytes_of(call);
    if (!call[1].is(Kind::range)) return number_of(bytes[place(call, false)]);
    const auto slice = slice_of(call.vm, call[1], bytes.size());
    if (!slice) slice_out_of_bounds(call.vm, call[1], bytes.size());
    return call.vm.make_bytes(bytes.substr(slice->start, slice->end - slice->start));
}

Value bytes_index_set(NativeCall& call) {
    const std::size_t at = place(call, false);
    const char byte = byte_of(call, call[2]);
    make_owned(call);
    text_object(call).data[at] = byte;
    return {};
}

}  // namespace

void add_bytes(std::vector<Module>& modules) {
    Module module("std::bytes");
    AnyTypeBuilder type = module.type("Bytes");
    const auto optional_byte = [](NativeCall& call, bool first) {
        const auto bytes = bytes_of(call);
        if (bytes.empty()) return call.vm.make_none();
        return call.vm.make_some(number_of(first ? bytes.front() : bytes.back()));
    };
    type.raw_function("new", 0, [](NativeCall& call) { return call.vm.make_bytes(""); })
        .raw_function("with_capacity", 1,
                      [](NativeCall& call) { return with_capacity(call, Kind::bytes); })
        .raw_function("from_vec", 1, [](NativeCall& call) {
            std::string content;
            call.vm.charge(static_cast<std::int64_t>(call.vm.items_of(call[0]).size() / 8));
            for (const Value item : call.vm.items_of(call[0])) {
                content.push_back(byte_of(call, item));
            }
            return call.vm.make_bytes(content);
        });
    add_buffer_methods(type);
    type.raw_method("extend", 2,
                    [](NativeCall& call) {
                        call.vm.append(call[0], bytes_of(call, 1));
                        return Value();
                    })
        .raw_method("extend_str", 2,
                    [](NativeCall& call) {
                        call.vm.append(call[0], text_of(call, 1));
                        return Value();
                    })
        .raw_method("as_vec", 1, to_vec)
        .raw_method("into_vec", 1,
                    [](NativeCall& call) {
                        const Value vec = to_vec(call);
                        call.vm.take(call[0]);
                        return vec;
                    })
        .raw_method("push", 2,
                    [](NativeCall& call) {
                        const char byte = byte_of(call, call[1]);
                        call.vm.append(call[0], std::string_view(&byte, 1));
                        return Value();
                    })
        .raw_method("pop", 1,
                    [optional_byte](NativeCall& call) {
                        call.vm.require_writable(call[0]);
                        const Value result = optional_byte(call, false);
                        if (text_object(call).length > 0) --text_object(call).length;
                        return result;
                    })
        .raw_method("first", 1,
                    [optional_byte](NativeCall& call) { return optional_byte(call, true); })
        .raw_method("last", 1,
                    [optional_byte](NativeCall& call) { return optional_byte(call, false); })
        .raw_method("insert", 3, bytes_insert)
        .raw_method("remove", 2, bytes_remove)
        .raw_method("get", 2, bytes_get)
        .raw_protocol(Protocol::index_get, bytes_index_get)
        .raw_protocol(Protocol::index_set, bytes_index_set);
    modules.push_back(std::move(module));
}

}  // namespace rb::rune
