#include "crypto/ctap_cbor.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rb::crypto {
namespace {

using namespace std::string_literals;

// RFC 8949, Appendix A.
TEST(CtapCbor, measures_the_standards_examples) {
    for (const auto& item : {"\0"s,
                             "\x17"s,
                             "\x18\x18"s,
                             "\x19\x03\xE8"s,
                             "\x1A\0\x0F\x42\x40"s,
                             "\x1B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s,
                             "\x20"s,
                             "\x39\x03\xE7"s,
                             "\xF9\x3C\0"s,
                             "\xFB\x3F\xF1\x99\x99\x99\x99\x99\x9A"s,
                             "\xF4"s,
                             "\xF6"s,
                             "\xF8\xFF"s,
                             "\x40"s,
                             "\x44\1\2\3\4"s,
                             "\x60"s,
                             "\x64IETF"s,
                             "\x80"s,
                             "\x83\1\2\3"s,
                             "\x83\1\x82\2\3\x82\4\5"s,
                             "\xA0"s,
                             "\xA2\1\2\3\4"s,
                             "\xA2\x61"s
                             "a\1\x61"s
                             "b\x82\2\3"s}) {
        EXPECT_EQ(ctap_cbor_size(item), item.size());
        EXPECT_EQ(ctap_cbor_size(item + "more"), item.size());
        for (std::size_t size = 0; size < item.size(); ++size) {
            EXPECT_EQ(ctap_cbor_size(std::string_view(item).substr(0, size)), std::nullopt);
        }
    }
}

TEST(CtapCbor, has_no_tags_and_states_every_length) {
    for (const auto& item :
         {"\xC0\x60"s, "\xD8\x20\x60"s, "\x5F\x41\1\xFF"s, "\x7F\x61z\xFF"s, "\x9F\1\xFF"s,
          "\xBF\1\2\xFF"s, "\xFF"s, "\x1C"s, "\x1D"s, "\x1E"s, "\x1F\0"s, "\x81\x9F\xFF"s}) {
        EXPECT_EQ(ctap_cbor_size(item + std::string(16, '\0')), std::nullopt);
    }
}

TEST(CtapCbor, nests_four_deep) {
    EXPECT_EQ(ctap_cbor_size("\x81\x81\x81\x81\1"), 5);
    EXPECT_EQ(ctap_cbor_size("\x81\x81\x81\x81\x80"s), std::nullopt);
    EXPECT_EQ(ctap_cbor_size("\xA1\1\xA1\1\xA1\1\xA1\1\1"), 9);
    EXPECT_EQ(ctap_cbor_size("\xA1\1\xA1\1\xA1\1\xA1\1\xA0"), std::nullopt);
    EXPECT_EQ(ctap_cbor_size(std::string(1'000'000, '\x81')), std::nullopt);
}

TEST(CtapCbor, holds_as_much_as_it_says) {
    const std::string zeros(64, '\0');
    for (const int kind : {2, 3, 4, 5}) {
        const auto head = [&](int information) {
            return std::string(1, static_cast<char>(kind << 5 | information));
        };
        const auto room = kind == 5 ? 32 : 64;
        EXPECT_EQ(ctap_cbor_size(head(24) + static_cast<char>(room) + zeros), 66) << kind;
        EXPECT_EQ(ctap_cbor_size(head(24) + static_cast<char>(room + 1) + zeros), std::nullopt);
        EXPECT_EQ(ctap_cbor_size(head(25) + "\xFF\xFF" + zeros), std::nullopt);
        EXPECT_EQ(ctap_cbor_size(head(26) + "\x7F\xFF\xFF\xFF" + zeros), std::nullopt);
        EXPECT_EQ(ctap_cbor_size(head(27) + "\x80\0\0\0\0\0\0\1"s + zeros), std::nullopt);
        EXPECT_EQ(ctap_cbor_size(head(27) + std::string(8, '\xFF') + zeros), std::nullopt);
    }
}

}  // namespace
}  // namespace rb::crypto
