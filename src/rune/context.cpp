#include "rune/context.hpp"

#include "rune/natives/implied_methods.hpp"
#include "rune/natives/standard.hpp"

namespace rb::rune {

// --- declaring -----------------------------------------------------------------------------------

AnyTypeBuilder& AnyTypeBuilder::raw_method(std::string_view name, int parameters, NativeBody body) {
    type_->methods.push_back(
        {std::string(name),
         0,
         {type_->path + "::" + std::string(name), std::move(body), parameters}});
    return *this;
}

AnyTypeBuilder& AnyTypeBuilder::raw_method_for(std::string_view name,
                                               std::string_view type_argument, int parameters,
                                               NativeBody body) {
    type_->methods.push_back(
        {std::string(name),
         type_hash(type_argument),
         {type_->path + "::" + std::string(name), std::move(body), parameters}});
    return *this;
}

AnyTypeBuilder& AnyTypeBuilder::raw_function(std::string_view name, int parameters,
                                             NativeBody body) {
    module_->functions_.push_back(
        {type_->path + "::" + std::string(name), std::move(body), parameters});
    return *this;
}

AnyTypeBuilder& AnyTypeBuilder::raw_function_for(std::string_view name,
                                                 std::string_view type_argument, int parameters,
                                                 NativeBody body) {
    module_->functions_.push_back({type_->path + "::" + std::string(name) + "<" +
                                       std::to_string(type_hash(type_argument)) + ">",
                                   std::move(body), parameters});
    return *this;
}

AnyTypeBuilder& AnyTypeBuilder::raw_protocol(Protocol protocol, NativeBody body) {
    type_->protocols.emplace_back(protocol, NativeFunction{type_->path, std::move(body)});
    return *this;
}

AnyTypeBuilder& AnyTypeBuilder::raw_getter(std::string_view name, NativeBody body) {
    type_->getters.emplace_back(
        name, NativeFunction{type_->path + "::" + std::string(name), std::move(body)});
    return *this;
}

AnyTypeBuilder& AnyTypeBuilder::raw_setter(std::string_view name, NativeBody body) {
    type_->setters.emplace_back(
        name, NativeFunction{type_->path + "::" + std::string(name), std::move(body)});
    return *this;
}

AnyTypeBuilder& AnyTypeBuilder::constant(std::string_view name, ConstValue value) {
    module_->constants_.emplace_back(type_->path + "::" + std::string(name), std::move(value));
    return *this;
}

AnyTypeBuilder& AnyTypeBuilder::shape(std::string_view variant, ShapeKind kind,
                                      std::vector<std::string> fields) {
    type_->shapes.push_back({std::string(variant), kind, std::move(fields)});
    return *this;
}

AnyTypeBuilder& AnyTypeBuilder::fields(std::initializer_list<std::string_view> names) {
    return shape("", ShapeKind::named, {names.begin(), names.end()});
}

AnyTypeBuilder& AnyTypeBuilder::tuple_fields(std::size_t count) {
    return shape("", ShapeKind::tuple, std::vector<std::string>(count));
}

AnyTypeBuilder& AnyTypeBuilder::unit() {
    return shape("", ShapeKind::unit, {});
}

AnyTypeBuilder& AnyTypeBuilder::variant(std::string_view name) {
    return shape(name, ShapeKind::unit, {});
}

AnyTypeBuilder& AnyTypeBuilder::tuple_variant(std::string_view name, std::size_t count) {
    return shape(name, ShapeKind::tuple, std::vector<std::string>(count));
}

AnyTypeBuilder& AnyTypeBuilder::named_variant(std::string_view name,
                                              std::initializer_list<std::string_view> names) {
    return shape(name, ShapeKind::named, {names.begin(), names.end()});
}

std::string Module::full_path(std::string_view name) const {
    return "::" + path_ + "::" + std::string(name);
}

Module& Module::raw_function(std::string_view name, int parameters, NativeBody body) {
    functions_.push_back({full_path(name), std::move(body), parameters});
    return *this;
}

Module& Module::raw_function_for(std::string_view name, std::string_view type_argument,
                                 int parameters, NativeBody body) {
    functions_.push_back({full_path(name) + "<" + std::to_string(type_hash(type_argument)) + ">",
                          std::move(body), parameters});
    return *this;
}

Module& Module::constant(std::string_view name, ConstValue value) {
    constants_.emplace_back(full_path(name), std::move(value));
    return *this;
}

Module& Module::macro(std::string_view name, MacroBody body) {
    macros_.push_back({full_path(name), MacroSort::call, std::move(body)});
    return *this;
}

Module& Module::attribute_macro(std::string_view name, MacroBody body) {
    macros_.push_back({full_path(name), MacroSort::attribute, std::move(body)});
    return *this;
}

Module& Module::alias(std::string_view name, std::string_view target) {
    aliases_.emplace_back(full_path(name), target);
    return *this;
}

AnyTypeBuilder Module::declare(std::string_view name, std::type_index cpp_type) {
    types_.push_back({.path = full_path(name), .cpp_type = cpp_type});
    return {*this, types_.back()};
}

AnyTypeBuilder Module::extend(std::string_view type_path) {
    types_.push_back({.path = std::string(type_path), .extends = true});
    return {*this, types_.back()};
}

// --- installing ----------------------------------------------------------------------------------

std::shared_ptr<const Context> Context::create(const Options& options, std::string* error) {
    std::string ignored;
    if (error == nullptr) error = &ignored;
    std::shared_ptr<Context> context(new Context());
    for (const Module& module : standard_modules(options.stdio)) {
        if (!context->install(module, error)) return nullptr;
    }
    for (const Module& module : options.modules) {
        if (!context->install(module, error)) return nullptr;
    }
    context->bind_builtin_types();
    return context;
}

const NativeFunction* Context::keep(const NativeFunction& function) {
    functions_.push_back(function);
    return &functions_.back();
}

namespace {

// A method called by its path: nothing has looked at the receiver, which bodies rely on.
NativeFunction called_by_path(const NativeFunction& method, const TypeInfo& type) {
    NativeFunction function = method;
    function.body = [&method, &type](NativeCall& call) {
        if (call.count == 0) {
            raise(ErrorKind::argument_count, "Wrong number of arguments 0, expected a receiver");
        }
        const TypeInfo& found = call.vm.type_of(call[0]);
        if (&found != &type) {
            raise(ErrorKind::type_mismatch, "Bad argument #0: Expected type `" + type.name +
                                                "` but found `" + found.name + "`");
        }
        return method.body(call);
    };
    return function;
}

}  // namespace

bool Context::add_item(const std::string& path, NativeItem item, std::string* error) {
    // The prefixes become modules.
    for (std::size_t at = path.find("::", 2); at != std::string::npos;
         at = path.find("::", at + 2)) {
        items_.emplace(path.substr(0, at), NativeItem{});
    }
    auto [it, fresh] = items_.emplace(path, item);
    if (fresh) return true;
    if (it->second.sort == NativeItem::Sort::module) {
        it->second = item;
        return true;
    }
    *error = "two items have the path " + path;
    return false;
}

bool Context::install_shapes(const TypeDeclaration& declaration, const TypeInfo& type,
                             std::string* error) {
    const bool is_enum = !declaration.shapes.empty() && !declaration.shapes[0].variant.empty();
    for (const auto& declared : declaration.shapes) {
        if (declared.variant.empty() ? declaration.shapes.size() > 1 : !is_enum) {
            *error = "the type " + declaration.path + " has more than one layout";
            return false;
        }
        std::set<std::string_view> names(declared.fields.begin(), declared.fields.end());
        if (declared.kind == ShapeKind::named && names.size() != declared.fields.size()) {
            *error = "two fields of " + declaration.path + " have one name";
            return false;
        }
        auto& variants = shapes_by_type_[type.hash];
        Shape& shape = shapes_.emplace_back();
        shape.type = &type;
        shape.path = type.path.substr(2);
        shape.kind = declared.kind;
        shape.fields = declared.fields;
        shape.variant = static_cast<std::uint32_t>(variants.size());
        shape.is_variant = is_enum;
        variants.push_back(&shape);
        if (is_enum) {
            shape.path += "::" + declared.variant;
            NativeItem item{NativeItem::Sort::shape};
            item.shape = &shape;
            if (!add_item(declaration.path + "::" + declared.variant, item, error)) return false;
        } else {
            items_[declaration.path].shape = &shape;
        }
    }
    return true;
}

const Shape* Context::struct_shape(ItemHash type) const {
    const auto it = shapes_by_type_.find(type);
    return it == shapes_by_type_.end() || it->second[0]->is_variant ? nullptr : it->second[0];
}

const Shape* Context::variant_shape(ItemHash type, std::size_t number) const {
    const auto it = shapes_by_type_.find(type);
    if (it == shapes_by_type_.end() || !it->second[0]->is_variant) return nullptr;
    return number < it->second.size() ? it->second[number] : nullptr;
}

TypeInfo* Context::declared_type(const TypeDeclaration& declaration, std::string* error) {
    if (declaration.extends) {
        const auto it = types_by_hash_.find(type_hash(declaration.path));
        if (it != types_by_hash_.end()) return const_cast<TypeInfo*>(it->second);
        *error = "no type " + declaration.path + " to extend";
        return nullptr;
    }
    TypeInfo* type = &types_.emplace_back();
    type->path = declaration.path;
    type->name = declaration.path.substr(declaration.path.rfind("::") + 2);
    type->hash = type_hash(declaration.path);
    NativeItem item{NativeItem::Sort::type};
    item.type = type;
    if (!add_item(declaration.path, item, error)) return nullptr;
    types_by_hash_.emplace(type->hash, type);
    if (!install_shapes(declaration, *type, error)) return nullptr;
    if (declaration.cpp_type != typeid(void)) types_by_cpp_.emplace(declaration.cpp_type, type);
    return type;
}

bool Context::install_type(const TypeDeclaration& declaration, std::string* error) {
    TypeInfo* type = declared_type(declaration, error);
    if (type == nullptr) return false;
    for (const auto& method : declaration.methods) {
        const NativeFunction* kept = keep(method.function);
        type->methods[method_hash(method.name, method.type_argument)] = {kept, nullptr};
        if (method.type_argument == 0) {
            // Also `Type::method`, taking the receiver first.
            NativeItem item{NativeItem::Sort::function};
            item.function = keep(called_by_path(*kept, *type));
            items_.emplace(method.function.path, item);
        }
    }
    for (const auto& [protocol, function] : declaration.protocols) {
        type->protocols[static_cast<std::size_t>(protocol)] = keep(function);
    }
    for (const ImpliedMethod& method : implied_methods()) {
        const ItemHash hash = method_hash(method.name);
        if (type->protocol(method.protocol) == nullptr || type->methods.contains(hash)) continue;
        const std::string path = type->path + "::" + std::string(method.name);
        type->methods[hash] = {keep({path, method.body, method.parameters}), nullptr};
    }
    for (const auto& [name, function] : declaration.getters) {
        type->getters[hash_text(name)] = keep(function);
    }
    for (const auto& [name, function] : declaration.setters) {
        type->setters[hash_text(name)] = keep(function);
    }
    return true;
}

bool Context::install_alias(const std::string& path, const std::string& target,
                            std::string* error) {
    const NativeItem* item = find(target);
    if (item == nullptr) {
        *error = "no item " + target + " to alias";
        return false;
    }
    if (!add_item(path, *item, error)) return false;
    // What is below the target is below the alias as well.
    const std::string prefix = target + "::";
    std::vector<std::pair<std::string, NativeItem>> below;
    for (auto it = items_.lower_bound(prefix); it != items_.end() && it->first.starts_with(prefix);
         ++it) {
        below.emplace_back(path + "::" + it->first.substr(prefix.size()), it->second);
    }
    for (auto& [name, found] : below) items_.emplace(std::move(name), found);
    return true;
}

bool Context::install(const Module& module, std::string* error) {
    items_.emplace("::" + module.path_, NativeItem{});
    for (std::size_t at = module.path_.find("::"); at != std::string::npos;
         at = module.path_.find("::", at + 2)) {
        items_.emplace("::" + module.path_.substr(0, at), NativeItem{});
    }
    for (const TypeDeclaration& declaration : module.types_) {
        if (!install_type(declaration, error)) return false;
    }
    for (const NativeFunction& function : module.functions_) {
        NativeItem item{NativeItem::Sort::function};
        item.function = keep(function);
        if (!add_item(function.path, item, error)) return false;
        // `f::<T>` is found below the name of `f`.
        const auto open = function.path.find('<');
        if (open != std::string::npos) {
            items_.emplace(function.path.substr(0, open), item);
        }
    }
    for (const auto& [path, value] : module.constants_) {
        constants_.push_back(value);
        NativeItem item{NativeItem::Sort::constant};
        item.constant = &constants_.back();
        if (!add_item(path, item, error)) return false;
    }
    for (const Macro& macro : module.macros_) {
        if (!macros_.emplace(std::pair(macro.path, macro.sort), macro).second) {
            *error = "two macros have the path " + macro.path;
            return false;
        }
    }
    for (const auto& [path, target] : module.aliases_) {
        if (!install_alias(path, target, error)) return false;
    }
    return true;
}

namespace {

struct VariantPath {
    std::string_view path;
    BuiltinVariant variant;
};

constexpr VariantPath variant_paths[] = {
    {"::std::option::Option::None", BuiltinVariant::none},
    {"::std::option::Option::Some", BuiltinVariant::some},
    {"::std::result::Result::Ok", BuiltinVariant::ok},
    {"::std::result::Result::Err", BuiltinVariant::err},
    {"::std::ops::generator::GeneratorState::Yielded", BuiltinVariant::yielded},
    {"::std::ops::generator::GeneratorState::Complete", BuiltinVariant::complete},
    {"::std::ops::GeneratorState::Yielded", BuiltinVariant::yielded},
    {"::std::ops::GeneratorState::Complete", BuiltinVariant::complete},
    {"::std::ops::ControlFlow::Continue", BuiltinVariant::proceed},
    {"::std::ops::ControlFlow::Break", BuiltinVariant::stop},
};

}  // namespace

void Context::bind_builtin_types() {
    for (const auto& [path, variant] : variant_paths) {
        NativeItem item{NativeItem::Sort::variant};
        item.variant = variant;
        items_[std::string(path)] = item;
    }
    const auto tag = [this](Tag which, std::string_view path) {
        tag_types_[static_cast<std::size_t>(which)] = builtin(path);
    };
    tag(Tag::unit, "::std::tuple::Tuple");
    tag(Tag::boolean, "::std::bool");
    tag(Tag::character, "::std::char");
    tag(Tag::integer, "::std::i64");
    tag(Tag::unsigned_integer, "::std::u64");
    tag(Tag::floating, "::std::f64");
    tag(Tag::type, "::std::any::Type");
    tag(Tag::ordering, "::std::cmp::Ordering");
    tag(Tag::hash, "::std::any::Hash");
    tag(Tag::absent, "::std::any::Hash");
    const auto kind = [this](Kind which, std::string_view path) {
        kind_types_[static_cast<std::size_t>(which)] = builtin(path);
    };
    kind(Kind::string, "::std::string::String");
    kind(Kind::bytes, "::std::bytes::Bytes");
    kind(Kind::vec, "::std::vec::Vec");
    kind(Kind::tuple, "::std::tuple::Tuple");
    kind(Kind::object, "::std::object::Object");
    kind(Kind::function, "::std::ops::Function");
    kind(Kind::iterator, "::std::iter::Iterator");
    kind(Kind::generator, "::std::ops::generator::Generator");
    kind(Kind::future, "::std::future::Future");
    const auto variant = [this](BuiltinVariant which, std::string_view path) {
        variant_types_[static_cast<std::size_t>(which)] = builtin(path);
    };
    variant(BuiltinVariant::none, "::std::option::Option");
    variant(BuiltinVariant::some, "::std::option::Option");
    variant(BuiltinVariant::ok, "::std::result::Result");
    variant(BuiltinVariant::err, "::std::result::Result");
    variant(BuiltinVariant::yielded, "::std::ops::generator::GeneratorState");
    variant(BuiltinVariant::complete, "::std::ops::generator::GeneratorState");
    variant(BuiltinVariant::proceed, "::std::ops::ControlFlow");
    variant(BuiltinVariant::stop, "::std::ops::ControlFlow");
    const auto range = [this](RangeKind which, std::string_view path) {
        range_types_[static_cast<std::size_t>(which)] = builtin(path);
    };
    range(RangeKind::range, "::std::ops::Range");
    range(RangeKind::inclusive, "::std::ops::RangeInclusive");
    range(RangeKind::from, "::std::ops::RangeFrom");
    range(RangeKind::to, "::std::ops::RangeTo");
    range(RangeKind::to_inclusive, "::std::ops::RangeToInclusive");
    range(RangeKind::full, "::std::ops::RangeFull");
    stream_type_ = builtin("::std::stream::Stream");
}

const TypeInfo* Context::type_of(Value value) const {
    if (!value.is_heap()) return tag_types_[static_cast<std::size_t>(value.tag)];
    switch (value.object->kind) {
        case Kind::variant:
            return variant_types_[value.object->detail];
        case Kind::range:
            return range_types_[value.object->detail];
        case Kind::native:
            return static_cast<NativeHolder*>(value.object)->type;
        case Kind::generator:
            if (value.object->detail == 1) return stream_type_;
            [[fallthrough]];
        default:
            return kind_types_[static_cast<std::size_t>(value.object->kind)];
    }
}

const NativeItem* Context::find(std::string_view path) const {
    const auto it = items_.find(path);
    return it == items_.end() ? nullptr : &it->second;
}

std::vector<std::string> Context::names_in(std::string_view module_path) const {
    std::vector<std::string> names;
    const std::string prefix = std::string(module_path) + "::";
    for (auto it = items_.lower_bound(prefix); it != items_.end() && it->first.starts_with(prefix);
         ++it) {
        std::string rest = it->first.substr(prefix.size());
        if (rest.find("::") == std::string::npos && rest.find('<') == std::string::npos) {
            names.push_back(std::move(rest));
        }
    }
    return names;
}

bool Context::has_crate(std::string_view name) const {
    return items_.contains("::" + std::string(name));
}

const Macro* Context::macro(std::string_view path, MacroSort sort) const {
    const auto it = macros_.find(std::pair(std::string(path), sort));
    return it == macros_.end() ? nullptr : &it->second;
}

std::vector<std::string> Context::macro_names() const {
    std::vector<std::string> names;
    for (const auto& [key, macro] : macros_) {
        if (macro.sort == MacroSort::call) {
            names.push_back(macro.path.substr(macro.path.rfind(':') + 1));
        }
    }
    return names;
}

const TypeInfo* Context::type(ItemHash hash) const {
    const auto it = types_by_hash_.find(hash);
    return it == types_by_hash_.end() ? nullptr : it->second;
}

const TypeInfo* Context::type_of_cpp(std::type_index type) const {
    const auto it = types_by_cpp_.find(type);
    return it == types_by_cpp_.end() ? nullptr : it->second;
}

const TypeInfo* Context::builtin(std::string_view path) const {
    return type(type_hash(path));
}

}  // namespace rb::rune
