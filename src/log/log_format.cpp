#include "log/log_format.hpp"

#include "base/time_text.hpp"
#include "base/utf8.hpp"

#include "log/redaction.hpp"

#include <array>
#include <cstdio>

namespace rb::log {

namespace {

using core::LogLevel;

// Right-aligned in text, as tracing does it.
constexpr std::array<std::string_view, 5> padded_names = {"TRACE", "DEBUG", " INFO", " WARN",
                                                          "ERROR"};
constexpr std::array<std::string_view, 5> names = {"TRACE", "DEBUG", "INFO", "WARN", "ERROR"};
// Purple, blue, green, yellow, red.
constexpr std::array<std::string_view, 5> colours = {"\x1b[35m", "\x1b[34m", "\x1b[32m", "\x1b[33m",
                                                     "\x1b[31m"};
constexpr std::string_view dim = "\x1b[2m";
constexpr std::string_view plain = "\x1b[0m";

std::size_t index_of(LogLevel level) {
    return static_cast<std::size_t>(level);
}

// RFC 3339, UTC, microseconds.
std::string time_text(core::Timestamp time) {
    std::string text;
    append_date_time(time, 'T', text);
    append_micros(time, text);
    text += 'Z';
    return text;
}

void append_escaped(std::string_view text, std::string& out) {
    if (!is_utf8(text)) return append_escaped(valid_utf8(text), out);
    for (const char c : text) {
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
                    std::array<char, 8> code{};
                    std::snprintf(code.data(), code.size(), "\\u%04x",
                                  static_cast<unsigned>(static_cast<unsigned char>(c)));
                    out += code.data();
                } else {
                    out += c;
                }
        }
    }
}

// A message reads better unquoted; only what could break out of the line is escaped.
void append_message(std::string_view text, std::string& out) {
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            append_escaped(std::string_view(&c, 1), out);
        } else {
            out += c;
        }
    }
}

std::string value_of(const core::LogField& field) {
    if (names_a_secret(field.name)) return std::string(redacted);
    return field.is_bare ? field.value : without_secrets(field.value);
}

// A worker has a name and, between two pieces of work, nothing else.
void append_context(const LogContext& context, std::string& out) {
    append_message(context.name, out);
    if (context.request_id.empty()) return;
    out += "{request_id=";
    append_message(context.request_id, out);
    if (!context.caller.empty()) {
        out += " caller=";
        append_message(context.caller, out);
    }
    out += '}';
}

void append_quoted(std::string_view text, std::string& out) {
    out += '"';
    append_escaped(text, out);
    out += '"';
}

void append_pair(std::string_view name, std::string_view value, std::string& out) {
    append_quoted(name, out);
    out += ':';
    append_quoted(value, out);
}

}  // namespace

std::string format_text(const LogRecord& record, Colour colour) {
    const bool coloured = colour == Colour::on;
    const auto paint = [&](std::string_view code) { return coloured ? code : std::string_view(); };
    std::string line;
    line.append(paint(dim)).append(time_text(record.time)).append(paint(plain)).append(" ");
    line.append(paint(colours[index_of(record.level)]))
        .append(padded_names[index_of(record.level)])
        .append(paint(plain))
        .append(" ");
    if (record.context != nullptr) {
        append_context(*record.context, line);
        line += ": ";
    }
    line.append(paint(dim)).append(record.target).append(":").append(paint(plain)).append(" ");
    append_message(without_secrets(record.message), line);
    for (const auto& field : record.fields) {
        line.append(" ").append(field.name).append("=");
        const auto value = value_of(field);
        if (field.is_bare) {
            line += value;
        } else {
            append_quoted(value, line);
        }
    }
    return line;
}

std::string format_json(const LogRecord& record) {
    std::string line = "{";
    append_pair("timestamp", time_text(record.time), line);
    line += ',';
    append_pair("level", names[index_of(record.level)], line);
    line += ",\"fields\":{";
    append_pair("message", without_secrets(record.message), line);
    for (const auto& field : record.fields) {
        line += ',';
        const auto value = value_of(field);
        if (field.is_bare && value == field.value) {
            append_quoted(field.name, line);
            line.append(":").append(value);
        } else {
            append_pair(field.name, value, line);
        }
    }
    line += "},";
    append_pair("target", record.target, line);
    if (record.context != nullptr) {
        line += ",\"span\":{";
        append_pair("name", record.context->name, line);
        if (!record.context->request_id.empty()) {
            line += ',';
            append_pair("request_id", record.context->request_id, line);
        }
        if (!record.context->caller.empty()) {
            line += ',';
            append_pair("caller", record.context->caller, line);
        }
        line += '}';
    }
    line += '}';
    return line;
}

}  // namespace rb::log
