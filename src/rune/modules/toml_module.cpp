// The module `toml`. Dates and times have no value in the language and are refused, as is null.

#include "rune/modules/modules.hpp"
#include "rune/modules/text_error.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace rb::rune {
namespace {

struct TomlError : TextError {};

// As deep as toml++ itself parses.
constexpr int depth_max = 128;
// What a node of a document takes, with its key, beside its text.
constexpr std::size_t node_bytes = 128;
// Of text there are at least two bytes for one node.
constexpr std::size_t bytes_per_text_byte = node_bytes / 2;

// The text behind the string that begins at `at`.
std::size_t behind_string(std::string_view text, std::size_t at) {
    const char c = text[at];
    const std::string_view quote = text.substr(at, text.substr(at, 3) == std::string(3, c) ? 3 : 1);
    at += quote.size();
    while (at < text.size() && text.substr(at, quote.size()) != quote) {
        at += c == '"' && text[at] == '\\' ? 2 : 1;
    }
    return at + quote.size();
}

// Whether the parts of a key, together with those of the keys whose tables it stands in, are more
// than depth_max: toml++ follows them by recursion, and limits only brackets. Dots in texts do not
// count, those in numbers and dates are few.
bool has_deep_key(std::string_view text) {
    int dots = 0;
    // Of the keys of the brackets that are open, and all of them together.
    std::vector<int> outer;
    int outer_dots = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '"' || c == '\'') {
            at = behind_string(text, at) - 1;
        } else if (c == '#') {
            at = std::min(text.find('\n', at), text.size() - 1);
            dots = 0;
        } else if (c == '.') {
            if (++dots + outer_dots > depth_max) return true;
        } else if (c == '{' || c == '[') {
            outer.push_back(dots);
            outer_dots += dots;
            dots = 0;
        } else if ((c == '}' || c == ']') && !outer.empty()) {
            dots = outer.back();
            outer_dots -= dots;
            outer.pop_back();
        } else if (c == '\n' || c == ',') {
            dots = 0;
        }
    }
    return false;
}

// From a parsed node to a value; nothing when some node is a date or a time.
std::optional<Value> to_script(Vm& vm, const toml::node& node);

std::optional<Value> to_object(Vm& vm, const toml::table& table) {
    const Root object(vm, vm.make_object());
    for (const auto& [key, child] : table) {
        const auto value = to_script(vm, child);
        if (!value) return std::nullopt;
        vm.set_field(object.get(), key.str(), *value);
    }
    return object.get();
}

std::optional<Value> to_vec(Vm& vm, const toml::array& array) {
    const Root vec(vm, vm.make_vec({}));
    for (const toml::node& child : array) {
        const auto value = to_script(vm, child);
        if (!value) return std::nullopt;
        vm.push(vec.get(), *value);
    }
    return vec.get();
}

std::optional<Value> to_script(Vm& vm, const toml::node& node) {
    vm.charge(1);
    if (const auto* table = node.as_table()) return to_object(vm, *table);
    if (const auto* array = node.as_array()) return to_vec(vm, *array);
    if (const auto* text = node.as_string()) return vm.make_string(text->get());
    if (const auto* number = node.as_integer()) return Value::of(std::int64_t{number->get()});
    if (const auto* number = node.as_floating_point()) return Value::of(number->get());
    if (const auto* flag = node.as_boolean()) return Value::of(flag->get());
    return std::nullopt;
}

Value parse_toml(Vm& vm, std::string_view text) {
    vm.charge(static_cast<std::int64_t>(text.size() / 8));
    const auto fail = [&](std::string why) {
        return vm.make_err(vm.make_native(TomlError{{std::move(why)}}));
    };
    if (has_deep_key(text)) return fail("a key nested too deep");
    if (text.size() > vm.text_bytes_max() / bytes_per_text_byte) {
        raise(ErrorKind::memory, "TOML is too large");
    }
    try {
        const toml::table table = toml::parse(text);
        const auto value = to_object(vm, table);
        return value ? vm.make_ok(*value) : fail("dates and times are not representable");
    } catch (const toml::parse_error& error) {
        return fail(std::string(error.description()) + " at line " +
                    std::to_string(error.source().begin.line));
    }
}

