// The module `toml`. Dates and times have no value in the language and are refused, as is null.

#include "rune/modules/modules.hpp"
#include "rune/modules/text_error.hpp"

#include <toml++/toml.h>

#include <sstream>
#include <string>
#include <string_view>

namespace rb::rune {
namespace {

struct TomlError : TextError {};

// As deep as toml++ itself parses.
constexpr int depth_max = 128;

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
