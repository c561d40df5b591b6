// What a finished call of a script means: its answer, or one of the errors of
// core/plugin/plugin_call.hpp. Pure.

#pragma once

#include "base/result.hpp"

#include "rune/runtime_error.hpp"

#include "plugin/json.hpp"
#include "plugin/script_engine.hpp"

#include <string>

namespace rb::plugin {

struct CallFacts {
    // "provider-incus.open", for messages.
    std::string name;
    CallEffect effect = CallEffect::none;
    // Whether the script asked something of the outside before it ended.
    bool may_have_acted = false;
};

// A script that answered Err(error). `error` is a text, or #{ kind, message } with a kind of
// refused, failed, unknown or unsupported; anything else is a plugin's mistake.
Error error_of_answer(const CallFacts& facts, const Json& error);

// A script that was stopped.
Error error_of_stop(const CallFacts& facts, const rune::RuntimeError& error);

}  // namespace rb::plugin
