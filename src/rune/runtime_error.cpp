#include "rune/runtime_error.hpp"

namespace rb::rune {

std::string_view word_of(ErrorKind kind) {
    switch (kind) {
#define RUNE_ERROR(kind_, word) \
    case ErrorKind::kind_:      \
        return word;
#include "rune/runtime_errors.def"
#undef RUNE_ERROR
    }
    return "unknown";
}

std::string RuntimeError::to_string() const {
    std::string text = "error[" + std::string(word_of(kind)) + "]: " + message + "\n";
    for (const auto& entry : trace) {
        text += "  at " + entry.function + " (" + entry.file + ":" + std::to_string(entry.line) +
                ":" + std::to_string(entry.column) + ")\n";
    }
    return text;
}

void raise(ErrorKind kind, std::string message) {
    throw Raise{kind, std::move(message)};
}

void panic(std::string_view text) {
    throw Raise{ErrorKind::panic, "Panicked: " + std::string(text)};
}

void throw_exception_from_error(const RuntimeError& error, const boost::source_location&) {
    assertion_failed(error.message.c_str(), __FILE__, __LINE__);
}

}  // namespace rb::rune
