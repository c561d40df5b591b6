// Module and Context: what the host offers to scripts.
//
//   Module shop("shop");
//   shop.function("round", [](double x) { return std::round(x); });
//   shop.type<Counter>("Counter")
//       .function("new", [] { return Counter{}; })
//       .method("inc", [](Counter& counter, std::int64_t by) { counter.total += by; })
//       .field("total", [](Counter& counter) { return counter.total; });
//   auto context = Context::create({.modules = {std::move(shop)}});
//
// A script sees exactly the modules installed (the standard ones reach neither files nor network
// nor clock). A Context is immutable once created and shared by any number of units and threads, so
// natives must be callable from several threads at once; state of one execution belongs into
// Vm::host_state().

#pragma once

#include "rune/const_value.hpp"
#include "rune/convert.hpp"
#include "rune/macro.hpp"
#include "rune/native.hpp"
#include "rune/shape.hpp"
#include "rune/type_info.hpp"
#include "rune/vm/objects.hpp"

#include <deque>
#include <initializer_list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <typeindex>
#include <unordered_map>
#include <vector>

namespace rb::rune {

// A type as its module declares it.
struct TypeDeclaration {
    std::string path;
    // For C++ types; typeid(void) for the engine's own.
    std::type_index cpp_type = typeid(void);
    // Adds to a type another module declared.
    bool extends = false;
    struct Method {
        std::string name;
        ItemHash type_argument = 0;
        NativeFunction function;
    };
    std::vector<Method> methods = {};
    std::vector<std::pair<std::string, NativeFunction>> getters = {};
    std::vector<std::pair<std::string, NativeFunction>> setters = {};
    std::vector<std::pair<Protocol, NativeFunction>> protocols = {};
    // What scripts may construct and match: one shape without a variant's name, or the variants.
    struct DeclaredShape {
        std::string variant;
        ShapeKind kind = ShapeKind::unit;
        std::vector<std::string> fields;
    };
    std::vector<DeclaredShape> shapes = {};
};

class Module;

// Declares the methods of one type. Valid until the next call on its module.
class AnyTypeBuilder {
public:
    AnyTypeBuilder(Module& module, TypeDeclaration& type) : module_(&module), type_(&type) {}

    // `value.name(…)`; the receiver is the first argument and counts in `parameters`.
    AnyTypeBuilder& raw_method(std::string_view name, int parameters, NativeBody body);
    // `value.name::<T>(…)`, where T is the type with that path ("::std::vec::Vec").
    AnyTypeBuilder& raw_method_for(std::string_view name, std::string_view type_argument,
                                   int parameters, NativeBody body);
    // `Type::name(…)`.
    AnyTypeBuilder& raw_function(std::string_view name, int parameters, NativeBody body);
    // `Type::name::<T>(…)`.
    AnyTypeBuilder& raw_function_for(std::string_view name, std::string_view type_argument,
                                     int parameters, NativeBody body);
    AnyTypeBuilder& raw_protocol(Protocol protocol, NativeBody body);
    AnyTypeBuilder& raw_getter(std::string_view name, NativeBody body);
    // Called with the receiver and the new value.
    AnyTypeBuilder& raw_setter(std::string_view name, NativeBody body);
    // Makes the type a struct that scripts construct and match (`Name { a, b }`, `Name(a)`,
    // `Name`), or an enum of such variants (`Name::Variant`). A type is one or the other: see
    // Context::create.
    AnyTypeBuilder& fields(std::initializer_list<std::string_view> names);
    AnyTypeBuilder& tuple_fields(std::size_t count);
    AnyTypeBuilder& unit();
    AnyTypeBuilder& variant(std::string_view name);
    AnyTypeBuilder& tuple_variant(std::string_view name, std::size_t count);
    AnyTypeBuilder& named_variant(std::string_view name,
                                  std::initializer_list<std::string_view> names);
    // `Type::NAME`.
    AnyTypeBuilder& constant(std::string_view name, ConstValue value);

