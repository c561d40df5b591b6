#include "plugin/smtp/mime_message.hpp"

#include "plugin/encoding/text_encoding.hpp"
#include "plugin/limits.hpp"

#include <gtest/gtest.h>

namespace rb::plugin {
namespace {

MailContent mail() {
    return {.from = "shop@example.com",
            .to = {"anna@example.org"},
            .subject = "Hello",
            .text = "Hi",
            .date = core::Timestamp(std::chrono::seconds(1'800'000'000))};
}

TEST(Mail, of_text_alone_has_one_part) {
    EXPECT_EQ(*write_mail(mail()),
              "From: shop@example.com\r\nTo: anna@example.org\r\nSubject: Hello\r\n"
              "Date: 15 Jan 2027 08:00:00 +0000\r\nAuto-Submitted: auto-generated\r\n"
              "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
              "Content-Transfer-Encoding: base64\r\n\r\nSGk=\r\n");
}

TEST(Mail, offers_text_and_html_as_alternatives) {
    auto both = mail();
    both.html = "<p>Hi</p>";
    const auto written = *write_mail(both);
    EXPECT_NE(written.find("multipart/alternative"), std::string::npos);
    EXPECT_LT(written.find("text/plain"), written.find("text/html"));
    EXPECT_NE(written.find(base64_encode("<p>Hi</p>")), std::string::npos);
}

TEST(Mail, writes_chinese_headers_in_words_of_whole_characters) {
    auto chinese = mail();
    chinese.from_name = "易云";
    chinese.subject = std::string("您的服务器已经开通,请查收邮件并登录控制台查看详情");
    const auto written = *write_mail(chinese);
    EXPECT_NE(written.find("From: =?UTF-8?B?5piT5LqR?= <shop@example.com>"), std::string::npos);
    for (std::size_t at = written.find("=?UTF-8?B?"); at != std::string::npos;
         at = written.find("=?UTF-8?B?", at + 1)) {
        const auto end = written.find("?=", at);
        EXPECT_LE(end + 2 - at, 75U);
        EXPECT_TRUE(is_utf8(*base64_decode(written.substr(at + 10, end - at - 10))));
    }
}

TEST(Mail, refuses_what_would_smuggle_a_header_or_a_recipient) {
    auto bad = mail();
    bad.subject = "x\r\nBcc: everybody@example.com";
    EXPECT_EQ(write_mail(bad).error().field, "subject");
    for (const auto* address : {"", "a", "@b", "a@", "a@b@c", "a b@c", "a@b>\r\nDATA", "<a@b>"}) {
        auto to = mail();
        to.to = {address};
        EXPECT_EQ(write_mail(to).error().field, "to") << address;
    }
}

TEST(Mail, holds_its_limits) {
    auto many = mail();
    many.to.assign(mail_recipients_max, "a@example.org");
    EXPECT_TRUE(write_mail(many).has_value());
    many.to.emplace_back("b@example.org");
    EXPECT_EQ(write_mail(many).error().field, "to");
    auto large = mail();
    large.text = std::string(mail_bytes_max, 'x');
    EXPECT_TRUE(write_mail(large).has_value());
    large.text += 'x';
    EXPECT_EQ(write_mail(large).error().code, ErrorCode::too_large);
}

}  // namespace
}  // namespace rb::plugin
