// What belongs to one running call of a script, as the host modules see it. Lives in
// Vm::host_state(); one thread at a time.

#pragma once

#include "rune/embed.hpp"

#include "plugin/http/http_client.hpp"
#include "plugin/json.hpp"
#include "plugin/script_engine.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace rb::plugin {

struct CallState {
    // Null while the manifest is read: then nothing outside can be reached.
    ScriptWorld* world = nullptr;
    std::string plugin_id;
    std::string interface_id;
    HttpPolicy policy;
    // Of the configuration; what a script writes into a log is written without them.
    std::vector<std::string> secrets;
    // The libvirt URIs it may connect to.
    std::vector<std::string> libvirt_uris;
    std::chrono::steady_clock::time_point deadline;
    // Whether something was asked of the outside that may have had an effect there: decides what a
    // script that fails afterwards leaves behind.
    bool may_have_acted = false;
    int http_requests = 0;
    int libvirt_calls = 0;
    int log_lines = 0;

    // What is left until the deadline, at least 1 ms.
    [[nodiscard]] std::chrono::milliseconds time_left() const;
};

// The state of the running call. Raises `host` while the manifest is read.
CallState& call_state(rune::Vm& vm);

// Err(#{ kind, message }): what a script passes on with `?`.
//   kind "refused"  a definite no
//        "failed"   it did not happen
//        "unknown"  it may have happened
rune::Value make_failure(rune::Vm& vm, std::string_view kind, std::string_view message);
// What stands in such an Err.
rune::Value make_error_object(rune::Vm& vm, std::string_view kind, std::string_view message);

// A String's text or a Bytes' content. Raises type_mismatch for anything else.
std::string_view content_of(rune::Vm& vm, rune::Value value);
// Ok(Bytes), or Err with the message.
rune::Fallible<rune::Bytes> bytes_or_failure(Result<std::string> result);

// The options object of a host function: panics on a key that is not in `known`, so that a typing
// error is not a silent default.
void check_options(const Json& options, std::string_view function,
                   std::initializer_list<std::string_view> known);
// A text option; `fallback` when absent. Panics for another type.
std::string text_option(const Json& options, const std::string& name, std::string fallback = {});

}  // namespace rb::plugin
