// host::time. Times are seconds since 1970 in UTC, as i64.

#include "plugin/host/call_state.hpp"
#include "plugin/host/host_modules.hpp"
#include "plugin/time_text.hpp"

namespace rb::plugin {

namespace {

using rune::Failure;
using rune::Fallible;
using rune::Vm;

std::int64_t now_millis(Vm& vm) {
    const auto since = call_state(vm).world->clock.now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

std::string text_or_panic(Result<std::string> text) {
    if (text.has_error()) rune::panic(text.error().message);
    return std::move(*text);
}

}  // namespace

rune::Module time_module() {
    rune::Module module("host::time");
    module.function("now", [](Vm& vm) { return now_millis(vm) / 1000; });
    module.function("now_ms", [](Vm& vm) { return now_millis(vm); });
    module.function("rfc3339", [](std::int64_t seconds) {
        return text_or_panic(format_time(seconds, "%Y-%m-%dT%H:%M:%SZ", 0));
    });
    module.function("parse_rfc3339", [](std::string_view text) {
        const auto seconds = parse_rfc3339(text);
        return seconds.has_error() ? Fallible<std::int64_t>(Failure{seconds.error().message})
                                   : Fallible<std::int64_t>(*seconds);
    });
    module.function(
        "format", [](std::int64_t seconds, std::string_view pattern, std::int64_t offset_minutes) {
            return text_or_panic(format_time(seconds, pattern, offset_minutes));
        });
    return module;
}

}  // namespace rb::plugin
