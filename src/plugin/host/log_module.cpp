// host::log::{debug, info, warn, error}(text). Lines go to the server's log with the interface's
// id; too long ones are cut and too many dropped, so that a script cannot fill a disk. Secrets of
// the configuration are blanked.

#include "plugin/config_secrets.hpp"
#include "plugin/encoding/text_encoding.hpp"
#include "plugin/host/call_state.hpp"
#include "plugin/host/host_modules.hpp"
#include "plugin/limits.hpp"

namespace rb::plugin {

namespace {

using core::LogLevel;
using rune::Vm;

void write(Vm& vm, LogLevel level, std::string_view text) {
    auto& state = call_state(vm);
    if (++state.log_lines > log_lines_max) return;
    // Each secret is looked for in all of it.
    vm.charge_bytes(text.size() * (state.secrets.size() + 1));
    const auto line = without_secrets(std::string(text), state.secrets);
    state.world->log.write(level, "rustbill_server::plugin", front_of(line, log_line_bytes_max),
                           {{"plugin", state.plugin_id}, {"interface", state.interface_id}});
}

}  // namespace

rune::Module log_module() {
    rune::Module module("host::log");
    module.function("debug",
                    [](Vm& vm, std::string_view text) { write(vm, LogLevel::debug, text); });
    module.function("info", [](Vm& vm, std::string_view text) { write(vm, LogLevel::info, text); });
    module.function("warn", [](Vm& vm, std::string_view text) { write(vm, LogLevel::warn, text); });
    module.function("error",
                    [](Vm& vm, std::string_view text) { write(vm, LogLevel::error, text); });
    return module;
}

}  // namespace rb::plugin
