// The error type of a module whose failures are a text: both text forms show it.

#pragma once

#include "rune/context.hpp"

#include <string>

namespace rb::rune {

struct TextError {
    std::string text;
};

// Declares the module's type `Error` for E, which derives from TextError (each module has its own).
template <typename E>
void declare_text_error(Module& module) {
    module.type<E>("Error")
        .protocol(Protocol::display, [](E& error) { return error.text; })
        .protocol(Protocol::debug, [](E& error) { return "Error(\"" + error.text + "\")"; });
}

}  // namespace rb::rune
