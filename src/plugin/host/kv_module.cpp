// host::kv: the interface's own key-value storage (core/plugin/plugin_kv_store.hpp). A storage that
// does not answer ends the call; a script cannot do better.

#include "plugin/host/call_state.hpp"
#include "plugin/host/host_modules.hpp"

namespace rb::plugin {

namespace {

using rune::Value;
using rune::Vm;

// Asking the database takes about a millisecond; so charged, the deadline is looked at in time.
constexpr std::int64_t question_units = 200;

// The state of the call, charged for one question.
CallState& asking(Vm& vm) {
    vm.charge(question_units);
    return call_state(vm);
}

template <typename T>
T value_or_raise(Result<T> result) {
    if (result.has_error()) rune::raise(rune::ErrorKind::host, "kv: " + result.error().message);
    return std::move(*result);
}

// Of a write: what the storage did not take has not acted; anything else may have.
template <typename T>
T written(CallState& state, Result<T> result) {
    const bool was_refused =
        result.has_error() && (result.error().code == ErrorCode::invalid_argument ||
                               result.error().code == ErrorCode::too_large);
    if (!was_refused) state.may_have_acted = true;
    return value_or_raise(std::move(result));
}

Value entry_value(Vm& vm, const core::PluginKvEntry& entry) {
    const Value object = vm.make_object();
    vm.set_field(object, "key", vm.make_string(entry.key));
    vm.set_field(object, "value", vm.make_string(entry.value));
    vm.set_field(object, "version", Value::of(entry.version));
    return object;
}

void add_reads(rune::Module& module) {
    module.function("get", [](Vm& vm, std::string_view key) {
        auto& state = asking(vm);
        auto found = value_or_raise(state.world->kv.get(state.interface_id, key));
        return found ? vm.make_some(vm.make_string(found->value)) : vm.make_none();
    });
    module.function("get_entry", [](Vm& vm, std::string_view key) {
        auto& state = asking(vm);
        auto found = value_or_raise(state.world->kv.get(state.interface_id, key));
        return found ? vm.make_some(entry_value(vm, *found)) : vm.make_none();
    });
    module.function(
        "list", [](Vm& vm, std::string_view prefix, std::string_view after, std::uint64_t limit) {
            auto& state = asking(vm);
            const auto entries =
                value_or_raise(state.world->kv.list(state.interface_id, prefix, after, limit));
            const Value list = vm.make_vec({});
            for (const auto& entry : entries) vm.push(list, entry_value(vm, entry));
            return list;
        });
}

void add_writes(rune::Module& module) {
    module.function("put", [](Vm& vm, std::string_view key, std::string_view value) {
        auto& state = asking(vm);
        return written(state, state.world->kv.put(state.interface_id, key, value));
    });
    module.function("compare_and_set",
                    [](Vm& vm, std::string_view key, std::int64_t version, std::string_view value) {
                        auto& state = asking(vm);
                        return written(state, state.world->kv.compare_and_set(state.interface_id,
                                                                              key, version, value));
                    });
    module.function("remove", [](Vm& vm, std::string_view key) {
        auto& state = asking(vm);
        return written(state, state.world->kv.remove(state.interface_id, key));
    });
}

}  // namespace

rune::Module kv_module() {
    rune::Module module("host::kv");
    add_reads(module);
    add_writes(module);
    return module;
}

}  // namespace rb::plugin
