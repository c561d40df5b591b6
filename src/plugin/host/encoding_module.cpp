// host::encoding. Decoders answer a Result; what they refuse comes from outside.

#include "base/utf8.hpp"

#include "plugin/encoding/text_encoding.hpp"
#include "plugin/encoding/xml.hpp"
#include "plugin/host/call_state.hpp"
#include "plugin/host/host_modules.hpp"

namespace rb::plugin {

namespace {

using rune::Bytes;
using rune::Failure;
using rune::Fallible;
using rune::Value;
using rune::Vm;

void charge_encoding(Vm& vm, std::size_t bytes) {
    vm.charge(static_cast<std::int64_t>(bytes / 16 + 10));
}

Value json_or_failure(Vm& vm, const Result<Json>& result) {
    if (result.has_error()) return vm.make_err(vm.make_string(result.error().message));
    return vm.make_ok(rune::from_json(vm, *result));
}

// Fields of an object, in its order; a Vec of [name, value] pairs where names repeat.
FieldList fields_of(const Json& fields) {
    FieldList list;
    const auto text = [](const Json& value) {
        return value.is_string() ? value.get<std::string>() : value.dump();
    };
    if (fields.is_object()) {
        for (const auto& [name, value] : fields.items()) list.emplace_back(name, text(value));
        return list;
    }
    if (!fields.is_array()) rune::panic("form_encode: needs an object or a list of pairs");
    for (const auto& pair : fields) {
        if (!pair.is_array() || pair.size() != 2) rune::panic("form_encode: needs pairs");
        list.emplace_back(text(pair[0]), text(pair[1]));
    }
    return list;
}

// Of a repeated name the last value stands.
Result<Json> form_object(std::string_view text) {
    const auto fields = TRY(form_decode(text));
    Json object = Json::object();
    for (const auto& [name, value] : fields) {
        if (!is_utf8(name) || !is_utf8(value)) return invalid_field("text", "is not UTF-8");
        object[name] = value;
    }
    return as_result(std::move(object));
}

Fallible<std::string> decoded_url(std::string_view text) {
    auto decoded = url_decode(text);
    if (decoded.has_error()) return Failure{decoded.error().message};
    if (!is_utf8(*decoded)) return Failure{"text: is not UTF-8"};
    return std::move(*decoded);
}

void add_text_forms(rune::Module& module) {
    module.function("base64_encode", [](Vm& vm, Value data) {
        charge_encoding(vm, content_of(vm, data).size());
        return base64_encode(content_of(vm, data));
    });
    module.function("base64_url_encode", [](Vm& vm, Value data) {
        charge_encoding(vm, content_of(vm, data).size());
        return base64_encode(content_of(vm, data), Base64Form::url_safe);
    });
    module.function("base64_decode", [](Vm& vm, std::string_view text) {
        charge_encoding(vm, text.size());
        return bytes_or_failure(base64_decode(text));
    });
    module.function("hex_encode", [](Vm& vm, Value data) {
        charge_encoding(vm, content_of(vm, data).size());
        return hex_encode(content_of(vm, data));
    });
    module.function("hex_decode", [](Vm& vm, std::string_view text) {
        charge_encoding(vm, text.size());
        return bytes_or_failure(hex_decode(text));
    });
}

}  // namespace

rune::Module encoding_module() {
    rune::Module module("host::encoding");
    add_text_forms(module);
    module.function("url_encode", [](Vm& vm, std::string_view text) {
        charge_encoding(vm, text.size());
        return url_encode(text);
    });
    module.function("url_decode", [](Vm& vm, std::string_view text) {
        charge_encoding(vm, text.size());
        return decoded_url(text);
    });
    module.function("form_encode", [](Vm& vm, const Json& fields) {
        auto text = form_encode(fields_of(fields));
        charge_encoding(vm, text.size());
        return text;
    });
    module.function("form_decode", [](Vm& vm, std::string_view text) {
        charge_encoding(vm, text.size());
        return json_or_failure(vm, form_object(text));
    });
    module.function("xml_parse", [](Vm& vm, std::string_view text) {
        charge_encoding(vm, text.size() * 4);
        return json_or_failure(vm, xml_parse(text));
    });
    module.function("xml_write", [](Vm& vm, const Json& element) {
        const auto text = xml_write(element);
        if (text.has_error()) return vm.make_err(vm.make_string(text.error().message));
        charge_encoding(vm, text->size());
        return vm.make_ok(vm.make_string(*text));
    });
    module.function("xml_escape", [](Vm& vm, std::string_view text) {
        charge_encoding(vm, text.size());
        return xml_escape(text);
    });
    return module;
}

}  // namespace rb::plugin
