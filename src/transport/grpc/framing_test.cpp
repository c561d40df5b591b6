#include "transport/grpc/message_reader.hpp"
#include "transport/grpc/status.hpp"
#include "transport/grpc/timeout.hpp"
#include "transport/grpc_web/text_reader.hpp"
#include "transport/grpc_web/trailer_frame.hpp"
#include "transport/limits.hpp"

#include <gtest/gtest.h>

namespace rb::transport {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

const auto two_messages = "\0\0\0\0\3abc\1\0\0\0\2de"s;

TEST(MessageReader, splits_messages_wherever_the_network_cut_them) {
    for (std::size_t piece = 1; piece <= two_messages.size(); ++piece) {
        grpc::MessageReader reader(100);
        std::string seen;
        for (std::size_t i = 0; i < two_messages.size(); i += piece) {
            ASSERT_FALSE(reader.append(two_messages.substr(i, piece)).has_error());
            while (const auto message = reader.next()) {
                seen += (message->compressed ? "c:" : "p:") + std::string(message->bytes) + " ";
            }
        }
        EXPECT_EQ(seen, "p:abc c:de ") << "pieces of " << piece;
        EXPECT_TRUE(reader.at_boundary());
    }
}

TEST(MessageReader, takes_a_message_of_the_limit_and_refuses_one_byte_more_by_its_prefix) {
    grpc::MessageReader at(3);
    EXPECT_FALSE(at.append("\0\0\0\0\3abc"s).has_error());
    EXPECT_EQ(at.next()->bytes, "abc");
    grpc::MessageReader past(3);
    const auto refused = past.append("\0\0\0\0\4"s);
    EXPECT_EQ(refused.error().code, ErrorCode::too_large);
    EXPECT_NE(refused.error().message.find("4 bytes"), std::string::npos);
    grpc::MessageReader far(3);
    EXPECT_EQ(far.append("\0\xff\xff\xff\xff"s).error().code, ErrorCode::too_large);
}

TEST(MessageReader, refuses_unknown_flags_also_on_a_later_message) {
    grpc::MessageReader reader(100);
    EXPECT_EQ(reader.append("\0\0\0\0\1x\2\0\0\0\1y"s).error().code, ErrorCode::invalid_argument);
    grpc::MessageReader trailers(100);
    EXPECT_TRUE(trailers.append("\x80\0\0\0\1x"s).has_error());
}

TEST(MessageReader, knows_an_unfinished_message) {
    grpc::MessageReader reader(100);
    ASSERT_FALSE(reader.append("\0\0\0\0\3ab"s).has_error());
    EXPECT_FALSE(reader.next().has_value());
    EXPECT_FALSE(reader.at_boundary());
}

TEST(AppendPrefix, writes_the_five_bytes) {
    std::string out;
    grpc::append_prefix(grpc::Flags::compressed, 0x01020304, out);
    EXPECT_EQ(out, "\1\1\2\3\4"s);
}

TEST(Timeout, reads_every_unit) {
    EXPECT_EQ(*grpc::parse_timeout("1H"), 1h);
    EXPECT_EQ(*grpc::parse_timeout("2M"), 2min);
    EXPECT_EQ(*grpc::parse_timeout("3S"), 3s);
    EXPECT_EQ(*grpc::parse_timeout("100m"), 100ms);
    EXPECT_EQ(*grpc::parse_timeout("5u"), 5us);
    EXPECT_EQ(*grpc::parse_timeout("99999999n"), 99999999ns);
    EXPECT_GT(*grpc::parse_timeout("99999999H"), 24h * 365);
}

TEST(Timeout, refuses_everything_else) {
    for (const auto* text :
         {"", "1", "S", "1s", "123456789S", "-1S", "+1S", "1.5S", " 1S", "1S "}) {
        EXPECT_EQ(grpc::parse_timeout(text).error().field, "grpc-timeout") << text;
    }
}

TEST(PercentEncode, leaves_printable_ascii_but_the_percent_sign) {
    EXPECT_EQ(grpc::percent_encode("plain, text!"), "plain, text!");
    EXPECT_EQ(grpc::percent_encode("100%"), "100%25");
    EXPECT_EQ(grpc::percent_encode("\xe4\xbd\x99\n"), "%E4%BD%99%0A");
    EXPECT_EQ(grpc::percent_encode(" edge "), "%20edge%20");
}

TEST(Status, never_tells_the_detail_of_an_internal_error) {
    const CallContext call(RequestInfo{});
    HeaderFields fields;
    grpc::append_status(internal_error("password=hunter2"), call, fields);
    EXPECT_EQ(fields.find("grpc-status"), "13");
    EXPECT_EQ(fields.find("grpc-message"), "internal error, request " + call.request_id());
    EXPECT_EQ(fields.find("rb-reason"), "internal");
    for (const auto [name, value] : fields) {
        EXPECT_EQ(value.find("hunter2"), std::string::npos);
    }
}

TEST(Status, cuts_a_message_that_no_head_has_room_for) {
    const auto shown = [](const std::string& message) {
        const CallContext call(RequestInfo{});
        HeaderFields fields;
        grpc::append_status({ErrorCode::not_found, message}, call, fields);
        return std::string(fields.find("grpc-message").value_or(""));
    };
    const std::string at(limits::status_message_bytes_max, 'x');
    EXPECT_EQ(shown(at), at);
    EXPECT_EQ(shown(at + "x"), at + "...");
    // A character of three bytes is nine when it is encoded, and is not cut through.
    std::string text;
    for (std::size_t i = 0; i < limits::status_message_bytes_max / 9; ++i) text += "\xe4\xbd\x99";
    EXPECT_EQ(shown(text), grpc::percent_encode(text));
    EXPECT_EQ(shown(text + "\xe4\xbd\x99"), grpc::percent_encode(text) + "...");
    EXPECT_EQ(shown(std::string(1'000'000, '\x80')), "...");
}

TEST(TextReader, decodes_padded_runs_in_any_pieces) {
    const std::string body =
        "Zm9v"
        "Zg=="
        "YmFy";
    for (std::size_t piece = 1; piece <= body.size(); ++piece) {
        grpc_web::TextReader reader;
        std::string out;
        for (std::size_t i = 0; i < body.size(); i += piece) {
            ASSERT_FALSE(reader.decode(body.substr(i, piece), out).has_error());
        }
        EXPECT_EQ(out, "foofbar");
        EXPECT_TRUE(reader.at_boundary());
    }
}

TEST(TextReader, refuses_other_text_and_knows_a_cut_group) {
    grpc_web::TextReader reader;
    std::string out;
    EXPECT_EQ(reader.decode("Zm9\n", out).error().code, ErrorCode::invalid_argument);
    grpc_web::TextReader cut;
    ASSERT_FALSE(cut.decode("Zm9", out).has_error());
    EXPECT_FALSE(cut.at_boundary());
}

TEST(TrailerFrame, is_these_bytes) {
    HeaderFields trailers;
    trailers.add("grpc-status", "0");
    std::string out;
    grpc_web::append_trailer_frame(trailers, out);
    EXPECT_EQ(out, "\x80\0\0\0\x0fgrpc-status:0\r\n"s);
}

}  // namespace
}  // namespace rb::transport
