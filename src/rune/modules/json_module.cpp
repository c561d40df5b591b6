// The module `json`: text straight to values and back, without a tree in between.

#include "rune/json.hpp"
#include "rune/modules/modules.hpp"
#include "rune/modules/text_error.hpp"

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace rb::rune {
namespace {

// Charged per byte of text read or written, in units of this many bytes.
constexpr std::size_t bytes_per_unit = 16;

struct JsonError : TextError {};

// Receives the parser's events and builds the values.
class ValueBuilder {
public:
    using number_integer_t = nlohmann::json::number_integer_t;
    using number_unsigned_t = nlohmann::json::number_unsigned_t;
    using number_float_t = nlohmann::json::number_float_t;
    using string_t = nlohmann::json::string_t;
    using binary_t = nlohmann::json::binary_t;

    explicit ValueBuilder(Vm& vm) : vm_(vm), open_(vm), root_(vm, Value::unit()) {}

    bool null() { return add(Value::unit()); }
    bool boolean(bool value) { return add(Value::of(value)); }
    bool number_integer(number_integer_t value) {
        return add(Value::of(static_cast<std::int64_t>(value)));
    }
    // Above the range of i64 the number wraps, as the language has it.
    bool number_unsigned(number_unsigned_t value) {
        return add(Value::of(static_cast<std::int64_t>(value)));
    }
    bool number_float(number_float_t value, const string_t&) { return add(Value::of(value)); }
    bool string(string_t& value) { return add(vm_.make_string(value)); }
    bool binary(binary_t&) { return false; }
    bool start_object(std::size_t) { return open(vm_.make_object()); }
    bool end_object() { return close(); }
    bool start_array(std::size_t) { return open(vm_.make_vec({})); }
    bool end_array() { return close(); }
    bool key(string_t& name) {
        keys_.back() = std::move(name);
        return true;
    }
    bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) {
        error_ = "invalid JSON at byte " + std::to_string(position);
        return false;
    }

    [[nodiscard]] Value result() const { return root_.get(); }
    [[nodiscard]] const std::string& error() const { return error_; }

private:
    bool add(Value value) {
        vm_.charge(1);
        if (open_.values.empty()) {
            root_.set(value);
            return true;
        }
        const Value container = open_.values.back();
        if (container.is(Kind::vec)) {
            vm_.push(container, value);
        } else {
            vm_.set_field(container, keys_.back(), value);
        }
        return true;
    }

    bool open(Value container) {
        if (open_.values.size() == static_cast<std::size_t>(json_depth_max)) {
            error_ = "JSON nested deeper than " + std::to_string(json_depth_max);
            return false;
        }
        add(container);
        open_.values.push_back(container);
        keys_.emplace_back();
        return true;
    }

    bool close() {
        open_.values.pop_back();
        keys_.pop_back();
        return true;
    }

    Vm& vm_;
    RootVector open_;
    // The key read last, for each open container.
    std::vector<std::string> keys_;
    Root root_;
    std::string error_;
};

Value parse_json(Vm& vm, std::string_view text) {
    vm.charge(static_cast<std::int64_t>(text.size() / bytes_per_unit));
    ValueBuilder builder(vm);
    if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) {
        return vm.make_err(vm.make_native(JsonError{{builder.error()}}));
    }
    return vm.make_ok(builder.result());
}

// Writes a value as compact JSON.
class Writer {
public:
    explicit Writer(Vm& vm) : vm_(vm), option_(*vm.context().builtin("::std::option::Option")) {}

    // False when the value has no JSON form; error() says why.
    bool write(Value value, int depth) {
        vm_.charge(1);
        // Shared values may be written many times over: a small value can have a huge text.
        if (text_.size() > vm_.text_bytes_max()) raise(ErrorKind::memory, "Text grows too large");
        switch (value.tag) {
            case Tag::unit:
                return put("null");
            case Tag::boolean:
                return put(value.boolean ? "true" : "false");
            case Tag::integer:
                return put(std::to_string(value.integer));
            case Tag::unsigned_integer:
                return put(std::to_string(value.unsigned_integer));
            case Tag::floating:
                return write_float(value);
            case Tag::character:
                return write_text(vm_.display(value));
            case Tag::heap:
                return write_heap(value, depth);
            default:
                return refuse(value);
        }
    }

    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] const std::string& error() const { return error_; }