// From values to toml++ nodes. Each function is false when a value has no TOML form.
class TreeBuilder {
public:
    explicit TreeBuilder(Vm& vm) : vm_(vm) {}

    bool fill(toml::table& table, Value object, int depth) {
        if (depth == depth_max) return refuse("value nested too deep");
        bool good = true;
        vm_.each_field(object, [&](std::string_view key, Value field) {
            good = good && convert(field, depth, [&](auto&& node) {
                       table.insert_or_assign(key, std::forward<decltype(node)>(node));
                   });
        });
        return good;
    }

    bool refuse(std::string why) {
        error_ = std::move(why);
        return false;
    }
    [[nodiscard]] const std::string& error() const { return error_; }

private:
    bool fill(toml::array& array, Value items, int depth) {
        if (depth == depth_max) return refuse("value nested too deep");
        for (const Value item : vm_.items_of(items)) {
            const bool good = convert(item, depth, [&](auto&& node) {
                array.push_back(std::forward<decltype(node)>(node));
            });
            if (!good) return false;
        }
        return true;
    }

    template <typename Add>
    bool convert(Value value, int depth, Add add) {
        vm_.charge(1);
        // Shared values may be written many times over.
        const std::size_t text = value.is(Kind::string) ? vm_.string_of(value).size() : 0;
        vm_.charge_bytes(text);
        bytes_ += node_bytes + text;
        if (bytes_ > vm_.text_bytes_max()) raise(ErrorKind::memory, "TOML grows too large");
        switch (value.tag) {
            case Tag::boolean:
                add(value.boolean);
                return true;
            case Tag::integer:
                add(value.integer);
                return true;
            case Tag::floating:
                add(value.floating);
                return true;
            case Tag::unsigned_integer:
                if (value.unsigned_integer > static_cast<std::uint64_t>(INT64_MAX)) {
                    return refuse("number above the range of i64");
                }
                add(static_cast<std::int64_t>(value.unsigned_integer));
                return true;
            case Tag::character:
                add(vm_.display(value));
                return true;
            default:
                break;
        }
        if (value.is(Kind::string)) {
            add(std::string(vm_.string_of(value)));
            return true;
        }
        if (value.is(Kind::object)) {
            toml::table table;
            if (!fill(table, value, depth + 1)) return false;
            add(std::move(table));
            return true;
        }
        if (value.is(Kind::vec) || value.is(Kind::tuple)) {
            toml::array array;
            if (!fill(array, value, depth + 1)) return false;
            add(std::move(array));
            return true;
        }
        return refuse("cannot serialize a value of type `" + vm_.type_of(value).name + "`");
    }

    Vm& vm_;
    std::string error_;
    std::size_t bytes_ = 0;
};

template <typename MakeValue>
Value serialize_toml(Vm& vm, Value value, MakeValue make) {
    TreeBuilder builder(vm);
    toml::table table;
    const bool good = value.is(Kind::object) ? builder.fill(table, value, 0)
                                             : builder.refuse("a document is an object");
    if (!good) return vm.make_err(vm.make_native(TomlError{{builder.error()}}));
    std::ostringstream text;
    text << table << '\n';
    return vm.make_ok(make(text.str()));
}

}  // namespace

Module toml_module() {
    Module toml("toml");
    declare_text_error<TomlError>(toml);
    toml.function("from_string",
                  [](Vm& vm, std::string_view text) { return parse_toml(vm, text); });
    toml.function("from_bytes",
                  [](Vm& vm, Value bytes) { return parse_toml(vm, vm.bytes_of(bytes)); });
    toml.function("to_string", [](Vm& vm, Value value) {
        return serialize_toml(vm, value,
                              [&](const std::string& text) { return vm.make_string(text); });
    });
    toml.function("to_bytes", [](Vm& vm, Value value) {
        return serialize_toml(vm, value,
                              [&](const std::string& text) { return vm.make_bytes(text); });
    });
    return toml;
}

}  // namespace rb::rune
