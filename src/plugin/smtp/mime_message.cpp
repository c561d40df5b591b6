#include "plugin/smtp/mime_message.hpp"

#include "base/utf8.hpp"

#include "plugin/crypto/digest.hpp"
#include "plugin/encoding/text_encoding.hpp"
#include "plugin/limits.hpp"
#include "plugin/time_text.hpp"

#include <algorithm>
#include <array>

namespace rb::plugin {

namespace {

constexpr std::size_t base64_line = 76;
// Of one encoded word: 75 characters (RFC 2047, 2), less the frame, in whole base64 groups.
constexpr std::size_t encoded_word_bytes = 42;

bool is_plain(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7F; }) &&
           text.find("=?") == std::string_view::npos;
}

Result<> check_header(std::string_view text, const std::string& field) {
    if (text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) {
        return invalid_field(field, "must not hold a line break");
    }
    if (!is_utf8(text)) return invalid_field(field, "must be UTF-8");
    return {};
}

std::string encoded_words(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto word = front_of(text, encoded_word_bytes);
        if (!out.empty()) out += "\r\n ";
        out += "=?UTF-8?B?" + base64_encode(word) + "?=";
        text.remove_prefix(word.size());
    }
    return out;
}

std::string encoded_text(std::string_view text) {
    return is_plain(text) ? std::string(text) : encoded_words(text);
}

// The name before an address. What RFC 5322, 3.2.3 counts as special would divide it there, or name
// another sender.
std::string encoded_name(std::string_view text) {
    const bool is_special =
        text.find_first_of("()<>[]:;@\\,.\"") != std::string_view::npos || text.front() == ' ';
    return is_plain(text) && !is_special ? std::string(text) : encoded_words(text);
}

std::string body_lines(std::string_view text) {
    const auto encoded = base64_encode(text);
    std::string out;
    for (std::size_t at = 0; at < encoded.size(); at += base64_line) {
        out += encoded.substr(at, base64_line) + "\r\n";
    }
    return out;
}

std::string part(std::string_view type, std::string_view content) {
    return "Content-Type: " + std::string(type) +
           "; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + body_lines(content);
}

std::string date_text(core::Timestamp date) {
    constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(date.time_since_epoch()).count();
    const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(date));
    const auto month = months[static_cast<unsigned>(day.month()) - 1];
    const auto text = format_time(seconds, "%d " + std::string(month) + " %Y %H:%M:%S +0000", 0);
    ASSERT(text.has_value());
    return *text;
}

Result<> check_mail(const MailContent& mail) {
    if (!is_mail_address(mail.from)) return invalid_field("from", "must be an e-mail address");
    if (mail.to.empty() || mail.to.size() > mail_recipients_max) {
        return invalid_field("to", "must name 1 to 10 recipients");
    }
    for (const auto& address : mail.to) {
        if (!is_mail_address(address)) return invalid_field("to", "must be e-mail addresses");
    }
    if (!mail.reply_to.empty() && !is_mail_address(mail.reply_to)) {
        return invalid_field("reply_to", "must be an e-mail address");
    }
    TRY(check_header(mail.from_name, "from_name"));
    TRY(check_header(mail.subject, "subject"));
    TRY(check_header(mail.message_id, "message_id"));
    TRY(check_header(mail.language, "language"));
    if (mail.text.size() + mail.html.size() > mail_bytes_max) {
        return Error{ErrorCode::too_large, "text: the mail is larger than 1 MiB", "text"};
    }
    return {};
}

std::string headers_of(const MailContent& mail) {
    const auto domain = mail.from.substr(mail.from.find('@') + 1);
    std::string out = "From: ";
    out +=
        mail.from_name.empty() ? mail.from : encoded_name(mail.from_name) + " <" + mail.from + ">";
    out += "\r\nTo: ";
    for (std::size_t i = 0; i < mail.to.size(); ++i) out += (i > 0 ? ", " : "") + mail.to[i];
    if (!mail.reply_to.empty()) out += "\r\nReply-To: " + mail.reply_to;
    out += "\r\nSubject: " + encoded_text(mail.subject);
    out += "\r\nDate: " + date_text(mail.date);
    if (!mail.message_id.empty()) {
        out += "\r\nMessage-ID: <" +
               hex_encode(digest(HashAlgorithm::sha256, mail.message_id)).substr(0, 32) + "@" +
               domain + ">";
    }
    if (!mail.language.empty() && is_plain(mail.language)) {
        out += "\r\nContent-Language: " + mail.language;
    }
    return out + "\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n";
}

}  // namespace

bool is_mail_address(std::string_view text) {
    const auto at = text.find('@');
    return text.size() <= 254 && at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
           text.find('@', at + 1) == std::string_view::npos &&
           std::ranges::all_of(text, [](char c) {
               return c > ' ' && c < 0x7F &&
                      std::string_view("<>()[]\\,;:\"").find(c) == std::string_view::npos;
           });
}

Result<std::string> write_mail(const MailContent& mail) {
    TRY(check_mail(mail));
    auto out = headers_of(mail);
    if (mail.html.empty()) return out + part("text/plain", mail.text);
    // Cannot occur in base64, whose alphabet has no '_'.
    const std::string boundary =
        "rb_" +
        hex_encode(digest(HashAlgorithm::sha256, mail.message_id + mail.text)).substr(0, 24);
    out += "Content-Type: multipart/alternative; boundary=\"" + boundary + "\"\r\n\r\n";
    out += "--" + boundary + "\r\n" + part("text/plain", mail.text);
    out += "--" + boundary + "\r\n" + part("text/html", mail.html);
    return out + "--" + boundary + "--\r\n";
}

}  // namespace rb::plugin
