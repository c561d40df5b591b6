// char, String and Bytes.

#include "rune/natives/parse_number.hpp"
#include "rune/natives/slices.hpp"
#include "rune/natives/standard.hpp"
#include "rune/syntax/unicode.hpp"
#include "rune/vm.hpp"
#include "rune/vm/heap.hpp"
#include "rune/vm/iterators.hpp"
#include "rune/vm/operations.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace rb::rune {

namespace {

std::string_view text_of(NativeCall& call, std::size_t index = 0) {
    return call.vm.string_of(call[index]);
}

StringObject& object_of(NativeCall& call) {
    return *static_cast<StringObject*>(call[0].object);
}

char32_t char_of(NativeCall& call, std::size_t index) {
    if (call[index].tag != Tag::character) mismatch(call.vm, "char", call[index]);
    return call[index].character;
}

void charge_for(NativeCall& call, std::size_t bytes) {
    call.vm.charge(static_cast<std::int64_t>(bytes / 32 + 1));
}

// What a string is split at: a char, a string, or a function of chars.
class Separator {
public:
    Separator(Vm& vm, Value value) : value_(value) {
        if (value.tag == Tag::character) {
            append_scalar(text_, value.character);
        } else if (value.is(Kind::string)) {
            text_ = vm.string_of(value);
        } else if (value.is(Kind::function)) {
            calls_ = true;
        } else {
            mismatch(vm, "String", value);
        }
    }

    struct Match {
        std::size_t start;
        std::size_t end;
    };
    // The first place at or after `from`.
    std::optional<Match> find(Vm& vm, Value string, std::size_t from) const {
        const std::string_view text = vm.string_of(string);
        if (!calls_) {
            const std::size_t at = text.find(text_, from);
            if (at == std::string_view::npos) return std::nullopt;
            return Match{at, at + text_.size()};
        }
        for (std::size_t at = from; at < vm.string_of(string).size();) {
            const auto scalar = decode_scalar(vm.string_of(string), at);
            if (!scalar) break;
            const Value argument = Value::of(scalar->scalar);
            if (vm.call_function(value_, {&argument, 1}).is_true()) {
                return Match{at, at + scalar->length};
            }
            at += scalar->length;
        }
        return std::nullopt;
    }
    [[nodiscard]] bool is_empty() const { return !calls_ && text_.empty(); }
    void trace(Tracer& tracer) const { tracer.visit(value_); }

private:
    Value value_;
    std::string text_;
    bool calls_ = false;
};

class SplitIterator final : public IteratorState {
public:
    SplitIterator(Vm& vm, Value string, Value separator)
        : string_(string), separator_(vm, separator) {}

    std::optional<Value> next(Vm& vm) override {
        if (done_) return std::nullopt;
        const std::string_view text = vm.string_of(string_);
        if (separator_.is_empty()) return next_between_characters(vm, text);
        const auto match = separator_.find(vm, string_, at_);
        const std::size_t start = at_;
        if (!match) {
            done_ = true;
            return vm.make_string(vm.string_of(string_).substr(start));
        }
        at_ = match->end;
        return vm.make_string(vm.string_of(string_).substr(start, match->start - start));
    }
    std::unique_ptr<IteratorState> clone(Vm&) const override {
        return std::make_unique<SplitIterator>(*this);
    }
    void trace(Tracer& tracer) const override {
        tracer.visit(string_);
        separator_.trace(tracer);
    }

private:
    // An empty separator stands between all characters and at both ends.
    std::optional<Value> next_between_characters(Vm& vm, std::string_view text) {
        if (!begun_) {
            begun_ = true;
            return vm.make_string("");
        }
        const auto scalar = decode_scalar(text, at_);
        if (!scalar) {
            done_ = true;
            return vm.make_string("");
        }
        at_ += scalar->length;
        return vm.make_string(text.substr(at_ - scalar->length, scalar->length));
    }

    Value string_;
    Separator separator_;
    std::size_t at_ = 0;
    bool begun_ = false;
    bool done_ = false;
};

class CharIterator final : public IteratorState {
public:
    CharIterator(Value string, std::size_t end) : string_(string), end_(end) {}

