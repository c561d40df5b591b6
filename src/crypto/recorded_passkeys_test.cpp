// What other hands made: the test vectors of Web Authentication Level 3, 16. Of what a registration
// sends, its authenticator data; the numbers are the sections.

#include "crypto/fido_passkey_verifier.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rb::crypto {
namespace {

const std::string site = "example.org";
// SHA-256 of it.
const std::string site_hash = "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b5";

std::string from_hex(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        bytes += static_cast<char>(digits.find(text[i]) << 4 | digits.find(text[i + 1]));
    }
    return bytes;
}

std::string repeated(std::string_view text, int times) {
    std::string all;
    for (; times > 0; --times) all += text;
    return all;
}

struct RecordedAssertion {
    std::string client_data_json;
    std::string authenticator_data;
    std::string signature;

    [[nodiscard]] core::PasskeyAssertionData data() const {
        return {client_data_json, authenticator_data, signature};
    }
};

// 16.7: packed attestation, ES256, the user verified both times.
const std::string registered_16_7 = from_hex(
    site_hash +
    "4d00000000876ca4f52071c3e9b25509ef2cdf7ed60020c9a6f5b3462d02873fea0c56862234f99f081728084e51"
    "1bb7760201a89054a5a50102032620012158201cf27f25da591208a4239c2e324f104f585525479a29edeedd830f"
    "48e77aeae522582059e4b7da6c0106e206ce390c93ab98a15a5ec3887e57f0cc2bece803b920c423");
const RecordedAssertion asserted_16_7{
    R"({"type":"webauthn.get","challenge":"sRBvpGpXvvF4FRHAVX3ImKA0E9Xw8X0kRjDBlMfhrbU",)"
    R"("origin":"https://example.org","crossOrigin":false,"extraData":"clientDataJSON may be )"
    R"(extended with additional fields in the future, such as this: AZMwyMxIbD8-uguFNp6r8Q"})",
    from_hex(site_hash + "0d00000000"),
    from_hex("30450220694969d3ee928de6f02ef23a9c644d7d779916451734a94b432542f498a1ebe90221008b08"
             "19c824218a97152cd099c55bfb1477b29d900a49a64018314f9bfccda163")};

// 16.4: ES256, within a page of another origin.
const std::string registered_16_4 = from_hex(
    site_hash +
    "4500000000883f4f6014f19c09d87aa38123be48d000206e1050c0d2ca2f07c755cb2c66a74c64fa43065c18f938"
    "354d9915db2bd5ce57a501020326200121582022200a473f90b11078851550d03b4e44a2279f8c4eca27b3153ded"
    "fe03e4e97d225820cbd0be95e746ad6f5a8191be11756e4c0420e72f65b466d39bc56b8b123a9c6e");
const RecordedAssertion asserted_16_4{
    R"({"type":"webauthn.get","challenge":"h2qlF7qD_e5l_P_bykyE7q5dVPgEGh_IXJkeW7snMTc",)"
    R"("origin":"https://example.org","crossOrigin":true,"extraData":"clientDataJSON may be )"
    R"(extended with additional fields in the future, such as this: 92pcTVD0Aby-q4dtmj6efg"})",
    from_hex(site_hash + "0500000000"),
    from_hex("3046022100eb12fcf23b12764c0f122e22371fab92e283879fd798f38ee1841c951b6e40e7022100c7"
             "6237ff9db77b3c56f30837cda6a09acfa2e915544e609c0733b1184036d1cf")};

// 16.2: ES256, the user present and not verified.
const std::string registered_16_2 = from_hex(
    site_hash +
    "59000000008446ccb9ab1db374750b2367ff6f3a1f0020f91f391db4c9b2fde0ea70189cba3fb63f579ba6122b33"
    "ad94ff3ec330084be4a5010203262001215820afefa16f97ca9b2d23eb86ccb64098d20db90856062eb249c33a9b"
    "672f26df61225820930a56b87a2fca66334b03458abf879717c12cc68ed73290af2e2664796b9220");
