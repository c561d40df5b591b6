#include "core/notification/template.hpp"

#include <gtest/gtest.h>

#include <set>

namespace rb::core {
namespace {

StringMap sample_values(NotificationTemplate which) {
    StringMap values;
    for (const auto field : fields_of(which)) values.emplace(field, "<" + std::string(field) + ">");
    return values;
}

TEST(Templates, render_in_both_languages_with_exactly_their_fields) {
    std::set<std::string_view> names;
    for (const auto which : all_notification_templates()) {
        EXPECT_TRUE(names.insert(name_of(which)).second) << name_of(which);
        EXPECT_EQ(find_notification_template(name_of(which)), which);
        for (const auto locale : {Locale::zh_cn, Locale::en}) {
            const auto rendered = render(which, locale, sample_values(which));
            ASSERT_TRUE(rendered.has_value()) << name_of(which);
            EXPECT_FALSE(rendered->subject.empty());
            // Each field is said, and nothing is left unfilled.
            for (const auto field : fields_of(which)) {
                EXPECT_NE(rendered->text.find("<" + std::string(field) + ">"), std::string::npos)
                    << name_of(which) << " " << field;
            }
            EXPECT_EQ(rendered->text.find('{'), std::string::npos);
            EXPECT_EQ(rendered->html.find("<" + std::string(fields_of(which)[0]) + ">"),
                      std::string::npos);
        }
    }
    EXPECT_EQ(find_notification_template("order.unknown"), std::nullopt);
}

TEST(Templates, name_the_value_that_is_missing) {
    for (const auto which : all_notification_templates()) {
        for (const auto field : fields_of(which)) {
            auto values = sample_values(which);
            values.erase(std::string(field));
            const auto rendered = render(which, Locale::en, values);
            ASSERT_TRUE(rendered.has_error()) << name_of(which);
            EXPECT_EQ(rendered.error().field, field);
        }
    }
}

TEST(Templates, keep_what_people_wrote_from_becoming_a_header_or_markup) {
    const auto rendered = render(NotificationTemplate::ticket_reply, Locale::en,
                                 {{"ticket_id", "1"},
                                  {"title", "x\r\nBcc: a@b.cn"},
                                  {"content", "<script>alert(1)</script> {title}"}});
    ASSERT_TRUE(rendered.has_value());
    EXPECT_EQ(rendered->subject.find('\n'), std::string::npos);
    EXPECT_EQ(rendered->subject.find('\r'), std::string::npos);
    EXPECT_EQ(rendered->html.find("<script>"), std::string::npos);
    EXPECT_NE(rendered->html.find("&lt;script&gt;"), std::string::npos);
    // A value is not a pattern.
    EXPECT_NE(rendered->text.find("{title}"), std::string::npos);
}

TEST(Templates, say_both_languages_chinese_first) {
    const auto rendered = render_bilingual(NotificationTemplate::verification_code,
                                           {{"code", "012345"}, {"minutes", "10"}});
    ASSERT_TRUE(rendered.has_value());
    const auto chinese = rendered->text.find("验证码");
    const auto english = rendered->text.find("verification code");
    ASSERT_NE(chinese, std::string::npos);
    ASSERT_NE(english, std::string::npos);
    EXPECT_LT(chinese, english);
}

}  // namespace
}  // namespace rb::core
