#include "plugin/encoding/text_encoding.hpp"
#include "plugin/encoding/xml.hpp"
#include "plugin/limits.hpp"

#include <gtest/gtest.h>

namespace rb::plugin {
namespace {

// RFC 4648, 10.
TEST(Base64, answers_the_vectors_of_the_rfc) {
    EXPECT_EQ(base64_encode(""), "");
    EXPECT_EQ(base64_encode("f"), "Zg==");
    EXPECT_EQ(base64_encode("fo"), "Zm8=");
    EXPECT_EQ(base64_encode("foobar"), "Zm9vYmFy");
    EXPECT_EQ(base64_encode("\xff\xfe", Base64Form::url_safe), "__4");
    for (const auto* text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
        EXPECT_EQ(*base64_decode(base64_encode(text)), text);
        EXPECT_EQ(*base64_decode(base64_encode(text, Base64Form::url_safe)), text);
    }
}

TEST(Base64, refuses_what_is_malformed) {
    for (const auto* text : {"A", "Zg=", "Zg===", "Z!==", "Zh==", "====", "Zm9v\n"}) {
        EXPECT_TRUE(base64_decode(text).has_error()) << text;
    }
}

TEST(Hex, reads_either_case_and_nothing_else) {
    EXPECT_EQ(hex_encode(std::string("\x00\xab", 2)), "00ab");
    EXPECT_EQ(*hex_decode("00AbfF"), std::string("\x00\xab\xff", 3));
    EXPECT_TRUE(hex_decode("0").has_error());
    EXPECT_TRUE(hex_decode("0g").has_error());
}

TEST(Url, escapes_all_but_the_unreserved_characters) {
    EXPECT_EQ(url_encode("a b/c~d+é"), "a%20b%2Fc~d%2B%C3%A9");
    EXPECT_EQ(*url_decode("a%20b+%e9"), "a b+\xe9");
    EXPECT_TRUE(url_decode("%4").has_error());
    EXPECT_TRUE(url_decode("%zz").has_error());
}

TEST(Form, keeps_order_and_repeats) {
    const FieldList fields{{"b", "1 2"}, {"a", "x&y=z"}, {"a", ""}};
    EXPECT_EQ(form_encode(fields), "b=1+2&a=x%26y%3Dz&a=");
    EXPECT_EQ(*form_decode("b=1+2&a=x%26y%3Dz&a="), fields);
    EXPECT_EQ(*form_decode("lone&&x=1"), (FieldList{{"lone", ""}, {"x", "1"}}));
    EXPECT_TRUE(form_decode("a=%").has_error());
}

TEST(Form, has_no_more_fields_than_its_limit) {
    std::string text;
    for (std::size_t i = 0; i < form_fields_max; ++i) text += "a" + std::to_string(i) + "&";
    EXPECT_EQ(form_decode(text)->size(), form_fields_max);
    EXPECT_NE(form_decode(text + "b").error().message.find("too many fields"), std::string::npos);
}

TEST(Utf8, is_cut_between_characters) {
    EXPECT_EQ(front_of("a\u6613b", 5), "a\u6613b");
    EXPECT_EQ(front_of("a\u6613b", 4), "a\u6613");
    EXPECT_EQ(front_of("a\u6613b", 3), "a");
    EXPECT_EQ(front_of("a\u6613b", 0), "");
}

TEST(Xml, reads_names_attributes_text_and_children) {
    const auto read = xml_parse("<?xml version='1.0'?><d t='x &amp; y'>a<b/>c<![CDATA[<d>]]></d>");
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->dump(),
              R"({"name":"d","attributes":{"t":"x & y"},"text":"ac<d>",)"
              R"("children":[{"name":"b","attributes":{},"text":"","children":[]}]})");
}

TEST(Xml, writes_what_it_reads) {
    const auto text = R"(<d t="a&quot;b"><n>1 &lt; 2</n></d>)";
    EXPECT_EQ(*xml_write(*xml_parse(text)), text);
    EXPECT_TRUE(xml_write(Json{{"name", "a b"}}).has_error());
    EXPECT_TRUE(xml_write(Json::object()).has_error());
}

TEST(Xml, keeps_the_blanks_that_a_reader_would_normalise) {
    const Json element = {{"name", "d"},
                          {"attributes", {{"t", "a\n\tb\r"}}},
                          {"text", "1\r\n2"},
                          {"children", Json::array()}};
    EXPECT_EQ(*xml_parse(*xml_write(element)), element);
}

TEST(Xml, writes_no_character_that_xml_does_not_have) {
    for (const auto* text : {"\x01", "\x1f", "\xEF\xBF\xBE", "\xEF\xBF\xBF"}) {
        EXPECT_TRUE(xml_write(Json{{"name", "d"}, {"text", text}}).has_error());
        EXPECT_TRUE(xml_write(Json{{"name", "d"}, {"attributes", {{"t", text}}}}).has_error());
    }
}

TEST(Xml, reads_nothing_from_outside_and_expands_nothing) {
    const auto* external = R"(<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>)";
    EXPECT_NE(xml_parse(external).error().message.find("document type"), std::string::npos);
    EXPECT_TRUE(xml_parse("<d>&undeclared;</d>").has_error());
    EXPECT_NE(xml_parse("<a>\n<b>").error().message.find("line 2"), std::string::npos);
}

TEST(Xml, is_not_blown_up_by_entities_in_any_encoding) {
    std::string bomb = "<?xml version=\"1.0\"?><!DOCTYPE d [<!ENTITY a0 \"lol\">";
    for (int i = 1; i < 10; ++i) {
        const auto name = "a" + std::to_string(i);
        const auto part = "&a" + std::to_string(i - 1) + ";";
        bomb += "<!ENTITY " + name + " \"";
        for (int j = 0; j < 10; ++j) bomb += part;
        bomb += "\">";
    }
    bomb += "]><d t=\"&a9;\">&a9;</d>";
    EXPECT_NE(xml_parse(bomb).error().message.find("document type"), std::string::npos);
    // The same in UTF-16, where no byte string says "<!DOCTYPE".
    std::string wide = "\xff\xfe";
    for (const char c : bomb) {
        wide += c;
        wide += '\0';
    }
    EXPECT_TRUE(xml_parse(wide).has_error());
}

TEST(Xml, nests_to_its_limit_and_no_deeper) {
    const auto nested = [](int depth) {
        std::string text;
        for (int i = 0; i < depth; ++i) text += "<a>";
        for (int i = 0; i < depth; ++i) text += "</a>";
        return text;
    };
    EXPECT_TRUE(xml_parse(nested(xml_depth_max)).has_value());
    EXPECT_TRUE(xml_parse(nested(xml_depth_max + 1)).has_error());
    EXPECT_EQ(xml_parse(std::string(xml_bytes_max + 1, ' ')).error().code, ErrorCode::too_large);
}

TEST(Xml, has_no_more_tags_than_its_limit) {
    const auto tags = [](std::size_t count) {
        std::string text = "<d>";
        for (std::size_t i = 2; i < count; ++i) text += "<a/>";
        return text + "</d>";
    };
    EXPECT_EQ((*xml_parse(tags(xml_tags_max)))["children"].size(), xml_tags_max - 2);
    EXPECT_EQ(xml_parse(tags(xml_tags_max + 1)).error().code, ErrorCode::too_large);
}

TEST(Xml, has_no_more_attributes_in_an_element_than_its_limit) {
    const auto attributes = [](std::size_t count) {
        // None of the marks inside of values counts.
        std::string text = "<d><e t='\"='/><e";
        for (std::size_t i = 0; i < count; ++i) text += " a" + std::to_string(i) + "=\"'>==\"";
        return text + ">====</e></d>";
    };
    const auto read = xml_parse(attributes(xml_attributes_max));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ((*read)["children"][1]["attributes"].size(), xml_attributes_max);
    EXPECT_EQ(xml_parse(attributes(xml_attributes_max + 1)).error().code, ErrorCode::too_large);
}

TEST(Xml, takes_what_looks_like_attributes_where_there_are_none) {
    const std::string pairs(xml_attributes_max + 1, '=');
    const auto read = xml_parse("<?say " + pairs + "?><d><!-- it's " + pairs + " --><![CDATA[" +
                                pairs + "]]></d>");
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ((*read)["text"], pairs);
}

TEST(Xml, is_read_as_the_text_it_is_whatever_encoding_it_names) {
    for (const auto* name : {"ISO-8859-1", "UTF-7", "GBK", "UTF-16"}) {
        const auto read = xml_parse("<?xml version=\"1.0\" encoding=\"" + std::string(name) +
                                    "\"?><d>\u00e9 +AGE-</d>");
        ASSERT_TRUE(read.has_value()) << name;
        EXPECT_EQ((*read)["text"], "\u00e9 +AGE-") << name;
    }
    const auto wide = xml_parse(std::string("<\0d\0/\0>\0", 8));
    EXPECT_NE(wide.error().message.find("NUL"), std::string::npos);
}

}  // namespace
}  // namespace rb::plugin