const RecordedAssertion asserted_16_2{
    R"({"type":"webauthn.get","challenge":"OcDnUhQXulTUPo3JUXT0I97pvzzYBP9tZchXyav01Ag",)"
    R"("origin":"https://example.org","crossOrigin":false})",
    from_hex(site_hash + "1900000000"),
    from_hex("3046022100f50a4e2e4409249c4a853ba361282f09841df4dd4547a13a87780218deffcd3802210084"
             "80ac0f0b93538174f575bf11a1dd5d78c6e486013f937295ea13653e331e87")};

// 16.10: RS256 by a modulus of 3482 bits, (2^1279 - 1) (2^2203 - 1).
const std::string registered_16_10 = from_hex(
    site_hash +
    "5d00000000428f8878298b9862a36ad8c7527bfef20020992a18acc83f67533600c1138a4b4c4bd236de13629cf0"
    "25ed17cb00b00b74dfa4010303390100205901b403" +
    repeated("ff", 159) + "f7" + repeated("ff", 115) + "80" + repeated("00", 158) + "012143010001");

void expect_good(const std::string& registered, const RecordedAssertion& asserted) {
    const FidoPasskeyVerifier verifier;
    const auto read = verifier.read_registration(site, registered);
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(read->credential_id, registered.substr(55, 32));
    EXPECT_EQ(read->key.algorithm, core::PasskeyAlgorithm::es256);
    EXPECT_EQ(read->key.public_key, registered.substr(97, 32) + registered.substr(132));
    EXPECT_EQ(read->sign_count, 0U);
    const auto verified = verifier.verify_assertion(read->key, site, asserted.data());
    ASSERT_TRUE(verified.has_value()) << verified.error().detail;
    EXPECT_EQ(*verified, 0U);
    EXPECT_TRUE(verifier.verify_assertion(read->key, "example.com", asserted.data()).has_error());
}

TEST(RecordedPasskeys, are_read_and_verified) {
    expect_good(registered_16_7, asserted_16_7);
    expect_good(registered_16_4, asserted_16_4);
}

TEST(RecordedPasskeys, are_not_mistaken_for_each_other) {
    const FidoPasskeyVerifier verifier;
    const auto key = verifier.read_registration(site, registered_16_7)->key;
    EXPECT_EQ(verifier.verify_assertion(key, site, asserted_16_4.data()).error().code,
              ErrorCode::unauthenticated);
}

TEST(RecordedPasskeys, tell_what_the_browser_was_asked) {
    const FidoPasskeyVerifier verifier;
    const auto read = verifier.read_client_data(asserted_16_7.client_data_json);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->type, "webauthn.get");
    EXPECT_EQ(read->challenge,
              from_hex("b1106fa46a57bef1781511c0557dc898a03413d5f0f17d244630c194c7e1adb5"));
    EXPECT_EQ(read->origin, "https://example.org");
    EXPECT_FALSE(read->is_cross_origin);
    EXPECT_TRUE(verifier.read_client_data(asserted_16_4.client_data_json)->is_cross_origin);
}

TEST(RecordedPasskeys, are_refused_where_the_user_was_not_verified) {
    const FidoPasskeyVerifier verifier;
    EXPECT_EQ(verifier.read_registration(site, registered_16_2).error().message,
              "authenticator_data: the user was not verified");
    // By its key, to whom the flag and nothing else makes the difference.
    const core::PasskeyKey key{core::PasskeyAlgorithm::es256,
                               registered_16_2.substr(97, 32) + registered_16_2.substr(132)};
    EXPECT_EQ(verifier.verify_assertion(key, site, asserted_16_2.data()).error().detail,
              "passkey: the user was not verified");
}

TEST(RecordedPasskeys, are_refused_with_a_modulus_of_another_size) {
    ASSERT_EQ(registered_16_10.size(), 539U);
    const auto read = FidoPasskeyVerifier().read_registration(site, registered_16_10);
    ASSERT_TRUE(read.has_error());
    EXPECT_EQ(read.error().message,
              "authenticator_data: the key must be ES256 on P-256, or RS256 of 2048 bits");
}

}  // namespace
}  // namespace rb::crypto
