#include "rune/vm/formatting.hpp"

#include "rune/bytecode/unit_data.hpp"
#include "rune/context.hpp"
#include "rune/limits.hpp"
#include "rune/runtime_error.hpp"
#include "rune/syntax/unicode.hpp"
#include "rune/vm.hpp"
#include "rune/vm/objects.hpp"

#include <charconv>
#include <cmath>
#include <cstdio>

namespace rb::rune {

namespace {

[[noreturn]] void no_format() {
    raise(ErrorKind::format, "Value cannot be formatted");
}

template <typename T>
void append_number(std::string& out, T value, int base = 10) {
    char buffer[72];
    const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value, base);
    out.append(buffer, end);
}

void append_hex_escape(std::string& out, char32_t scalar) {
    out += "\\u{";
    append_number(out, static_cast<std::uint32_t>(scalar), 16);
    out += "}";
}

void append_escaped(std::string& out, char32_t scalar, char quote) {
    switch (scalar) {
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        case '\0':
            out += "\\0";
            return;
        case '\\':
            out += "\\\\";
            return;
        default:
            break;
    }
    if (scalar == static_cast<char32_t>(quote)) {
        out += '\\';
        out += quote;
    } else if (!is_printable(scalar)) {
        append_hex_escape(out, scalar);
    } else {
        append_scalar(out, scalar);
    }
}

std::string_view ordering_name(std::int64_t sign) {
    return sign < 0 ? "Less" : sign > 0 ? "Greater" : "Equal";
}

std::string_view variant_name(BuiltinVariant variant) {
    switch (variant) {
        case BuiltinVariant::none:
            return "None";
        case BuiltinVariant::some:
            return "Some";
        case BuiltinVariant::ok:
            return "Ok";
        case BuiltinVariant::err:
            return "Err";
        case BuiltinVariant::yielded:
            return "Yielded";
        case BuiltinVariant::complete:
            return "Complete";
        case BuiltinVariant::proceed:
            return "Continue";
        case BuiltinVariant::stop:
            return "Break";
    }
    return "";
}

void append_list(Vm& vm, std::string& out, std::span<const Value> items, char open, char close,
                 int depth) {
    out += open;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (i > 0) out += ", ";
        append_debug(vm, out, items[i], depth + 1);
    }
    out += close;
}

void append_struct(Vm& vm, std::string& out, const StructObject& object, int depth) {
    const Shape& shape = *object.shape;
    out += shape.path;
    const std::span<const Value> fields{object.fields(), shape.fields.size()};
    if (shape.kind == ShapeKind::tuple) {
        out += ' ';
        append_list(vm, out, fields, '(', ')', depth);
    } else if (shape.kind == ShapeKind::named) {
        out += " {";
        for (std::size_t i = 0; i < fields.size(); ++i) {
            if (i > 0) out += ", ";
            out += shape.fields[i] + ": ";
            append_debug(vm, out, fields[i], depth + 1);
        }
        out += '}';
    }
}

void append_range(Vm& vm, std::string& out, const RangeObject& range, int depth) {
    const RangeKind kind = range.range_kind();
    const bool has_start =
        kind == RangeKind::range || kind == RangeKind::inclusive || kind == RangeKind::from;
    const bool inclusive = kind == RangeKind::inclusive || kind == RangeKind::to_inclusive;
    if (has_start) append_debug(vm, out, range.start, depth + 1);
    out += inclusive ? "..=" : "..";
    if (kind != RangeKind::from && kind != RangeKind::full) {
        append_debug(vm, out, range.end, depth + 1);
    }
}

// By the first of the protocols that the host registered for the type.
bool append_by_protocol(Vm& vm, std::string& out, Value value,
                        std::initializer_list<Protocol> protocols) {
    const TypeInfo& type = vm.type_of(value);
    for (const Protocol protocol : protocols) {
        if (const NativeFunction* function = type.protocol(protocol)) {
            NativeCall call{vm, &value, 1};
            out += vm.string_of(function->body(call));
            return true;
        }
    }
    return false;
}

