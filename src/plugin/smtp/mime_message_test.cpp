#include "plugin/smtp/mime_message.hpp"

#include "base/utf8.hpp"

#include "plugin/encoding/text_encoding.hpp"
#include "plugin/limits.hpp"
#include "plugin/smtp/smtp_client.hpp"

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

TEST(Mail, a_name_stays_one_sender) {
    auto named = mail();
    named.from_name = "Shop";
    EXPECT_NE(write_mail(named)->find("From: Shop <shop@example.com>\r\n"), std::string::npos);
    for (const auto* name : {"Shop, Inc.", "Bank <boss@bank.example>, Shop", "a\"b", "(x", " a"}) {
        named.from_name = name;
        EXPECT_NE(write_mail(named)->find("From: =?UTF-8?B?" + base64_encode(name) +
                                          "?= <shop@example.com>\r\n"),
                  std::string::npos)
            << name;
    }
}

// The name "10.0.0.5/x.example.com" is below a granted domain, and its URL leads to 10.0.0.5.
TEST(SmtpServerName, is_the_name_of_a_host_and_nothing_in_front_of_one) {
    const HttpPolicy policy{.hosts = {{"*.example.com", false}}};
    const auto public_address = [](const std::string&) {
        return std::vector<std::string>{"8.8.8.8"};
    };
    for (const auto* host : {"127.0.0.1/x.example.com", "127.0.0.1:1/.example.com",
                             "127.0.0.1#.example.com", "x@127.0.0.1?.example.com"}) {
        const SmtpServer server{.host = host,
                                .port = 1,
                                .security = SmtpSecurity::none,
                                .timeout = std::chrono::milliseconds(1'000)};
        for (const auto& result :
             {check_server(server, policy, public_address),
              send_mail(server, {"a@b", {"a@b"}, ""}, policy, public_address)}) {
            EXPECT_EQ(result.error().message, "host: is not the name of a host or an address");
            EXPECT_TRUE(result.error().is_refusal);
        }
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
