#include "rune/json.hpp"

#include "rune/convert.hpp"
#include "rune/syntax/unicode.hpp"
#include "rune/vm/objects.hpp"
#include "rune/vm/operations.hpp"

#include <cmath>
#include <limits>

namespace rb::rune {

namespace {

using Json = nlohmann::ordered_json;

Value build(Vm& vm, const Json& json, int depth) {
    if (depth > json_depth_max) raise(ErrorKind::nesting, "JSON is nested too deep");
    vm.charge(1);
    switch (json.type()) {
        case Json::value_t::boolean:
            return Value::of(json.get<bool>());
        case Json::value_t::number_integer:
            return Value::of(json.get<std::int64_t>());
        case Json::value_t::number_unsigned: {
            const auto number = json.get<std::uint64_t>();
            const bool fits =
                number <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
            return fits ? Value::of(static_cast<std::int64_t>(number)) : Value::of(number);
        }
        case Json::value_t::number_float:
            return Value::of(json.get<double>());
        case Json::value_t::string:
            return vm.make_string(json.get_ref<const std::string&>());
        case Json::value_t::array: {
            const Value vec = vm.make_vec({});
            for (const auto& item : json) vm.push(vec, build(vm, item, depth + 1));
            return vec;
        }
        case Json::value_t::object: {
            const Value object = vm.make_object();
            for (const auto& [key, item] : json.items()) {
                vm.set_field(object, key, build(vm, item, depth + 1));
            }
            return object;
        }
        default:
            return Value::unit();
    }
}

// Why there is no JSON form, and how large the JSON has become: values that are shared may appear
// in it many times over.
struct Output {
    std::string& why;
    std::size_t bytes = 0;

    void add(Vm& vm, std::size_t more) {
        bytes += more;
        vm.charge_bytes(more);
        if (bytes > vm.text_bytes_max()) raise(ErrorKind::memory, "JSON grows too large");
    }
};

bool write(Vm& vm, Value value, Json& out, Output& to, int depth);

bool write_list(Vm& vm, std::span<const Value> items, Json& out, Output& to, int depth) {
    out = Json::array();
    to.add(vm, items.size() * sizeof(Json));
    for (const Value item : items) {
        Json element;
        if (!write(vm, item, element, to, depth + 1)) return false;
        out.push_back(std::move(element));
    }
    return true;
}

bool write_heap(Vm& vm, Value value, Json& out, Output& to, int depth) {
    switch (value.object->kind) {
        case Kind::string:
            to.add(vm, vm.string_of(value).size());
            out = std::string(vm.string_of(value));
            return true;
        case Kind::bytes:
            to.add(vm, vm.bytes_of(value).size() * sizeof(Json));
            out = Json::array();
            for (const char byte : vm.bytes_of(value)) {
                out.push_back(static_cast<unsigned char>(byte));
            }
            return true;
        case Kind::vec:
        case Kind::tuple:
            return write_list(vm, vm.items_of(value), out, to, depth);
        case Kind::object: {
            out = Json::object();
            bool fine = true;
            // Keys of an Object are unique, so no look-up is needed.
            vm.each_field(value, [&](std::string_view key, Value item) {
                if (!fine) return;
                to.add(vm, key.size() + sizeof(Json::object_t::value_type));
                Json element;
                fine = write(vm, item, element, to, depth + 1);
                out.get_ref<Json::object_t&>().emplace_back(std::string(key), std::move(element));
            });
            return fine;
        }
        case Kind::variant: {
            const auto& variant = *static_cast<VariantObject*>(value.object);
            if (variant.which() == BuiltinVariant::none) {
                out = nullptr;
                return true;
            }
            if (variant.which() == BuiltinVariant::some) {
                return write(vm, variant.payload, out, to, depth + 1);
            }
            break;
        }
        default:
            break;
    }
    to.why = "cannot serialize value of type `" + vm.type_of(value).name + "`";
    return false;
}

bool write(Vm& vm, Value value, Json& out, Output& to, int depth) {
    if (depth > json_depth_max) {
        to.why = "the value is nested too deep";
        return false;
    }
    vm.charge(1);
    switch (value.tag) {
        case Tag::unit:
            out = nullptr;
            return true;
        case Tag::boolean:
            out = value.boolean;
            return true;
        case Tag::character: {
            std::string text;
            append_scalar(text, value.character);
            out = text;
            return true;
        }
        case Tag::integer:
            out = value.integer;
            return true;
        case Tag::unsigned_integer:
            out = value.unsigned_integer;
            return true;
        case Tag::floating:
            if (std::isfinite(value.floating)) {
                out = value.floating;
            } else {
                out = nullptr;
            }
            return true;
        case Tag::heap:
            return write_heap(vm, value, out, to, depth);
        default:
            to.why = "cannot serialize value of type `" + vm.type_of(value).name + "`";
            return false;
    }
}

}  // namespace

Value from_json(Vm& vm, const Json& json) {
    return build(vm, json, 0);
}

std::optional<Json> to_json(Vm& vm, Value value, std::string& why) {
    Json json;
    Output output{why};
    if (!write(vm, value, json, output, 0)) return std::nullopt;
    return json;
}

}  // namespace rb::rune
