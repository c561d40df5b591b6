// One record as one line, in either form of the manual (7.1):
//
//   2026-11-23T15:11:02.123456Z  INFO rustbill_server::leader: leader elected role="billing"
//       (one line; inside a request preceded by "request{request_id=... caller=...}: ")
//
//   {"timestamp":"2026-11-23T15:11:02.123456Z","level":"INFO","fields":{"message":"leader elected",
//    "role":"billing"},"target":"rustbill_server::leader","span":{"name":"request",...}}
//
// Secrets are blanked (redaction.hpp); line breaks and control characters leave escaped, so that no
// input can forge a line.

#pragma once

#include "core/ports/clock.hpp"
#include "core/ports/log.hpp"

#include "log/log_context.hpp"

#include <string>
#include <string_view>

namespace rb::log {

struct LogRecord {
    core::Timestamp time;
    core::LogLevel level;
    std::string_view target;
    std::string_view message;
    core::LogFields fields;
    const LogContext* context = nullptr;
};

enum class Colour { off, on };

std::string format_text(const LogRecord& record, Colour colour);
std::string format_json(const LogRecord& record);

}  // namespace rb::log
