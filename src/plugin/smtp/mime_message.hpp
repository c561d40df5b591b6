// A mail as the wire wants it (RFC 5322, 2045 to 2047): headers in ASCII, text and HTML as
// alternatives, both UTF-8 in base64. Pure.
//
//   From, To, Reply-To, Subject, Date, Message-ID, Content-Language, MIME-Version
//   multipart/alternative            without HTML: text/plain alone
//     text/plain; charset=utf-8
//     text/html; charset=utf-8

#pragma once

#include "base/result.hpp"

#include "core/ports/clock.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rb::plugin {

struct MailContent {
    std::string from;
    std::string from_name = {};
    std::string reply_to = {};
    std::vector<std::string> to = {};
    std::string subject = {};
    std::string text = {};
    std::string html = {};
    // Becomes <id@domain of from>; the same for the same mail.
    std::string message_id = {};
    // "zh-CN"; empty for none.
    std::string language = {};
    core::Timestamp date{};
};

// Whether it can stand in an SMTP envelope and in a header: one '@', printable ASCII without
// spaces, brackets, quotes, commas or line breaks, at most 254 bytes.
bool is_mail_address(std::string_view text);

// ERRORS: invalid_argument  an address is malformed, there is no or more than mail_recipients_max
//                           recipients, a header's text holds a line break or is not UTF-8
//         too_large         more than mail_bytes_max
Result<std::string> write_mail(const MailContent& mail);

}  // namespace rb::plugin