private:
    bool put(std::string_view piece) {
        text_ += piece;
        return true;
    }

    bool refuse(Value value) {
        error_ = "cannot serialize a value of type `" + vm_.type_of(value).name + "`";
        return false;
    }

    bool write_float(Value value) {
        const bool finite = value.floating - value.floating == 0;
        return put(finite ? vm_.display(value) : "null");
    }

    bool write_heap(Value value, int depth) {
        if (depth == json_depth_max) {
            error_ = "value nested deeper than " + std::to_string(json_depth_max);
            return false;
        }
        if (value.is(Kind::string)) return write_text(vm_.string_of(value));
        if (value.is(Kind::bytes)) return write_bytes(vm_.bytes_of(value));
        if (value.is(Kind::vec) || value.is(Kind::tuple)) return write_items(value, depth);
        if (value.is(Kind::object)) return write_fields(value, depth);
        if (vm_.is_type(value, option_)) {
            const auto payload = vm_.option_of(value);
            return payload ? write(*payload, depth + 1) : put("null");
        }
        return refuse(value);
    }

    bool write_items(Value value, int depth) {
        text_ += '[';
        bool first = true;
        for (const Value item : vm_.items_of(value)) {
            if (!first) text_ += ',';
            first = false;
            if (!write(item, depth + 1)) return false;
        }
        text_ += ']';
        return true;
    }

    bool write_fields(Value value, int depth) {
        text_ += '{';
        bool first = true;
        bool good = true;
        vm_.each_field(value, [&](std::string_view key, Value field) {
            if (!good) return;
            if (!first) text_ += ',';
            first = false;
            write_text(key);
            text_ += ':';
            good = write(field, depth + 1);
        });
        text_ += '}';
        return good;
    }

    bool write_bytes(std::string_view content) {
        vm_.charge(static_cast<std::int64_t>(content.size() / bytes_per_unit));
        text_ += '[';
        for (std::size_t i = 0; i < content.size(); ++i) {
            if (i > 0) text_ += ',';
            text_ += std::to_string(static_cast<unsigned char>(content[i]));
        }
        text_ += ']';
        return true;
    }

    bool write_text(std::string_view content) {
        vm_.charge(static_cast<std::int64_t>(content.size() / bytes_per_unit));
        text_ += '"';
        for (std::size_t start = 0; start < content.size();) {
            std::size_t end = start;
            while (end < content.size() && is_plain(content[end])) ++end;
            text_ += content.substr(start, end - start);
            if (end < content.size()) write_escaped(content[end++]);
            start = end;
        }
        text_ += '"';
        return true;
    }

    static bool is_plain(char c) {
        return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
    }

    void write_escaped(char c) {
        static constexpr std::string_view digits = "0123456789abcdef";
        switch (c) {
            case '"':
                text_ += "\\\"";
                return;
            case '\\':
                text_ += "\\\\";
                return;
            case '\n':
                text_ += "\\n";
                return;
            case '\r':
                text_ += "\\r";
                return;
            case '\t':
                text_ += "\\t";
                return;
            case '\b':
                text_ += "\\b";
                return;
            case '\f':
                text_ += "\\f";
                return;
            default:
                text_ += "\\u00";
                text_ += digits[static_cast<unsigned char>(c) >> 4];
                text_ += digits[static_cast<unsigned char>(c) & 15];
        }
    }

    Vm& vm_;
    const TypeInfo& option_;
    std::string text_;
    std::string error_;
};

template <typename MakeValue>
Value serialize_json(Vm& vm, Value value, MakeValue make) {
    Writer writer(vm);
    if (!writer.write(value, 0)) return vm.make_err(vm.make_native(JsonError{{writer.error()}}));
    return vm.make_ok(make(writer.text()));
}

}  // namespace

Module json_module() {
    Module json("json");
    declare_text_error<JsonError>(json);
    json.function("from_string",
                  [](Vm& vm, std::string_view text) { return parse_json(vm, text); });
    json.function("from_bytes",
                  [](Vm& vm, Value bytes) { return parse_json(vm, vm.bytes_of(bytes)); });
    json.function("to_string", [](Vm& vm, Value value) {
        return serialize_json(vm, value,
                              [&](const std::string& text) { return vm.make_string(text); });
    });
    json.function("to_bytes", [](Vm& vm, Value value) {
        return serialize_json(vm, value,
                              [&](const std::string& text) { return vm.make_bytes(text); });
    });
    return json;
}

}  // namespace rb::rune