    template <typename F>
    AnyTypeBuilder& method(std::string_view name, F body) {
        return raw_method(name, native_parameters<F>(), wrap_native(std::move(body)));
    }
    template <typename F>
    AnyTypeBuilder& function(std::string_view name, F body) {
        return raw_function(name, native_parameters<F>(), wrap_native(std::move(body)));
    }
    template <typename F>
    AnyTypeBuilder& protocol(Protocol protocol, F body) {
        return raw_protocol(protocol, wrap_native(std::move(body)));
    }
    template <typename F>
    AnyTypeBuilder& field(std::string_view name, F getter) {
        return raw_getter(name, wrap_native(std::move(getter)));
    }
    template <typename F>
    AnyTypeBuilder& setter(std::string_view name, F body) {
        return raw_setter(name, wrap_native(std::move(body)));
    }

private:
    AnyTypeBuilder& shape(std::string_view variant, ShapeKind kind,
                          std::vector<std::string> fields);

    Module* module_;
    TypeDeclaration* type_;
};

class Module {
public:
    // `path` as scripts write it, without the leading `::` ("json", "std::time").
    explicit Module(std::string_view path) : path_(path) {}

    // A function that converts its arguments and result by itself.
    template <typename F>
    Module& function(std::string_view name, F body) {
        return raw_function(name, native_parameters<F>(), wrap_native(std::move(body)));
    }
    // As above; `body` returns a std::unique_ptr<NativeFuture>, scripts get a Future.
    template <typename F>
    Module& async_function(std::string_view name, F body) {
        return function(name, std::move(body));
    }
    Module& raw_function(std::string_view name, int parameters, NativeBody body);
    // `name::<T>(…)`.
    Module& raw_function_for(std::string_view name, std::string_view type_argument, int parameters,
                             NativeBody body);
    Module& constant(std::string_view name, ConstValue value);
    // `path::name!(…)` and `#[path::name(…)]`, see macro.hpp. Macros have names of their own: a
    // function may be called like one.
    Module& macro(std::string_view name, MacroBody body);
    Module& attribute_macro(std::string_view name, MacroBody body);
    // Makes `name` in this module mean what stands at the full path `target`.
    Module& alias(std::string_view name, std::string_view target);

    // An opaque type holding C++ objects of type T. A native creates one by returning T by value
    // and receives one as `T&`.
    template <typename T>
    AnyTypeBuilder type(std::string_view name) {
        return declare(name, typeid(T));
    }
    // A type without a C++ class of its own.
    AnyTypeBuilder type(std::string_view name) { return declare(name, typeid(void)); }
    // A struct whose values are plain script structs and convert to and from the C++ struct T by
    // the members that ScriptStruct<T> lists (script_types.hpp).
    template <typename T>
    AnyTypeBuilder structure(std::string_view name);
    // The same for an enum without payloads, by ScriptEnum<T>.
    template <typename T>
    AnyTypeBuilder enumeration(std::string_view name);
    // Adds methods to a type of another module ("::std::string::String").
    AnyTypeBuilder extend(std::string_view type_path);

    [[nodiscard]] const std::string& path() const { return path_; }

private:
    friend class AnyTypeBuilder;
    friend class Context;

    AnyTypeBuilder declare(std::string_view name, std::type_index cpp_type);
    [[nodiscard]] std::string full_path(std::string_view name) const;

    std::string path_;
    std::vector<NativeFunction> functions_;
    std::vector<std::pair<std::string, ConstValue>> constants_;
    std::vector<std::pair<std::string, std::string>> aliases_;
    std::deque<TypeDeclaration> types_;
    std::vector<Macro> macros_;
};

template <typename T>
AnyTypeBuilder Module::structure(std::string_view name) {
    static_assert(IsScriptStruct<T>, "specialise ScriptStruct<T>");
    AnyTypeBuilder type = declare(name, typeid(T));
    std::apply([&](const auto&... member) { type.fields({member.name...}); },
               ScriptStruct<T>::members);
    return type;
}

template <typename T>
AnyTypeBuilder Module::enumeration(std::string_view name) {
    static_assert(IsScriptEnum<T>, "specialise ScriptEnum<T>");
    AnyTypeBuilder type = declare(name, typeid(T));
    for (const auto& variant : ScriptEnum<T>::variants) type.variant(variant.second);
    return type;
}

// An item of a native module, found by its full path ("::std::string::String::len").
struct NativeItem {
    enum class Sort : std::uint8_t { module, function, constant, type, variant, shape };
    Sort sort = Sort::module;
    const NativeFunction* function = nullptr;
    const ConstValue* constant = nullptr;
    const TypeInfo* type = nullptr;
    BuiltinVariant variant = BuiltinVariant::none;
    // Of sort shape: a variant of an enum a host declared. Of sort type: the layout of a struct.
    const Shape* shape = nullptr;
};

class Context {
public:
    struct Options {
        std::vector<Module> modules = {};
        // Whether print, println and dbg exist.
        bool stdio = true;
    };

