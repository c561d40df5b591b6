#include "plugin/config_schema.hpp"

#include "plugin/limits.hpp"

#include <gtest/gtest.h>

namespace rb::plugin {
namespace {

Json json(std::string_view text) {
    return Json::parse(text);
}

// What is wrong with a schema of one field.
std::string schema_error(const std::string& field) {
    const auto checked =
        check_schema(json(R"({"type":"object","properties":{"f":)" + field + "}}"));
    if (checked.has_value()) return "";
    EXPECT_EQ(checked.error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(checked.error().field, "config_schema");
    return checked.error().message;
}

// What is wrong with {"f": value} under a schema of one field; empty when nothing is.
std::string error_of(const std::string& field, const std::string& value) {
    const auto schema = json(R"({"type":"object","properties":{"f":)" + field + "}}");
    EXPECT_TRUE(check_schema(schema).has_value()) << check_schema(schema).error().message;
    const auto applied = apply_schema(schema, json(R"({"f":)" + value + "}"));
    if (applied.has_value()) return "";
    EXPECT_EQ(applied.error().code, ErrorCode::invalid_argument);
    return applied.error().message;
}

std::string quoted(const std::string& text) {
    return Json(text).dump();
}

TEST(CheckSchema, takes_the_keywords_it_checks_and_no_other) {
    EXPECT_EQ(schema_error(R"({"type":"string","title":"T","description":"D","x-order":1})"), "");
    EXPECT_EQ(schema_error(R"({"type":"string","pattern":"^a"})"),
              "config_schema: f: keyword pattern is not supported");
    EXPECT_EQ(schema_error(R"({"type":"string","title":1})"),
              "config_schema: f: title must be a text");
    EXPECT_EQ(schema_error(R"("text")"), "config_schema: f: must be an object");
}

TEST(CheckSchema, needs_a_type_it_knows) {
    for (const auto* type : {"string", "integer", "boolean", "object"}) {
        EXPECT_EQ(schema_error(R"({"type":")" + std::string(type) + "\"}"), "") << type;
    }
    for (const auto* node : {R"({})", R"({"type":"number"})", R"({"type":["string","null"]})"}) {
        EXPECT_EQ(schema_error(node),
                  "config_schema: f: type must be object, string, integer, boolean or array")
            << node;
    }
    EXPECT_EQ(check_schema(json(R"({"type":"string"})")).error().message,
              "config_schema: type must be object");
}

TEST(CheckSchema, refuses_a_rule_that_says_nothing_about_its_type) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {R"({"type":"integer","minLength":1})", "minLength is for type string"},
        {R"({"type":"integer","maxLength":1})", "maxLength is for type string"},
        {R"({"type":"string","minimum":1})", "minimum is for type integer"},
        {R"({"type":"string","maximum":1})", "maximum is for type integer"},
        {R"({"type":"string","minItems":1})", "minItems is for type array"},
        {R"({"type":"string","maxItems":1})", "maxItems is for type array"},
        {R"({"type":"string","items":{"type":"string"}})", "items is for type array"},
        {R"({"type":"string","properties":{}})", "properties is for type object"},
        {R"({"type":"string","required":[]})", "required is for type object"},
        {R"({"type":"integer","secret":true})", "secret is for type string"},
        {R"({"type":"boolean","writeOnly":true})", "writeOnly is for type string"},
        {R"({"type":"string","format":"port"})", "format port is for type integer"},
        {R"({"type":"integer","format":"uri"})", "format uri is for type string"}};
    for (const auto& [node, rule] : cases) {
        EXPECT_EQ(schema_error(node), "config_schema: f: " + rule);
    }
}

TEST(CheckSchema, refuses_bounds_that_are_no_integers_negative_or_crossed) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {R"({"type":"string","minLength":"1"})", "minLength must be an integer"},
        {R"({"type":"integer","maximum":1.5})", "maximum must be an integer"},
        {R"({"type":"integer","maximum":9223372036854775808})", "maximum must be an integer"},
        {R"({"type":"string","maxLength":-1})", "maxLength must not be negative"},
        {R"({"type":"string","minLength":3,"maxLength":2})", "minLength is above maxLength"},
        {R"({"type":"integer","minimum":3,"maximum":2})", "minimum is above maximum"},
        {R"({"type":"array","items":{"type":"string"},"minItems":3,"maxItems":2})",
         "minItems is above maxItems"}};
    for (const auto& [node, rule] : cases) {
        EXPECT_EQ(schema_error(node), "config_schema: f: " + rule);
    }
    EXPECT_EQ(schema_error(R"({"type":"integer","minimum":-3,"maximum":-3})"), "");
}

