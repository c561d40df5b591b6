// std's free functions: print, panic, drop, clone, comparison; and the relations as methods.

#include "rune/collections/collections.hpp"
#include "rune/natives/implied_methods.hpp"
#include "rune/natives/standard.hpp"
#include "rune/vm.hpp"
#include "rune/vm/formatting.hpp"
#include "rune/vm/interpreter.hpp"
#include "rune/vm/operations.hpp"

namespace rb::rune {

std::vector<Module> standard_modules(bool stdio) {
    std::vector<Module> modules;
    add_core(modules, stdio);
    add_numbers(modules);
    add_characters(modules);
    add_strings(modules);
    add_bytes(modules);
    add_vectors(modules);
    add_objects(modules);
    add_variants(modules);
    add_iterators(modules);
    add_ranges(modules);
    add_coroutines(modules);
    add_relations(modules);
    modules.push_back(collections_module());
    return modules;
}

namespace {

Value drop(NativeCall& call) {
    call.vm.take(call[0]);
    return {};
}

bool can(NativeCall& call, bool write) {
    const Value value = call[0];
    if (!value.is_heap()) return true;
    if (value.object->kind == Kind::moved) return false;
    if (!write) return value.object->borrow >= 0;
    try {
        call.vm.require_writable(value);
        return true;
    } catch (const Raise& raised) {
        if (raised.kind != ErrorKind::access) throw;
        return false;
    }
}

// The borrow state of a shared value at one moment.
struct Snapshot {
    bool is_moved = false;
    bool is_exclusive = false;
    std::uint64_t readers = 0;
};

Value snapshot(NativeCall& call) {
    const Value value = call[0];
    if (!value.is_heap()) return call.vm.make_none();
    // Iterators nobody can use any more give their borrows back first.
    (void)can(call, true);
    Snapshot taken{.is_moved = value.object->kind == Kind::moved};
    taken.is_exclusive = value.object->borrow < 0;
    if (value.object->borrow > 0) {
        taken.readers = static_cast<std::uint64_t>(value.object->borrow);
    }
    return call.vm.make_some(call.vm.make_native(taken));
}

std::string text_of(const Snapshot& snapshot) {
    const std::string readers = std::to_string(snapshot.readers);
    const std::string flag = snapshot.is_moved ? "M" : snapshot.is_exclusive ? "X" : "-";
    return flag + "-" + std::string(readers.size() < 6 ? 6 - readers.size() : 0, '0') + readers;
}

int total(NativeCall& call) {
    return call.vm.total_compare(call[0], call[1]);
}

Value partial(NativeCall& call) {
    const auto order = call.vm.partial_compare(call[0], call[1]);
    return order ? call.vm.make_some(Value::ordering(*order)) : call.vm.make_none();
}

void add_io(std::vector<Module>& modules) {
    Module io("std::io");
    io.raw_function("print", 1, [](NativeCall& call) {
        call.vm.print(call.vm.string_of(call[0]));
        return Value();
    });
    io.raw_function("println", 1, [](NativeCall& call) {
        call.vm.print(std::string(call.vm.string_of(call[0])) + "\n");
        return Value();
    });
    io.raw_function("dbg", any_count, [](NativeCall& call) {
        for (std::size_t i = 0; i < call.count; ++i) {
            call.vm.print(call.vm.debug(call[i]) + "\n");
        }
        return Value();
    });
    modules.push_back(std::move(io));
}

void add_ops(std::vector<Module>& modules) {
    Module ops("std::ops");
    ops.type("Function");
    ops.raw_function("partial_eq", 2,
                     [](NativeCall& call) { return Value::of(call.vm.equal(call[0], call[1])); });
    ops.raw_function(
        "eq", 2, [](NativeCall& call) { return Value::of(call.vm.total_equal(call[0], call[1])); });
    ops.raw_function("partial_cmp", 2, partial);
    ops.raw_function("cmp", 2, [](NativeCall& call) { return Value::ordering(total(call)); });
    ops.raw_function("hash", 1, [](NativeCall& call) {
        Value result;
        result.tag = Tag::hash;
        result.hash = call.vm.hash(call[0]);
        return result;
    });
    modules.push_back(std::move(ops));
}

void add_cmp(std::vector<Module>& modules) {
    Module cmp("std::cmp");
    cmp.type("Ordering")
        .constant("Less", {ConstValue::Ordering{-1}})
        .constant("Equal", {ConstValue::Ordering{0}})
        .constant("Greater", {ConstValue::Ordering{1}});
    cmp.raw_function("min", 2,
                     [](NativeCall& call) { return total(call) <= 0 ? call[0] : call[1]; });
    cmp.raw_function("max", 2,
                     [](NativeCall& call) { return total(call) > 0 ? call[0] : call[1]; });
    modules.push_back(std::move(cmp));
}

}  // namespace

void add_core(std::vector<Module>& modules, bool stdio) {
    Module root("std");
    root.raw_function("panic", 1,
                      [](NativeCall& call) -> Value { panic(call.vm.string_of(call[0])); });
    root.raw_function("is_readable", 1,
                      [](NativeCall& call) { return Value::of(can(call, false)); });
    root.raw_function("is_writable", 1,
                      [](NativeCall& call) { return Value::of(can(call, true)); });
    root.type("bool");
    modules.push_back(std::move(root));

    Module any("std::any");
    any.type("Type").raw_function(
        "of_val", 1, [](NativeCall& call) { return Value::type(call.vm.type_of(call[0]).hash); });
    any.type("Hash");
    any.raw_function("type_name_of_val", 1, [](NativeCall& call) {
        return call.vm.make_string(call.vm.type_of(call[0]).path);
    });
    modules.push_back(std::move(any));

    Module mem("std::mem");
    mem.raw_function("drop", 1, drop);
    mem.raw_function("snapshot", 1, snapshot);
    mem.type<Snapshot>("Snapshot")
        .method("shared", [](Snapshot& taken) { return taken.readers; })
        .method("is_exclusive", [](Snapshot& taken) { return taken.is_exclusive; })
        .method("is_readable",
                [](Snapshot& taken) { return !taken.is_moved && !taken.is_exclusive; })
        .method("is_writable",
                [](Snapshot& taken) {
                    return !taken.is_moved && !taken.is_exclusive && taken.readers == 0;
                })
        .protocol(Protocol::display, [](Snapshot& taken) { return text_of(taken); })
        .protocol(Protocol::debug, [](Snapshot& taken) { return text_of(taken); });
    modules.push_back(std::move(mem));

    Module clone("std::clone");
    clone.raw_function("clone", 1, [](NativeCall& call) { return call.vm.clone(call[0]); });
    modules.push_back(std::move(clone));

    if (stdio) add_io(modules);
    add_ops(modules);
    add_cmp(modules);
}

namespace {

void add_equality(AnyTypeBuilder& type) {
    type.raw_method("partial_eq", 2,
                    [](NativeCall& call) { return Value::of(call.vm.equal(call[0], call[1])); });
    type.raw_method("eq", 2,
                    [](NativeCall& call) { return Value::of(call.vm.equal(call[0], call[1])); });
    type.raw_method("ne", 2,
                    [](NativeCall& call) { return Value::of(!call.vm.equal(call[0], call[1])); });
}

void add_order(AnyTypeBuilder& type, bool min_and_max) {
    const auto relation = [&](std::string_view name, auto holds) {
        type.raw_method(name, 2, [holds](NativeCall& call) {
            const auto order = call.vm.partial_compare(call[0], call[1]);
            return Value::of(order.has_value() && holds(*order));
        });
    };
    relation("lt", [](int order) { return order < 0; });
    relation("le", [](int order) { return order <= 0; });
    relation("gt", [](int order) { return order > 0; });
    relation("ge", [](int order) { return order >= 0; });
    type.raw_method("partial_cmp", 2, partial);
    type.raw_method("cmp", 2, [](NativeCall& call) { return Value::ordering(total(call)); });
    if (!min_and_max) return;
    type.raw_method("min", 2,
                    [](NativeCall& call) { return total(call) <= 0 ? call[0] : call[1]; });
    type.raw_method("max", 2, [](NativeCall& call) { return total(call) > 0 ? call[0] : call[1]; });
}

struct Relations {
    std::string_view path;
    bool ordered;
    bool min_and_max;
};

constexpr Relations related_types[] = {
    {"::std::bool", true, true},
    {"::std::char", true, true},
    {"::std::i64", true, false},
    {"::std::u64", true, false},
    {"::std::f64", true, false},
    {"::std::string::String", true, true},
    {"::std::bytes::Bytes", true, true},
    {"::std::vec::Vec", true, true},
    {"::std::tuple::Tuple", true, true},
    {"::std::object::Object", false, false},
    {"::std::option::Option", true, true},
    {"::std::result::Result", true, true},
    {"::std::cmp::Ordering", true, true},
    {"::std::any::Type", false, false},
    {"::std::ops::Range", true, true},
    {"::std::ops::RangeInclusive", true, true},
    {"::std::ops::RangeFrom", true, true},
    {"::std::ops::RangeTo", true, true},
    {"::std::ops::RangeToInclusive", true, true},
    {"::std::ops::RangeFull", true, true},
};

constexpr std::string_view cloneable_types[] = {
    "::std::iter::Iterator",
    "::std::ops::generator::Generator",
    "::std::ops::Function",
};

}  // namespace

void add_relations(std::vector<Module>& modules) {
    Module relations("std::ops");
    const auto clone = [](NativeCall& call) { return call.vm.clone(call[0]); };
    for (const auto& [path, ordered, min_and_max] : related_types) {
        AnyTypeBuilder type = relations.extend(path);
        add_equality(type);
        if (ordered) add_order(type, min_and_max);
        type.raw_method("clone", 1, clone);
    }
    for (const auto path : cloneable_types) relations.extend(path).raw_method("clone", 1, clone);
    modules.push_back(std::move(relations));
}

std::vector<ImpliedMethod> implied_methods() {
    const auto equal = [](NativeCall& call) { return Value::of(call.vm.equal(call[0], call[1])); };
    std::vector<ImpliedMethod> methods = {
        {Protocol::clone, "clone", 1, [](NativeCall& call) { return call.vm.clone(call[0]); }},
        {Protocol::partial_eq, "partial_eq", 2, equal},
        {Protocol::partial_eq, "eq", 2, equal},
        {Protocol::partial_eq, "ne", 2,
         [](NativeCall& call) { return Value::of(!call.vm.equal(call[0], call[1])); }},
        {Protocol::partial_cmp, "partial_cmp", 2, partial},
        {Protocol::cmp, "cmp", 2, [](NativeCall& call) { return Value::ordering(total(call)); }},
        {Protocol::cmp, "min", 2,
         [](NativeCall& call) { return total(call) <= 0 ? call[0] : call[1]; }},
        {Protocol::cmp, "max", 2,
         [](NativeCall& call) { return total(call) > 0 ? call[0] : call[1]; }},
    };
    const auto relation = [&](std::string_view name, auto holds) {
        methods.push_back({Protocol::partial_cmp, name, 2, [holds](NativeCall& call) {
                               const auto order = call.vm.partial_compare(call[0], call[1]);
                               return Value::of(order.has_value() && holds(*order));
                           }});
    };
    relation("lt", [](int order) { return order < 0; });
    relation("le", [](int order) { return order <= 0; });
    relation("gt", [](int order) { return order > 0; });
    relation("ge", [](int order) { return order >= 0; });
    return methods;
}

}  // namespace rb::rune