    // The standard modules and the given ones. Later modules extend earlier ones.
    // ERRORS (as text): two items with one path, an extension of a type that does not exist, a
    // type that is both a struct and an enum, two fields of one name,
    // two macros with one path.
    static std::shared_ptr<const Context> create(const Options& options,
                                                 std::string* error = nullptr);

    // What `path` names; sort module for a prefix of other items; null when nothing.
    [[nodiscard]] const NativeItem* find(std::string_view path) const;
    // Last segments below a module, for globs and hints.
    [[nodiscard]] std::vector<std::string> names_in(std::string_view module_path) const;
    // Whether a crate of that name is installed ("std").
    [[nodiscard]] bool has_crate(std::string_view name) const;

    [[nodiscard]] bool has_macros() const { return !macros_.empty(); }
    // By its full path ("::shop::maximum"); null when there is none.
    [[nodiscard]] const Macro* macro(std::string_view path, MacroSort sort) const;
    // Last segments of all macros that are called, for hints.
    [[nodiscard]] std::vector<std::string> macro_names() const;

    [[nodiscard]] const TypeInfo* type(ItemHash hash) const;
    [[nodiscard]] const TypeInfo* type_of_cpp(std::type_index type) const;
    // The layout of a struct declared by a module; of an enum, its variant of that number; null
    // when there is none.
    [[nodiscard]] const Shape* struct_shape(ItemHash type) const;
    [[nodiscard]] const Shape* variant_shape(ItemHash type, std::size_t number) const;
    // The type of any value but those of script types.
    [[nodiscard]] const TypeInfo* type_of(Value value) const;
    [[nodiscard]] const TypeInfo* builtin(std::string_view path) const;
    [[nodiscard]] const std::deque<TypeInfo>& types() const { return types_; }

private:
    static constexpr std::size_t tag_count = 16;
    static constexpr std::size_t kind_count = 20;
    static constexpr std::size_t variant_count = 8;
    static constexpr std::size_t range_count = 6;

    Context() = default;
    void bind_builtin_types();
    bool install(const Module& module, std::string* error);
    bool install_type(const TypeDeclaration& declaration, std::string* error);
    // The type that the declaration makes or extends; null when it cannot.
    TypeInfo* declared_type(const TypeDeclaration& declaration, std::string* error);
    bool install_alias(const std::string& path, const std::string& target, std::string* error);
    bool install_shapes(const TypeDeclaration& declaration, const TypeInfo& type,
                        std::string* error);
    bool add_item(const std::string& path, NativeItem item, std::string* error);
    const NativeFunction* keep(const NativeFunction& function);

    std::map<std::string, NativeItem, std::less<>> items_;
    std::map<std::pair<std::string, MacroSort>, Macro> macros_;
    std::deque<NativeFunction> functions_;
    std::deque<ConstValue> constants_;
    std::deque<TypeInfo> types_;
    std::deque<Shape> shapes_;
    std::unordered_map<ItemHash, std::vector<const Shape*>> shapes_by_type_;
    std::unordered_map<ItemHash, const TypeInfo*> types_by_hash_;
    std::unordered_map<std::type_index, const TypeInfo*> types_by_cpp_;
    std::array<const TypeInfo*, tag_count> tag_types_{};
    std::array<const TypeInfo*, kind_count> kind_types_{};
    std::array<const TypeInfo*, variant_count> variant_types_{};
    std::array<const TypeInfo*, range_count> range_types_{};
    const TypeInfo* stream_type_ = nullptr;
};

}  // namespace rb::rune
