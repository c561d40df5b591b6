// String.

#include "rune/natives/parse_number.hpp"
#include "rune/natives/separator.hpp"
#include "rune/natives/slices.hpp"
#include "rune/natives/standard.hpp"
#include "rune/natives/text_buffers.hpp"
#include "rune/syntax/unicode.hpp"
#include "rune/vm.hpp"
#include "rune/vm/iterators.hpp"
#include "rune/vm/operations.hpp"

#include <algorithm>

namespace rb::rune {

namespace {

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
    Value source() const override { return string_; }
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
        for (std::size_t found = find_text(call.vm, text, from, 0); found != std::string_view::npos;
             found = find_text(call.vm, text, from, at)) {
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

std::string_view slice_text(NativeCall& call, bool& inside) {
    const std::string_view text = text_of(call);
    const auto slice = slice_of(call.vm, call[1], text.size());
    inside = slice && is_boundary(text, slice->start) && is_boundary(text, slice->end);
    return inside ? text.substr(slice->start, slice->end - slice->start) : std::string_view();
}

Value copied(NativeCall& call) {
    return call.vm.make_string(text_of(call));
}

void add_constructors(AnyTypeBuilder& type) {
    type.raw_function("new", 0, [](NativeCall& call) { return call.vm.make_string(""); })
        .raw_function("from", 1, copied)
        .raw_function("from_str", 1, copied)
        .raw_function("with_capacity", 1,
                      [](NativeCall& call) { return with_capacity(call, Kind::string); })
        .raw_function("from_utf8", 1, [](NativeCall& call) {
            const std::string_view bytes = call.vm.bytes_of(call[0]);
            charge_for(call, bytes.size());
            if (is_valid_utf8(bytes)) return call.vm.make_ok(call.vm.make_string(bytes));
            return call.vm.make_err(
                call.vm.make_native(ParseError{"invalid utf-8 sequence", "Utf8Error"}));
        });
}

void add_searches(AnyTypeBuilder& type) {
    type.raw_method(
            "contains", 2,
            [](NativeCall& call) {
                (void)text_of(call);
                return Value::of(Separator(call.vm, call[1]).find(call.vm, call[0], 0).has_value());
            })
        .raw_method("starts_with", 2,
                    [](NativeCall& call) {
                        charge_for(call, text_of(call, 1).size());
                        return Value::of(text_of(call).starts_with(text_of(call, 1)));
                    })
        .raw_method("ends_with", 2,
                    [](NativeCall& call) {
                        charge_for(call, text_of(call, 1).size());
                        return Value::of(text_of(call).ends_with(text_of(call, 1)));
                    })
        .raw_method("split", 2,
                    [](NativeCall& call) {
                        (void)text_of(call);
                        return make_iterator(call.vm, split_iterator(call.vm, call[0], call[1]));
                    })
        .raw_method("split_str", 2,
                    [](NativeCall& call) {
                        (void)text_of(call);
                        (void)text_of(call, 1);
                        return make_iterator(call.vm, split_iterator(call.vm, call[0], call[1]));
                    })
        .raw_method("split_once", 2, split_once)
        .raw_method("replace", 3, replace);
}

void add_changes(AnyTypeBuilder& type) {
    type.raw_method("push", 2,
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
                        charge_for(call, text_of(call).size());
                        return call.vm.make_string(trimmed(text_of(call), true, true));
                    })
        .raw_method("trim_end", 1,
                    [](NativeCall& call) {
                        charge_for(call, text_of(call).size());
                        return call.vm.make_string(trimmed(text_of(call), false, true));
                    })
        .raw_method("to_lowercase", 1,
                    [](NativeCall& call) {
                        charge_for(call, text_of(call).size());
                        return call.vm.make_string(to_lowercase(text_of(call)));
                    })
        .raw_method("to_uppercase", 1, [](NativeCall& call) {
            charge_for(call, text_of(call).size());
            return call.vm.make_string(to_uppercase(text_of(call)));
        });
}

void add_string_conversions(AnyTypeBuilder& type) {
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
                        [](NativeCall& call) { return parse_char(call.vm, text_of(call)); });
    type.raw_method("as_bytes", 1,
                    [](NativeCall& call) { return call.vm.make_bytes(text_of(call)); })
        .raw_method("into_bytes", 1,
                    [](NativeCall& call) {
                        const Value bytes = call.vm.make_bytes(text_of(call));
                        call.vm.take(call[0]);
                        return bytes;
                    })
        .raw_method("to_string", 1, copied)
        .raw_method("to_owned", 1, copied)
        .raw_method("chars", 1, [](NativeCall& call) {
            return make_iterator(call.vm,
                                 std::make_unique<CharIterator>(call[0], text_of(call).size()));
        });
}

void add_accesses(AnyTypeBuilder& type) {
    type.raw_method("get", 2,
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
}

}  // namespace

void add_strings(std::vector<Module>& modules) {
    Module module("std::string");
    AnyTypeBuilder type = module.type("String");
    add_constructors(type);
    add_buffer_methods(type);
    add_searches(type);
    add_changes(type);
    add_string_conversions(type);
    add_accesses(type);
    modules.push_back(std::move(module));
}

}  // namespace rb::rune
