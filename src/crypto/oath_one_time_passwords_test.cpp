#include "crypto/oath_one_time_passwords.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <string>

namespace rb::crypto {
namespace {

using std::chrono::seconds;

// RFC 6238, Appendix B: of SHA-1.
const std::string rfc_secret = "12345678901234567890";

core::Timestamp at(std::int64_t unix_seconds) {
    return core::Timestamp(seconds(unix_seconds));
}

class OneTimePassword : public ::testing::Test {
protected:
    std::optional<std::int64_t> step_of(std::string_view code, std::int64_t unix_seconds) const {
        return passwords_.step_of(rfc_secret, code, at(unix_seconds));
    }

    OathOneTimePasswords passwords_;
};

// The RFC prints eight digits; of six they are the last.
TEST_F(OneTimePassword, is_the_one_of_the_standards_examples) {
    const struct {
        std::int64_t unix_seconds;
        const char* eight_digits;
    } examples[] = {{59, "94287082"},         {1111111109, "07081804"}, {1111111111, "14050471"},
                    {1234567890, "89005924"}, {2000000000, "69279037"}, {20000000000, "65353130"}};
    for (const auto& example : examples) {
        const auto code = std::string(example.eight_digits).substr(2);
        EXPECT_EQ(step_of(code, example.unix_seconds), example.unix_seconds / 30) << code;
        EXPECT_EQ(step_of(example.eight_digits, example.unix_seconds), std::nullopt) << code;
    }
}

TEST_F(OneTimePassword, is_good_one_step_before_and_after_its_own_and_no_longer) {
    const std::int64_t step = 37037036;  // of 1111111109
    const std::int64_t begins = step * 30;
    const std::string code = "081804";
    EXPECT_EQ(step_of(code, begins - 31), std::nullopt);
    EXPECT_EQ(step_of(code, begins - 30), step);
    EXPECT_EQ(step_of(code, begins - 1), step);
    EXPECT_EQ(step_of(code, begins), step);
    EXPECT_EQ(step_of(code, begins + 29), step);
    EXPECT_EQ(step_of(code, begins + 30), step);
    EXPECT_EQ(step_of(code, begins + 59), step);
    EXPECT_EQ(step_of(code, begins + 60), std::nullopt);
    // The last microsecond of the last step, which is no second of it more.
    EXPECT_EQ(passwords_.step_of(rfc_secret, code, at(begins + 60) - std::chrono::microseconds(1)),
              step);
}

TEST_F(OneTimePassword, is_six_ascii_digits) {
    for (const std::string_view code :
         {"", "28708", "2870820", "94287082", " 287082", "287082 ", "287 82", "28708a", "+87082",
          "-87082", "0x2870", "287082\n", "28708\n", "２８７０８２", "٢٨٧٠٨٢", "٢٨٧"}) {
        EXPECT_EQ(step_of(code, 59), std::nullopt) << code;
    }
    EXPECT_EQ(step_of(std::string_view("28708\0", 6), 59), std::nullopt);
    EXPECT_EQ(step_of(std::string_view("287082\0", 7), 59), std::nullopt);
    EXPECT_EQ(step_of(std::string_view("2870829").substr(0, 6), 59), 1);
}

TEST_F(OneTimePassword, is_of_one_secret) {
    EXPECT_EQ(passwords_.step_of("12345678901234567891", "287082", at(59)), std::nullopt);
    EXPECT_EQ(passwords_.step_of("", "287082", at(59)), std::nullopt);
}

// RFC 4226, 5.3, by another library.
std::string code_of(std::string_view secret, std::int64_t step) {
    std::array<unsigned char, 8> counter{};
    for (auto& byte : counter) byte = static_cast<unsigned char>(step >> 8 * (&counter[7] - &byte));
    std::array<unsigned char, 20> mac{};
    unsigned size = 0;
    HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()), counter.data(), counter.size(),
         mac.data(), &size);
    const auto offset = mac[19] & 15U;
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < 4; ++i) number = number << 8 | mac[offset + i];
    const auto digits = std::to_string((number & 0x7FFFFFFFU) % 1'000'000);
    return std::string(6 - digits.size(), '0') + digits;
}

TEST_F(OneTimePassword, is_of_secrets_of_any_bytes_and_length_at_any_time) {
    ASSERT_EQ(code_of(rfc_secret, 1), "287082");
    for (const std::size_t size : {1U, 2U, 10U, 16U, 20U, 32U, 63U, 64U, 65U, 128U, 1000U}) {
        std::string secret(size, '\0');
        for (std::int64_t step = 57'000'000; step < 57'000'100; ++step) {
            // Zeros first, later others in between.
            secret[static_cast<std::size_t>(step) % size] = static_cast<char>(step % 7 * 37);
            const auto code = code_of(secret, step);
            EXPECT_EQ(passwords_.step_of(secret, code, at(step * 30)), step) << size;
            EXPECT_EQ(passwords_.step_of(secret, code, at(step * 30 + 90)), std::nullopt) << size;
        }
    }
}

TEST_F(OneTimePassword, is_nothing_before_its_clock_begins) {
    for (const std::int64_t time : {-1'000'000'000'000L, -31L, -30L, -1L, 0L, 29L}) {
        // 287082 is that of step 1, whose neighbour is step 0.
        EXPECT_EQ(step_of("287082", time), std::nullopt) << time;
    }
    EXPECT_EQ(step_of("287082", 30), 1);
}

// RFC 4648, 10, without the padding.
TEST_F(OneTimePassword, writes_its_secret_in_base32) {
    const std::array<std::pair<const char*, const char*>, 7> examples = {
        {{"", ""},
         {"f", "MY"},
         {"fo", "MZXQ"},
         {"foo", "MZXW6"},
         {"foob", "MZXW6YQ"},
         {"fooba", "MZXW6YTB"},
         {"foobar", "MZXW6YTBOI"}}};
    for (const auto& [bytes, text] : examples) EXPECT_EQ(passwords_.base32(bytes), text);
    EXPECT_EQ(passwords_.base32(rfc_secret), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    EXPECT_EQ(passwords_.base32(std::string_view("\0\xFF\0", 3)), "AD7QA");
}

}  // namespace
}  // namespace rb::crypto