TEST(CheckSchema, knows_five_formats) {
    for (const auto* format : {"uri", "hostname", "email", "pem"}) {
        EXPECT_EQ(schema_error(R"({"type":"string","format":")" + std::string(format) + "\"}"), "");
    }
    EXPECT_EQ(schema_error(R"({"type":"integer","format":"port"})"), "");
    for (const auto* format : {R"("date")", "5", R"([])"}) {
        EXPECT_EQ(schema_error(R"({"type":"string","format":)" + std::string(format) + "}"),
                  "config_schema: f: format must be uri, hostname, email, pem or port");
    }
}

TEST(CheckSchema, demands_that_enum_and_default_keep_the_rules_beside_them) {
    EXPECT_EQ(schema_error(R"({"type":"integer","enum":[1,2],"default":2})"), "");
    EXPECT_EQ(schema_error(R"({"type":"string","enum":[]})"),
              "config_schema: f: enum must be an array with at least one value");
    EXPECT_EQ(schema_error(R"({"type":"string","enum":"a"})"),
              "config_schema: f: enum must be an array with at least one value");
    EXPECT_EQ(schema_error(R"({"type":"string","enum":["a",1]})"),
              "config_schema: f: enum f: must be of type string");
    EXPECT_EQ(schema_error(R"({"type":"string","enum":["a"],"default":"b"})"),
              "config_schema: f: default f: must be one of [\"a\"]");
    EXPECT_EQ(
        schema_error(R"({"type":"object","properties":{"g":{"type":"integer","default":"x"}}})"),
        "config_schema: f.g: default f.g: must be of type integer");
}

TEST(CheckSchema, lets_only_a_plain_string_be_secret) {
    EXPECT_EQ(schema_error(R"({"type":"string","secret":true,"minLength":8})"), "");
    EXPECT_EQ(schema_error(R"({"type":"string","secret":"yes"})"),
              "config_schema: f: secret must be a boolean");
    EXPECT_EQ(schema_error(R"({"type":"array","items":{"type":"string","secret":true}})"),
              "config_schema: f.[]: a string in an array cannot be secret");
    for (const auto* extra : {R"("default":"x")", R"("enum":["x"])"}) {
        EXPECT_EQ(schema_error(R"({"type":"string","writeOnly":true,)" + std::string(extra) + "}"),
                  "config_schema: f: a secret can have neither default nor enum");
    }
}

TEST(CheckSchema, demands_that_required_names_fields) {
    EXPECT_TRUE(check_schema(
        json(R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"]})")));
    for (const auto* required : {R"(["b"])", "[1]"}) {
        EXPECT_EQ(
            check_schema(json(R"({"type":"object","required":)" + std::string(required) + "}"))
                .error()
                .message,
            "config_schema: required names a field that properties does not have");
    }
    EXPECT_EQ(check_schema(json(R"({"type":"object","required":"a"})")).error().message,
              "config_schema: required must be an array");
    EXPECT_EQ(check_schema(json(R"({"type":"object","properties":[]})")).error().message,
              "config_schema: properties must be an object");
    EXPECT_EQ(schema_error(R"({"type":"array"})"), "config_schema: f: an array needs items");
}

TEST(CheckSchema, nests_to_its_limit_and_no_deeper) {
    const auto nested = [](int depth) {
        Json node = json(R"({"type":"string"})");
        for (int i = 1; i < depth; ++i) {
            node = Json{{"type", "object"}, {"properties", {{"f", node}}}};
        }
        return node;
    };
    EXPECT_TRUE(check_schema(nested(schema_depth_max)).has_value());
    EXPECT_NE(check_schema(nested(schema_depth_max + 1)).error().message.find("nests too deep"),
              std::string::npos);
}

TEST(ParseConfig, takes_an_object_and_nothing_else) {
    EXPECT_EQ(parse_config("")->dump(), "{}");
    EXPECT_EQ(parse_config(R"({"a":1})")->dump(), R"({"a":1})");
    for (const auto* text : {"[]", "null", "1", "{", "{} x", "{\"a\":\"\xff\"}"}) {
        EXPECT_EQ(parse_config(text).error().message, "config: must be a JSON object") << text;
    }
}

