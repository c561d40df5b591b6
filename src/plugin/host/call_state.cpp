#include "plugin/host/call_state.hpp"

#include <algorithm>

namespace rb::plugin {

using rune::Value;
using rune::Vm;

std::chrono::milliseconds CallState::time_left() const {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    return std::max(left, std::chrono::milliseconds(1));
}

CallState& call_state(Vm& vm) {
    auto& state = vm.host_state<CallState>();
    if (state.world == nullptr) {
        rune::raise(rune::ErrorKind::host, "manifest() can reach nothing outside of the script");
    }
    return state;
}

Value make_error_object(Vm& vm, std::string_view kind, std::string_view message) {
    const Value error = vm.make_object();
    vm.set_field(error, "kind", vm.make_string(kind));
    vm.set_field(error, "message", vm.make_string(message));
    return error;
}

Value make_failure(Vm& vm, std::string_view kind, std::string_view message) {
    return vm.make_err(make_error_object(vm, kind, message));
}

std::string_view content_of(Vm& vm, Value value) {
    return value.is(rune::Kind::string) ? vm.string_of(value) : vm.bytes_of(value);
}

rune::Fallible<rune::Bytes> bytes_or_failure(Result<std::string> result) {
    if (result.has_error()) return rune::Failure{result.error().message};
    return rune::Bytes{std::move(*result)};
}

void check_options(const Json& options, std::string_view function,
                   std::initializer_list<std::string_view> known) {
    if (!options.is_object()) rune::panic(std::string(function) + ": needs an object of options");
    for (const auto& [key, value] : options.items()) {
        if (std::ranges::find(known, key) == known.end()) {
            rune::panic(std::string(function) + ": no option `" + key + "`");
        }
    }
}

std::string text_option(const Json& options, const std::string& name, std::string fallback) {
    const auto found = options.find(name);
    if (found == options.end() || found->is_null()) return fallback;
    if (!found->is_string()) rune::panic("option `" + name + "` must be a String");
    return found->get<std::string>();
}

}  // namespace rb::plugin