void append_heap_debug(Vm& vm, std::string& out, Value value, int depth) {
    HeapObject* object = value.object;
    switch (object->kind) {
        case Kind::string:
            vm.charge(static_cast<StringObject*>(object)->length / 16);
            append_quoted(out, static_cast<StringObject*>(object)->view());
            return;
        case Kind::bytes: {
            vm.charge(static_cast<BytesObject*>(object)->length / 8);
            out += '[';
            bool first = true;
            for (const char byte : static_cast<BytesObject*>(object)->view()) {
                if (!first) out += ", ";
                first = false;
                append_number(out, static_cast<unsigned>(static_cast<unsigned char>(byte)));
            }
            out += ']';
            return;
        }
        case Kind::vec:
            return append_list(vm, out, static_cast<VecObject*>(object)->span(), '[', ']', depth);
        case Kind::tuple:
            return append_list(vm, out, static_cast<TupleObject*>(object)->span(), '(', ')', depth);
        case Kind::object: {
            out += '{';
            bool first = true;
            const auto* table = static_cast<TableObject*>(object);
            for (std::uint32_t i = 0; i < table->used; ++i) {
                const TableEntry entry = table->entries[i];
                if (entry.key == nullptr) continue;
                if (!first) out += ", ";
                first = false;
                append_quoted(out, entry.key->view());
                out += ": ";
                append_debug(vm, out, entry.value, depth + 1);
            }
            out += '}';
            return;
        }
        case Kind::structure:
            if (append_by_protocol(vm, out, value, {Protocol::debug})) return;
            return append_struct(vm, out, *static_cast<StructObject*>(object), depth);
        case Kind::variant: {
            const auto* variant = static_cast<VariantObject*>(object);
            out += variant_name(variant->which());
            if (variant->which() == BuiltinVariant::none) return;
            out += '(';
            append_debug(vm, out, variant->payload, depth + 1);
            out += ')';
            return;
        }
        case Kind::range:
            return append_range(vm, out, *static_cast<RangeObject*>(object), depth);
        case Kind::native:
            if (append_by_protocol(vm, out, value, {Protocol::debug, Protocol::display})) return;
            [[fallthrough]];
        default: {
            char address[32];
            std::snprintf(address, sizeof address, " at %p>", static_cast<void*>(object));
            out += '<';
            out += vm.type_of(value).path;
            out += address;
        }
    }
}

// Puts `text` into a field of the width; `sign_length` is where zeros go.
void pad(std::string& out, std::string_view text, const FormatSpec& spec, bool numeric) {
    const std::size_t length = count_scalars(text);
    const std::size_t width = spec.width < 0 ? 0 : static_cast<std::size_t>(spec.width);
    if (length >= width) {
        out += text;
        return;
    }
    const std::size_t missing = width - length;
    if (spec.zero && numeric) {
        const std::size_t sign = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
        out += text.substr(0, sign);
        out.append(missing, '0');
        out += text.substr(sign);
        return;
    }
    const std::size_t before = spec.align == '>' ? missing : spec.align == '^' ? missing / 2 : 0;
    for (std::size_t i = 0; i < before; ++i) append_scalar(out, spec.fill);
    out += text;
    for (std::size_t i = before; i < missing; ++i) append_scalar(out, spec.fill);
}

std::string float_text(double value, const FormatSpec& spec) {
    std::string text;
    if (spec.precision >= 0 && std::isfinite(value)) {
        std::string buffer(400 + static_cast<std::size_t>(spec.precision), '\0');
        const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                                std::chars_format::fixed, spec.precision);
        text.assign(buffer.data(), end);
    } else {
        append_float(text, value);
    }
    if (spec.plus && !std::signbit(value) && !std::isnan(value)) text.insert(0, "+");
    return text;
}

void append_radix(std::string& out, Value value, const FormatSpec& spec) {
    if (value.tag != Tag::integer) no_format();
    std::string text;
    // Two's complement, as the original's hex and binary forms.
    append_number(text, static_cast<std::uint64_t>(value.integer), spec.type == 'b' ? 2 : 16);
    if (spec.type == 'X') {
        for (char& digit : text) {
            if (digit >= 'a' && digit <= 'f') digit = static_cast<char>(digit - 32);
        }
    }
    if (spec.plus && value.integer >= 0) text.insert(0, "+");
    pad(out, text, spec, true);
}

}  // namespace

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    for (std::size_t i = 0; i < text.size();) {
        const auto scalar = decode_scalar(text, i);
        if (!scalar) break;
        append_escaped(out, scalar->scalar, '"');
        i += scalar->length;
    }
    out += '"';
}

void append_quoted(std::string& out, char32_t scalar) {
    out += '\'';
    append_escaped(out, scalar, '\'');
    out += '\'';
}