TEST(ParseConfig, holds_its_limits) {
    const std::string frame = R"({"a":""})";
    const auto sized = [&](std::size_t bytes) {
        return R"({"a":")" + std::string(bytes - frame.size(), 'x') + "\"}";
    };
    EXPECT_TRUE(parse_config(sized(config_bytes_max)).has_value());
    EXPECT_EQ(parse_config(sized(config_bytes_max + 1)).error().message,
              "config: is larger than 128 KiB");
    const auto nested = [](std::size_t depth) {
        return R"({"a":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
    };
    EXPECT_TRUE(parse_config(nested(config_depth_max)).has_value());
    EXPECT_EQ(parse_config(nested(config_depth_max + 1)).error().message, "config: nests too deep");
    EXPECT_EQ(parse_config(nested(config_bytes_max / 2 - 8)).error().message,
              "config: nests too deep");
}

TEST(ApplySchema, refuses_a_value_of_another_type) {
    EXPECT_EQ(error_of(R"({"type":"string"})", "1"), "f: must be of type string");
    EXPECT_EQ(error_of(R"({"type":"integer"})", "1.0"), "f: must be of type integer");
    EXPECT_EQ(error_of(R"({"type":"integer"})", "\"1\""), "f: must be of type integer");
    EXPECT_EQ(error_of(R"({"type":"integer"})", "9223372036854775807"), "");
    EXPECT_EQ(error_of(R"({"type":"integer"})", "9223372036854775808"),
              "f: must be of type integer");
    EXPECT_EQ(error_of(R"({"type":"boolean"})", "0"), "f: must be of type boolean");
    EXPECT_EQ(error_of(R"({"type":"object"})", "[]"), "f: must be of type object");
    EXPECT_EQ(error_of(R"({"type":"array","items":{"type":"string"}})", "{}"),
              "f: must be of type array");
    EXPECT_EQ(error_of(R"({"type":"array","items":{"type":"string"}})", R"(["a",1])"),
              "f[1]: must be of type string");
}

TEST(ApplySchema, holds_each_bound_at_it_and_past_it) {
    const std::string text = R"({"type":"string","minLength":2,"maxLength":3})";
    EXPECT_EQ(error_of(text, quoted("易")), "f: must have at least 2 characters");
    EXPECT_EQ(error_of(text, quoted("易云")), "");
    EXPECT_EQ(error_of(text, quoted("易云商")), "");
    EXPECT_EQ(error_of(text, quoted("易云商店")), "f: must have at most 3 characters");
    const std::string number = R"({"type":"integer","minimum":-1,"maximum":1})";
    EXPECT_EQ(error_of(number, "-2"), "f: must be at least -1");
    EXPECT_EQ(error_of(number, "-1"), "");
    EXPECT_EQ(error_of(number, "1"), "");
    EXPECT_EQ(error_of(number, "2"), "f: must be at most 1");
    const std::string list =
        R"({"type":"array","items":{"type":"integer"},"minItems":1,"maxItems":2})";
    EXPECT_EQ(error_of(list, "[]"), "f: must have at least 1 entries");
    EXPECT_EQ(error_of(list, "[1]"), "");
    EXPECT_EQ(error_of(list, "[1,2]"), "");
    EXPECT_EQ(error_of(list, "[1,2,3]"), "f: must have at most 2 entries");
    const std::string port = R"({"type":"integer","format":"port"})";
    EXPECT_EQ(error_of(port, "0"), "f: must be a port, 1 to 65535");
    EXPECT_EQ(error_of(port, "1"), "");
    EXPECT_EQ(error_of(port, "65535"), "");
    EXPECT_EQ(error_of(port, "65536"), "f: must be a port, 1 to 65535");
    const std::string choice = R"({"type":"string","enum":["a","b"]})";
    EXPECT_EQ(error_of(choice, quoted("b")), "");
    EXPECT_EQ(error_of(choice, quoted("B")), "f: must be one of [\"a\",\"b\"]");
}