    std::optional<Value> next(Vm& vm) override {
        if (at_ >= end_) return std::nullopt;
        const auto scalar = decode_scalar(vm.string_of(string_), at_);
        if (!scalar) return std::nullopt;
        at_ += scalar->length;
        return Value::of(scalar->scalar);
    }
    std::optional<Value> next_back(Vm& vm) override {
        if (at_ >= end_) return std::nullopt;
        const std::string_view text = vm.string_of(string_);
        std::size_t start = std::min(end_, text.size()) - 1;
        while (start > at_ && (text[start] & 0xC0) == 0x80) --start;
        const auto scalar = decode_scalar(text, start);
        end_ = start;
        if (!scalar) return std::nullopt;
        return Value::of(scalar->scalar);
    }
    bool is_double_ended() const override { return true; }
    std::unique_ptr<IteratorState> clone(Vm&) const override {
        return std::make_unique<CharIterator>(*this);
    }
    void trace(Tracer& tracer) const override { tracer.visit(string_); }

private:
    Value string_;
    std::size_t at_ = 0;
    std::size_t end_;
};

Value replace(NativeCall& call) {
    const std::string_view text = text_of(call, 0);
    const std::string_view from = text_of(call, 1);
    const std::string_view to = text_of(call, 2);
    std::string result;
    std::size_t at = 0;
    const auto grown = [&] {
        if (result.size() > call.vm.text_bytes_max())
            raise(ErrorKind::memory, "Text grows too large");
    };
    if (from.empty()) {
        // Between all characters and at both ends.
        result += to;
        while (at < text.size()) {
            const auto scalar = decode_scalar(text, at);
            result += text.substr(at, scalar->length);
            result += to;
            at += scalar->length;
            grown();
        }
    } else {
        for (std::size_t found = text.find(from); found != std::string_view::npos;
             found = text.find(from, at)) {
            result += text.substr(at, found - at);
            result += to;
            at = found + from.size();
            grown();
        }
        result += text.substr(at);
    }
    charge_for(call, text.size() + result.size());
    return call.vm.make_string(result);
}

Value split_once(NativeCall& call) {
    const Separator separator(call.vm, call[1]);
    const auto match = separator.find(call.vm, call[0], 0);
    if (!match) return call.vm.make_none();
    const std::string_view text = text_of(call);
    const Value first = call.vm.make_string(text.substr(0, match->start));
    const Value second = call.vm.make_string(text_of(call).substr(match->end));
    const Value pair[] = {first, second};
    return call.vm.make_some(call.vm.make_tuple(pair));
}

std::string_view trimmed(std::string_view text, bool start, bool end) {
    while (start && !text.empty()) {
        const auto scalar = decode_scalar(text, 0);
        if (!scalar || !is_whitespace(scalar->scalar)) break;
        text.remove_prefix(scalar->length);
    }
    while (end && !text.empty()) {
        std::size_t at = text.size() - 1;
        while (at > 0 && (text[at] & 0xC0) == 0x80) --at;
        const auto scalar = decode_scalar(text, at);
        if (!scalar || !is_whitespace(scalar->scalar)) break;
        text.remove_suffix(text.size() - at);
    }
    return text;
}

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

Value with_capacity(NativeCall& call, Kind kind) {
    const Value result = kind == Kind::string ? call.vm.make_string("") : call.vm.make_bytes("");
    reserve_buffer(call.vm, result, to_unsigned(call.vm, call[0]));
    return result;
}

void clear(NativeCall& call) {
    call.vm.require_writable(call[0]);
    object_of(call).length = 0;
}

template <typename Type>
void add_capacity(Type& type) {
    type.raw_method("capacity", 1, [](NativeCall& call) {
        const auto& object = object_of(call);
        return Value::of(std::uint64_t{std::max(object.capacity, object.length)});
    });
    for (const std::string_view name : {"reserve", "reserve_exact"}) {
        type.raw_method(name, 2, [](NativeCall& call) {
            std::uint64_t wanted = 0;
            if (__builtin_add_overflow(to_unsigned(call.vm, call[1]), object_of(call).length,
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
        return Value::of(std::uint64_t{object_of(call).length});
    });
    type.raw_method("is_empty", 1,
                    [](NativeCall& call) { return Value::of(object_of(call).length == 0); });
}

std::string_view slice_text(NativeCall& call, bool& inside) {
    const std::string_view text = text_of(call);
    const auto slice = slice_of(call.vm, call[1], text.size());
    inside = slice && is_boundary(text, slice->start) && is_boundary(text, slice->end);
    return inside ? text.substr(slice->start, slice->end - slice->start) : std::string_view();
}

}  // namespace

void add_strings(std::vector<Module>& modules) {
    Module module("std::string");
    AnyTypeBuilder type = module.type("String");
    const auto from = [](NativeCall& call) { return call.vm.make_string(text_of(call)); };
    type.raw_function("new", 0, [](NativeCall& call) { return call.vm.make_string(""); })
        .raw_function("from", 1, from)
        .raw_function("from_str", 1, from)
        .raw_function("with_capacity", 1,
                      [](NativeCall& call) { return with_capacity(call, Kind::string); })
        .raw_function("from_utf8", 1, [](NativeCall& call) {
            const std::string_view bytes = call.vm.bytes_of(call[0]);
            if (is_valid_utf8(bytes)) return call.vm.make_ok(call.vm.make_string(bytes));
            return call.vm.make_err(
                call.vm.make_native(ParseError{"invalid utf-8 sequence", "Utf8Error"}));
        });
    add_capacity(type);
    type.raw_method(
            "contains", 2,
            [](NativeCall& call) {
                charge_for(call, text_of(call).size());
                return Value::of(Separator(call.vm, call[1]).find(call.vm, call[0], 0).has_value());
            })
        .raw_method(
            "starts_with", 2,
            [](NativeCall& call) { return Value::of(text_of(call).starts_with(text_of(call, 1))); })
        .raw_method(
            "ends_with", 2,
            [](NativeCall& call) { return Value::of(text_of(call).ends_with(text_of(call, 1))); })
        .raw_method("push", 2,
                    [](NativeCall& call) {
                        std::string scalar;
                        append_scalar(scalar, char_of(call, 1));
                        call.vm.append(call[0], scalar);
                        return Value();
                    })
        .raw_method("push_str", 2,
                    [](NativeCall& call) {
                        call.vm.append(call[0], text_of(call, 1));
                        return Value();
                    })
        .raw_method("trim", 1,
                    [](NativeCall& call) {
                        return call.vm.make_string(trimmed(text_of(call), true, true));
                    })
        .raw_method("trim_end", 1,
                    [](NativeCall& call) {
                        return call.vm.make_string(trimmed(text_of(call), false, true));
                    })
        .raw_method("split", 2,
                    [](NativeCall& call) {
                        // A copy, as in the original: later changes are not seen.
                        const Value copy = call.vm.make_string(text_of(call));
                        return make_iterator(
                            call.vm, std::make_unique<SplitIterator>(call.vm, copy, call[1]));
                    })
        .raw_method("split_str", 2,
                    [](NativeCall& call) {
                        const Value copy = call.vm.make_string(text_of(call));
                        (void)text_of(call, 1);
                        return make_iterator(
                            call.vm, std::make_unique<SplitIterator>(call.vm, copy, call[1]));
                    })
        .raw_method("split_once", 2, split_once)
        .raw_method("replace", 3, replace)
        .raw_method("to_lowercase", 1,
                    [](NativeCall& call) {
                        charge_for(call, text_of(call).size());
                        return call.vm.make_string(to_lowercase(text_of(call)));
                    })
        .raw_method("to_uppercase", 1, [](NativeCall& call) {
            charge_for(call, text_of(call).size());
            return call.vm.make_string(to_uppercase(text_of(call)));
        });
    type.raw_method_for(
            "parse", "::std::i64", 1,
            [](NativeCall& call) { return parse_integer(call.vm, text_of(call), Tag::integer); })
        .raw_method_for("parse", "::std::u64", 1,
                        [](NativeCall& call) {
                            return parse_integer(call.vm, text_of(call), Tag::unsigned_integer);
                        })
        .raw_method_for("parse", "::std::f64", 1,
                        [](NativeCall& call) { return parse_float(call.vm, text_of(call)); })
        .raw_method_for("parse", "::std::char", 1,
                        [](NativeCall& call) { return parse_char(call.vm, text_of(call)); })
        .raw_method("as_bytes", 1,
                    [](NativeCall& call) { return call.vm.make_bytes(text_of(call)); })
        .raw_method("into_bytes", 1,
                    [](NativeCall& call) {
                        const Value bytes = call.vm.make_bytes(text_of(call));
                        call.vm.take(call[0]);
                        return bytes;
                    })
        .raw_method("to_string", 1, from)
        .raw_method("to_owned", 1, from)
        .raw_method("chars", 1,
                    [](NativeCall& call) {
                        const Value copy = call.vm.make_string(text_of(call));
                        return make_iterator(
                            call.vm, std::make_unique<CharIterator>(copy, text_of(call).size()));
                    })
        .raw_method("get", 2,
                    [](NativeCall& call) {
                        bool inside = false;
                        const auto text = slice_text(call, inside);
                        return inside ? call.vm.make_some(call.vm.make_string(text))
                                      : call.vm.make_none();
                    })
        .raw_method("char_at", 2,
                    [](NativeCall& call) {
                        const std::string_view text = text_of(call);
                        const std::uint64_t at = to_unsigned(call.vm, call[1]);
                        if (at >= text.size() || !is_boundary(text, at)) {
                            return call.vm.make_none();
                        }
                        return call.vm.make_some(Value::of(decode_scalar(text, at)->scalar));
                    })
        .raw_protocol(Protocol::index_get, [](NativeCall& call) {
            bool inside = false;
            const auto text = slice_text(call, inside);
            if (!inside) panic("missing string slice");
            return call.vm.make_string(text);
        });
    modules.push_back(std::move(module));
}

void add_characters(std::vector<Module>& modules) {
    Module module("std");
    AnyTypeBuilder type = module.type("char");
    const auto test = [&](std::string_view name, bool (*body)(char32_t)) {
        type.raw_method(name, 1,
                        [body](NativeCall& call) { return Value::of(body(char_of(call, 0))); });
    };
    test("is_alphabetic", is_alphabetic);
    test("is_alphanumeric", [](char32_t c) { return is_alphabetic(c) || is_numeric(c); });
    test("is_numeric", is_numeric);
    test("is_whitespace", is_whitespace);
    test("is_uppercase", is_uppercase);
    test("is_lowercase", is_lowercase);
    test("is_control", is_control);
    type.raw_method("to_digit", 2, [](NativeCall& call) {
        const std::uint64_t radix = to_unsigned(call.vm, call[1]);
        if (radix > 36) panic("to_digit: radix is too high (maximum 36)");
        const char32_t c = char_of(call, 0);
        std::uint64_t digit = 99;
        if (c >= '0' && c <= '9') digit = c - '0';
        if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') digit = (c | 0x20) - 'a' + 10;
        return digit < radix ? call.vm.make_some(Value::of(digit)) : call.vm.make_none();
    });
    type.raw_method("to_i64", 1, [](NativeCall& call) {
        return Value::of(static_cast<std::int64_t>(char_of(call, 0)));
    });
    type.raw_method("to_string", 1,
                    [](NativeCall& call) { return call.vm.make_string(call.vm.display(call[0])); });
    type.raw_function("from_i64", 1, [](NativeCall& call) {
        const std::int64_t number = to_signed(call.vm, call[0]);
        const bool fits = number >= 0 && is_scalar(static_cast<std::uint64_t>(number));
        return fits ? call.vm.make_some(Value::of(static_cast<char32_t>(number)))
                    : call.vm.make_none();
    });
    modules.push_back(std::move(module));
}

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
    auto& object = object_of(call);
    std::memmove(object.data + at + 1, object.data + at, object.length - 1 - at);
    object.data[at] = byte;
    return {};
}

// Owns its buffer, so that single bytes can be changed.
void make_owned(NativeCall& call) {
    call.vm.require_writable(call[0]);
    auto& object = object_of(call);
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
    auto& object = object_of(call);
    const char removed = object.data[at];
    std::memmove(object.data + at, object.data + at + 1, object.length - at - 1);
    --object.length;
    return number_of(removed);
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
            for (const Value item : call.vm.items_of(call[0])) {
                content.push_back(byte_of(call, item));
            }
            return call.vm.make_bytes(content);
        });
    add_capacity(type);
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
                        if (object_of(call).length > 0) --object_of(call).length;
                        return result;
                    })
        .raw_method("first", 1,
                    [optional_byte](NativeCall& call) { return optional_byte(call, true); })
        .raw_method("last", 1,
                    [optional_byte](NativeCall& call) { return optional_byte(call, false); })
        .raw_method("insert", 3, bytes_insert)
        .raw_method("remove", 2, bytes_remove)
        .raw_method("get", 2,
                    [](NativeCall& call) {
                        const auto bytes = bytes_of(call);
                        if (call[1].is(Kind::range)) {
                            const auto slice = slice_of(call.vm, call[1], bytes.size());
                            if (!slice) return call.vm.make_none();
                            return call.vm.make_some(call.vm.make_bytes(
                                bytes.substr(slice->start, slice->end - slice->start)));
                        }
                        const std::uint64_t at = to_unsigned(call.vm, call[1]);
                        return at < bytes.size() ? call.vm.make_some(number_of(bytes[at]))
                                                 : call.vm.make_none();
                    })
        .raw_protocol(
            Protocol::index_get,
            [](NativeCall& call) {
                const auto bytes = bytes_of(call);
                if (!call[1].is(Kind::range)) {
                    return number_of(bytes[place(call, false)]);
                }
                const auto slice = slice_of(call.vm, call[1], bytes.size());
                if (!slice) slice_out_of_bounds(call.vm, call[1], bytes.size());
                return call.vm.make_bytes(bytes.substr(slice->start, slice->end - slice->start));
            })
        .raw_protocol(Protocol::index_set, [](NativeCall& call) {
            const std::size_t at = place(call, false);
            const char byte = byte_of(call, call[2]);
            make_owned(call);
            object_of(call).data[at] = byte;
            return Value();
        });
    modules.push_back(std::move(module));
}

}  // namespace rb::rune
