#include "rune/convert.hpp"

#include "rune/context.hpp"
#include "rune/json.hpp"

namespace rb::rune::detail {

namespace {

[[noreturn]] void bad_argument(Vm& vm, std::string_view expected, Value found,
                               std::size_t position) {
    raise(ErrorKind::type_mismatch, "Bad argument #" + std::to_string(position) +
                                        ": Expected type `" + std::string(expected) +
                                        "` but found `" + vm.type_of(found).name + "`");
}

[[noreturn]] void out_of_range(const std::string& number) {
    raise(ErrorKind::integer_conversion,
          "Failed to convert value `" + number + "` to the integer of an argument");
}

}  // namespace

std::int64_t signed_argument(Vm& vm, Value value, std::size_t position, std::int64_t min,
                             std::int64_t max) {
    if (value.tag == Tag::unsigned_integer) {
        if (value.unsigned_integer > static_cast<std::uint64_t>(max)) {
            out_of_range(std::to_string(value.unsigned_integer));
        }
        return value.integer;
    }
    if (value.tag != Tag::integer) bad_argument(vm, "i64", value, position);
    if (value.integer < min || value.integer > max) out_of_range(std::to_string(value.integer));
    return value.integer;
}

std::uint64_t unsigned_argument(Vm& vm, Value value, std::size_t position, std::uint64_t max) {
    if (value.tag == Tag::integer) {
        if (value.integer < 0) out_of_range(std::to_string(value.integer));
    } else if (value.tag != Tag::unsigned_integer) {
        bad_argument(vm, "u64", value, position);
    }
    if (value.unsigned_integer > max) out_of_range(std::to_string(value.unsigned_integer));
    return value.unsigned_integer;
}

double float_argument(Vm& vm, Value value, std::size_t position) {
    if (value.tag != Tag::floating) bad_argument(vm, "f64", value, position);
    return value.floating;
}

bool bool_argument(Vm& vm, Value value, std::size_t position) {
    if (value.tag != Tag::boolean) bad_argument(vm, "bool", value, position);
    return value.boolean;
}

char32_t char_argument(Vm& vm, Value value, std::size_t position) {
    if (value.tag != Tag::character) bad_argument(vm, "char", value, position);
    return value.character;
}

std::string_view string_argument(Vm& vm, Value value, std::size_t position) {
    if (!value.is(Kind::string)) bad_argument(vm, "String", value, position);
    return vm.string_of(value);
}

std::string_view bytes_argument(Vm& vm, Value value, std::size_t position) {
    if (!value.is(Kind::bytes)) bad_argument(vm, "Bytes", value, position);
    return vm.bytes_of(value);
}

nlohmann::ordered_json json_argument(Vm& vm, Value value, std::size_t position) {
    std::string why;
    auto json = to_json(vm, value, why);
    if (!json) {
        raise(ErrorKind::type_mismatch, "Bad argument #" + std::to_string(position) + ": " + why);
    }
    return std::move(*json);
}

namespace {

const TypeInfo& declared_type(Vm& vm, std::type_index type) {
    const TypeInfo* found = vm.context().type_of_cpp(type);
    if (found == nullptr) raise(ErrorKind::host, "A native uses a type no module declares");
    return *found;
}

}  // namespace

std::span<Value> struct_argument(Vm& vm, Value value, std::type_index type, std::size_t position) {
    const TypeInfo& wanted = declared_type(vm, type);
    const Shape* shape = vm.shape_of(value);
    if (shape == nullptr || shape->type != &wanted) bad_argument(vm, wanted.name, value, position);
    return vm.fields_of(value);
}

std::size_t enum_argument(Vm& vm, Value value, std::type_index type, std::size_t position) {
    (void)struct_argument(vm, value, type, position);
    return vm.shape_of(value)->variant;
}

Value struct_result(Vm& vm, std::type_index type, std::span<const Value> fields) {
    return vm.make_struct(*vm.context().struct_shape(declared_type(vm, type).hash), fields);
}

Value enum_result(Vm& vm, std::type_index type, std::size_t variant) {
    return vm.make_struct(*vm.context().variant_shape(declared_type(vm, type).hash, variant), {});
}

Value json_result(Vm& vm, const nlohmann::ordered_json& json) {
    return from_json(vm, json);
}

}  // namespace rb::rune::detail