void append_float(std::string& out, double value) {
    if (std::isnan(value)) {
        out += "NaN";
        return;
    }
    if (std::isinf(value)) {
        out += value < 0 ? "-inf" : "inf";
        return;
    }
    char buffer[40];
    const auto [end, error] =
        std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
    const std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
    const std::size_t mark = text.find('e');
    int exponent = 0;
    // from_chars takes no plus sign.
    const std::size_t digits_at = mark + (text[mark + 1] == '+' ? 2 : 1);
    std::from_chars(text.data() + digits_at, end, exponent);
    if (value != 0 && (exponent < -5 || exponent >= 16)) {
        out += text.substr(0, mark);
        out += 'e';
        append_number(out, exponent);
        return;
    }
    std::string digits;
    for (const char byte : text.substr(0, mark)) {
        if (byte >= '0' && byte <= '9') digits += byte;
    }
    if (std::signbit(value)) out += '-';
    if (exponent < 0) {
        out += "0.";
        out.append(static_cast<std::size_t>(-exponent - 1), '0');
        out += digits;
        return;
    }
    const auto whole = static_cast<std::size_t>(exponent) + 1;
    if (digits.size() < whole) digits.append(whole - digits.size(), '0');
    out.append(digits, 0, whole);
    out += '.';
    out += digits.size() > whole ? digits.substr(whole) : "0";
}

bool append_plain(std::string& out, Value value) {
    switch (value.tag) {
        case Tag::boolean:
            out += value.boolean ? "true" : "false";
            return true;
        case Tag::character:
            append_scalar(out, value.character);
            return true;
        case Tag::integer:
            append_number(out, value.integer);
            return true;
        case Tag::unsigned_integer:
            append_number(out, value.unsigned_integer);
            return true;
        case Tag::floating:
            append_float(out, value.floating);
            return true;
        default:
            return false;
    }
}

void append_display(Vm& vm, std::string& out, Value value) {
    if (append_plain(out, value)) return;
    if (value.is(Kind::string)) {
        out += static_cast<StringObject*>(value.object)->view();
        return;
    }
    if (value.tag == Tag::type) {
        append_debug(vm, out, value, 0);
        return;
    }
    if (value.is_heap()) {
        if (const NativeFunction* function = vm.type_of(value).protocol(Protocol::display)) {
            Value arguments[] = {value};
            NativeCall call{vm, arguments, 1};
            out += vm.string_of(function->body(call));
            return;
        }
    }
    raise(ErrorKind::format, "Missing protocol function `DISPLAY_FMT` for `" +
                                 vm.type_of(value).name + "`: it has no display form, use {:?}");
}

void append_debug(Vm& vm, std::string& out, Value value, int depth) {
    if (depth > value_depth_max) raise(ErrorKind::nesting, "Value is nested too deep to be shown");
    vm.charge(1);
    if (out.size() > vm.text_bytes_max()) raise(ErrorKind::memory, "Text grows too large");
    switch (value.tag) {
        case Tag::unit:
            out += "()";
            return;
        case Tag::character:
            return append_quoted(out, value.character);
        case Tag::type: {
            const auto it = vm.unit()->types_by_hash.find(value.hash);
            const TypeInfo* type =
                it != vm.unit()->types_by_hash.end() ? it->second : vm.context().type(value.hash);
            out += type != nullptr ? type->path : "Type";
            return;
        }
        case Tag::ordering:
            out += ordering_name(value.integer);
            return;
        case Tag::hash:
            append_number(out, value.hash, 16);
            return;
        case Tag::heap:
            if (value.object->kind == Kind::moved) (void)vm.type_of(value);
            return append_heap_debug(vm, out, value, depth);
        default:
            append_plain(out, value);
    }
}

void append_formatted(Vm& vm, std::string& out, Value value, const FormatSpec& spec) {
    switch (spec.type) {
        case 'x':
        case 'X':
        case 'b':
            return append_radix(out, value, spec);
        case 'p': {
            if (!value.is_heap()) no_format();
            char address[32];
            std::snprintf(address, sizeof address, "%p", static_cast<void*>(value.object));
            return pad(out, address, spec, false);
        }
        default:
            break;
    }
    if (value.tag == Tag::integer) {
        std::string text;
        if (spec.plus && value.integer >= 0) text += '+';
        append_number(text, value.integer);
        return pad(out, text, spec, true);
    }
    if (value.tag == Tag::floating) return pad(out, float_text(value.floating, spec), spec, true);
    if (spec.type == '?') return append_debug(vm, out, value, 0);
    if (value.tag == Tag::character || value.is(Kind::string)) {
        std::string text;
        append_display(vm, text, value);
        if (spec.precision >= 0) {
            // At most that many characters.
            std::size_t end = 0;
            for (std::int32_t i = 0; i < spec.precision && end < text.size(); ++i) {
                end += decode_scalar(text, end)->length;
            }
            text.resize(end);
        }
        return pad(out, text, spec, false);
    }
    append_display(vm, out, value);
}

}  // namespace rb::rune