TEST(ApplySchema, holds_the_forms_of_texts) {
    const auto holds = [](const std::string& format, const std::string& text) {
        return error_of(R"({"type":"string","format":")" + format + "\"}", quoted(text)).empty();
    };
    for (const auto* text : {"https://a.example", "http://[::1]:8080/x?y"}) {
        EXPECT_TRUE(holds("uri", text)) << text;
    }
    for (const auto* text : {"a.example", "ftp://a.example", "https://", "https://u:p@a.example"}) {
        EXPECT_FALSE(holds("uri", text)) << text;
    }
    const std::string label(63, 'a');
    const std::string longest = label + "." + label + "." + label + "." + std::string(61, 'a');
    for (const auto& text : {std::string("a"), std::string("A.example"), std::string("10.0.0.1"),
                             std::string("fd00::1"), std::string("my_host"), label, longest}) {
        EXPECT_TRUE(holds("hostname", text)) << text;
    }
    for (const auto& text :
         {std::string("a..b"), std::string("a."), std::string("-a"), std::string("a-"),
          std::string("a b"), std::string("a/b"), std::string("a:1"), label + "a", longest + "a"}) {
        EXPECT_FALSE(holds("hostname", text)) << text;
    }
    EXPECT_TRUE(holds("email", "shop@example.com"));
    for (const auto* text : {"shop", "@example.com", "shop@", "a@b@c", "a b@c", "a@b,c@d"}) {
        EXPECT_FALSE(holds("email", text)) << text;
    }
    EXPECT_TRUE(holds("pem", "-----BEGIN X-----\nAA==\n-----END X-----\n"));
    EXPECT_FALSE(holds("pem", "-----BEGIN X-----"));
    for (const auto* format : {"uri", "hostname", "email", "pem"}) {
        EXPECT_TRUE(holds(format, "")) << "an optional field left empty has no form to keep";
    }
}

TEST(ApplySchema, takes_no_text_that_the_database_cannot_hold) {
    EXPECT_EQ(error_of(R"({"type":"string"})", R"("a\u0000b")"),
              "f: must not hold a NUL character");
}

TEST(ApplySchema, demands_what_is_required_and_refuses_what_is_unknown) {
    const auto schema = json(R"({"type":"object","required":["a"],"properties":{
        "a":{"type":"string"},
        "in":{"type":"object","required":["b"],"properties":{"b":{"type":"boolean"}}}}})");
    const auto error = [&](const char* config) {
        const auto applied = apply_schema(schema, json(config));
        return applied.has_error() ? applied.error().field + "|" + applied.error().message : "";
    };
    EXPECT_EQ(error(R"({"a":"x"})"), "");
    EXPECT_EQ(error("{}"), "a|a: is required");
    EXPECT_EQ(error(R"({"a":""})"), "a|a: is required");
    EXPECT_EQ(error(R"({"a":"x","in":{}})"), "in.b|in.b: is required");
    EXPECT_EQ(error(R"({"a":"x","in":{"b":false}})"), "");
    EXPECT_EQ(error(R"({"a":"x","c":1})"), "c|c: is not known");
    EXPECT_EQ(error(R"({"a":"x","in":{"b":true,"c":1}})"), "in.c|in.c: is not known");
}

TEST(ApplySchema, fills_in_defaults_also_within_a_default) {
    const auto schema = json(R"({"type":"object","properties":{
        "port":{"type":"integer","default":25},
        "tls":{"type":"object","default":{},"properties":{"on":{"type":"boolean","default":true}}},
        "name":{"type":"string"}}})");
    ASSERT_TRUE(check_schema(schema));
    EXPECT_EQ(apply_schema(schema, Json::object())->dump(), R"({"port":25,"tls":{"on":true}})");
    EXPECT_EQ(apply_schema(schema, json(R"({"port":26,"name":""})"))->dump(),
              R"({"port":26,"tls":{"on":true},"name":""})");
}

TEST(SecretFields, are_found_at_every_depth) {
    const auto schema = json(R"({"type":"object","properties":{
        "key":{"type":"string","secret":true},
        "a/b":{"type":"object","properties":{"pw":{"type":"string","writeOnly":true},
                                             "user":{"type":"string"}}}}})");
    ASSERT_TRUE(check_schema(schema));
    std::vector<std::string> found;
    for (const auto& place : secret_fields(schema)) found.push_back(place.to_string());
    EXPECT_EQ(found, (std::vector<std::string>{"/key", "/a~1b/pw"}));
    ASSERT_NE(schema_field(schema, "key"), nullptr);
    EXPECT_EQ((*schema_field(schema, "key"))["type"], "string");
    EXPECT_EQ(schema_field(schema, "pw"), nullptr);
    EXPECT_EQ(schema_field(json(R"({"type":"object"})"), "key"), nullptr);
}

}  // namespace
}  // namespace rb::plugin
