#include "crypto/fido_passkey_verifier.hpp"

#include "support/software_passkey.hpp"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <sys/resource.h>

#include <thread>
#include <vector>

namespace rb::crypto {
namespace {

using namespace std::string_literals;
using core::PasskeyAlgorithm;
using test::PasskeyManners;
using test::SoftwarePasskey;

const std::string shop = "shop.example.com";
const std::string page = "https://shop.example.com";
const std::string asked = "a challenge of \0 bytes"s;

// Where things stand in the registrations that SoftwarePasskey makes.
constexpr std::size_t flags_at = 32;
constexpr std::size_t id_size_at = 53;
constexpr std::size_t key_at = 87;

long most_memory_mb() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    return used.ru_maxrss / 1024;
}

std::string with(std::string bytes, std::size_t index, char byte) {
    bytes.at(index) = byte;
    return bytes;
}

class PasskeyVerifier : public ::testing::TestWithParam<PasskeyAlgorithm> {
protected:
    // One for all of an algorithm: making an RSA key takes longer than the tests.
    static SoftwarePasskey& passkey() {
        static SoftwarePasskey es256(PasskeyAlgorithm::es256);
        static SoftwarePasskey rs256(PasskeyAlgorithm::rs256);
        return GetParam() == PasskeyAlgorithm::es256 ? es256 : rs256;
    }

    std::string registered(const PasskeyManners& manners = {}) {
        return passkey().registration(shop, page, asked, manners).authenticator_data;
    }

    test::PasskeyAssertionMade asserted(const PasskeyManners& manners = {}) {
        static_cast<void>(registered());
        return passkey().assertion(page, asked, manners);
    }

    void expect_refused(const std::string& authenticator_data, const std::string& why = "") {
        const auto read = verifier_.read_registration(shop, authenticator_data);
        ASSERT_TRUE(read.has_error()) << why;
        EXPECT_EQ(read.error().code, ErrorCode::invalid_argument);
        EXPECT_EQ(read.error().field, "authenticator_data");
        EXPECT_NE(read.error().message.find(why), std::string::npos) << read.error().message;
    }

    void expect_unauthenticated(const core::PasskeyKey& key, const test::PasskeyAssertionMade& made,
                                const std::string& relying_party = shop) {
        const auto verified = verifier_.verify_assertion(key, relying_party, made.data());
        ASSERT_TRUE(verified.has_error());
        EXPECT_EQ(verified.error().code, ErrorCode::unauthenticated);
    }

    FidoPasskeyVerifier verifier_;
};

INSTANTIATE_TEST_SUITE_P(Of, PasskeyVerifier,
                         ::testing::Values(PasskeyAlgorithm::es256, PasskeyAlgorithm::rs256),
                         [](const auto& info) {
                             return info.param == PasskeyAlgorithm::es256 ? "es256" : "rs256";
                         });

TEST_P(PasskeyVerifier, reads_the_credential_of_a_registration) {
    const auto read = verifier_.read_registration(shop, registered({.sign_count = 0x01020304}));
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(read->credential_id, passkey().credential_id());
    EXPECT_EQ(read->key.algorithm, GetParam());
    EXPECT_EQ(read->key.public_key, passkey().key().public_key);
    EXPECT_EQ(read->sign_count, 0x01020304U);
}

TEST_P(PasskeyVerifier, reads_extensions_over) {
    // {"credProtect": 2}, and one that nobody knows: {"new": {"of": [true, 1.5]}}.
    for (const auto& extensions : {"\xA0"s,
                                   "\xA1\x6B"s
                                   "credProtect\2"s,
                                   "\xA1\x63"s
                                   "new\xA1\x62"s
                                   "of\x82\xF5\xF9\x3E\0"s}) {
        EXPECT_TRUE(
            verifier_.read_registration(shop, registered({.extensions = extensions})).has_value());
        const auto made = asserted({.extensions = extensions});
        EXPECT_TRUE(verifier_.verify_assertion(passkey().key(), shop, made.data()).has_value());
    }
    for (const auto& extensions : {"\x80"s, "\xA1"s, "\xA0\xA0"s, "\xBF\xFF"s, "\xA1\1\xC0\1"s,
                                   "\xA1\x61"s
                                   "a\x81\x81\x81\x80"s,
                                   "\xF6"s}) {
        expect_refused(registered({.extensions = extensions}), "holds no credential");
        expect_unauthenticated(passkey().key(), asserted({.extensions = extensions}));
    }
}

TEST_P(PasskeyVerifier, refuses_a_registration_for_another_site) {
    expect_refused(registered({.relying_party = "other.example.com"}), "another site");
    const auto data = registered();
    for (const auto& other : {""s, "example.com"s, "shop.example.co"s, shop + '\0', shop + ' '}) {
        EXPECT_TRUE(verifier_.read_registration(other, data).has_error()) << other;
    }
}

TEST_P(PasskeyVerifier, refuses_a_registration_without_a_verified_user) {
    expect_refused(registered({.is_user_present = false}), "not present");
    expect_refused(registered({.is_user_verified = false}), "not verified");
}

TEST_P(PasskeyVerifier, refuses_a_registration_without_exactly_one_credential) {
    const auto data = registered();
    const auto flags = data[flags_at];
    const auto head = data.substr(0, 37);
    expect_refused(with(data, flags_at, static_cast<char>(flags & ~64)), "holds no credential");
    expect_refused(head, "holds no credential");
    expect_refused(data + '\0', "holds no credential");
    expect_refused(data + "\xA0", "holds no credential");
    expect_refused(with(data, flags_at, static_cast<char>(flags | 128)), "holds no credential");
    expect_refused("", "too short");
}

TEST_P(PasskeyVerifier, takes_ids_of_1_to_1023_bytes) {
    const auto data = registered();
    for (const int size : {0, 1, 1023, 1024, 65535}) {
        const auto said = std::string() + static_cast<char>(size >> 8) + static_cast<char>(size);
        const std::string id(static_cast<std::size_t>(size), 'i');
        const auto read = verifier_.read_registration(
            shop, data.substr(0, id_size_at) + said + id + passkey().cose_key());
        ASSERT_EQ(read.has_value(), size == 1 || size == 1023) << size;
        EXPECT_TRUE(read.has_error() || read->credential_id == id) << size;
    }
}

TEST_P(PasskeyVerifier, refuses_every_beginning_of_a_registration) {
    const auto data = registered({.extensions = "\xA1\x6B"s
                                                "credProtect\2"s});
    ASSERT_TRUE(verifier_.read_registration(shop, data).has_value());
    for (std::size_t size = 0; size < data.size(); ++size) expect_refused(data.substr(0, size));
}

// Attestation is not asked for, so nothing guards these bytes; what is read is what stands there.
TEST_P(PasskeyVerifier, reads_what_stands_in_a_registration_with_any_bit_flipped) {
    const auto data = registered();
    int read_all_the_same = 0;
    for (std::size_t bit = 0; bit < 8 * data.size(); ++bit) {
        const auto index = bit / 8;
        const auto flipped = with(data, index, static_cast<char>(data[index] ^ (1 << bit % 8)));
        const auto read = verifier_.read_registration(shop, flipped);
        if (read.has_error()) continue;
        ++read_all_the_same;
        EXPECT_GE(index, flags_at);
        EXPECT_EQ(read->credential_id, flipped.substr(id_size_at + 2, 32)) << index;
        EXPECT_EQ(test::sha256_of(shop), flipped.substr(0, 32));
        if (index < key_at) {
            EXPECT_EQ(read->key.public_key, passkey().key().public_key);
        } else {
            // A point with a flipped bit is on no curve; a modulus may be any odd number.
            ASSERT_EQ(GetParam(), PasskeyAlgorithm::rs256) << index;
            EXPECT_NE(read->key.public_key, passkey().key().public_key);
            EXPECT_NE(flipped.find(read->key.public_key.substr(0, 256)), std::string::npos);
            EXPECT_TRUE(flipped.ends_with(read->key.public_key.substr(256)));
        }
    }
    // 4 flags that say nothing to us, the counter, the model, the id, and of RSA the modulus but
    // for its first and last bit, and of its exponent, 65537, all but these two.
    const int of_rsa = 2046 + 22;
    EXPECT_EQ(read_all_the_same,
              4 + 8 * (4 + 16 + 32) + (GetParam() == PasskeyAlgorithm::rs256 ? of_rsa : 0));
}

TEST_P(PasskeyVerifier, verifies_an_assertion_and_gives_its_counter) {
    const auto made = asserted({.sign_count = 0xFFFFFFFE});
    const auto verified = verifier_.verify_assertion(passkey().key(), shop, made.data());
    ASSERT_TRUE(verified.has_value()) << verified.error().detail;
    EXPECT_EQ(*verified, 0xFFFFFFFEU);
}

TEST_P(PasskeyVerifier, verifies_by_the_key_that_it_read) {
    const auto read = verifier_.read_registration(shop, registered());
    ASSERT_TRUE(read.has_value());
    EXPECT_TRUE(verifier_.verify_assertion(read->key, shop, asserted().data()).has_value());
}

TEST_P(PasskeyVerifier, refuses_an_assertion_with_one_thing_wrong) {
    const auto key = passkey().key();
    expect_unauthenticated(key, asserted({.is_user_present = false}));
    expect_unauthenticated(key, asserted({.is_user_verified = false}));
    expect_unauthenticated(key, asserted({.relying_party = "other.example.com"}));
    expect_unauthenticated(key, asserted({.spoils_signature = true}));
    expect_unauthenticated(key, asserted(), "other.example.com");
    expect_unauthenticated(key, asserted(), shop + '\0');

    auto made = asserted();
    made.signature = passkey().sign(made.authenticator_data);
    expect_unauthenticated(key, made);
    made.signature.clear();
    expect_unauthenticated(key, made);
    made.signature = std::string(100'000, '\x30');
    expect_unauthenticated(key, made);
    made.signature = std::string(256, '\0');
    expect_unauthenticated(key, made);
}

TEST_P(PasskeyVerifier, refuses_an_assertion_by_any_other_key) {
    const auto made = asserted();
    const auto key = passkey().key();
    const SoftwarePasskey other(GetParam());
    expect_unauthenticated(other.key(), made);

    for (const auto& bytes :
         {""s, key.public_key.substr(1), key.public_key + '\0', '\4' + key.public_key,
          std::string(64, '\0'), std::string(259, '\0'), std::string(64, '\xFF'),
          std::string(259, '\xFF'), std::string(100'000, 'k')}) {
        expect_unauthenticated({key.algorithm, bytes}, made);
    }
    for (const int algorithm : {-7, -257, 0, -8, 5}) {
        if (algorithm == static_cast<int>(key.algorithm)) continue;
        expect_unauthenticated({static_cast<PasskeyAlgorithm>(algorithm), key.public_key}, made);
    }
}

TEST_P(PasskeyVerifier, refuses_every_beginning_of_an_assertion) {
    const auto made = asserted({.extensions = "\xA0"s});
    ASSERT_TRUE(verifier_.verify_assertion(passkey().key(), shop, made.data()).has_value());
    for (auto part : {&test::PasskeyAssertionMade::client_data_json,
                      &test::PasskeyAssertionMade::authenticator_data,
                      &test::PasskeyAssertionMade::signature}) {
        for (std::size_t size = 0; size < (made.*part).size(); ++size) {
            auto cut = made;
            (cut.*part).resize(size);
            expect_unauthenticated(passkey().key(), cut);
        }
        auto longer = made;
        (longer.*part) += '\0';
        expect_unauthenticated(passkey().key(), longer);
    }
}

TEST_P(PasskeyVerifier, refuses_an_assertion_with_any_bit_flipped) {
    const auto made = asserted();
    for (auto part : {&test::PasskeyAssertionMade::client_data_json,
                      &test::PasskeyAssertionMade::authenticator_data,
                      &test::PasskeyAssertionMade::signature}) {
        for (std::size_t bit = 0; bit < 8 * (made.*part).size(); ++bit) {
            auto flipped = made;
            auto& byte = (flipped.*part)[bit / 8];
            byte = static_cast<char>(byte ^ (1 << bit % 8));
            expect_unauthenticated(passkey().key(), flipped);
        }
    }
}

// As Touch ID does.
TEST_P(PasskeyVerifier, verifies_an_assertion_that_repeats_its_credential) {
    auto made = asserted();
    made.authenticator_data = registered({.sign_count = 7});
    made.signature =
        passkey().sign(made.authenticator_data + test::sha256_of(made.client_data_json));
    const auto verified = verifier_.verify_assertion(passkey().key(), shop, made.data());
    ASSERT_TRUE(verified.has_value()) << verified.error().detail;
    EXPECT_EQ(*verified, 7U);
}

TEST_P(PasskeyVerifier, serves_several_threads) {
    const auto data = registered();
    const auto made = asserted();
    const auto spoilt = asserted({.spoils_signature = true});
    const auto key = passkey().key();
    std::vector<int> right(4);
    std::vector<std::thread> threads;
    for (auto& count : right) {
        threads.emplace_back([&] {
            for (int round = 0; round < 20; ++round) {
                if (verifier_.read_registration(shop, data).has_value()) ++count;
                if (verifier_.verify_assertion(key, shop, made.data()).has_value()) ++count;
                if (verifier_.verify_assertion(key, shop, spoilt.data()).has_error()) ++count;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    for (const int count : right) EXPECT_EQ(count, 60);
}

// The next TLS connection on this thread would take it for its own.
TEST_P(PasskeyVerifier, leaves_no_error_behind_in_openssl) {
    auto broken = registered();
    broken[key_at + 20] = static_cast<char>(broken[key_at + 20] ^ 1);
    ERR_clear_error();
    static_cast<void>(verifier_.read_registration(shop, broken));
    EXPECT_EQ(ERR_peek_error(), 0U);
    auto made = asserted();
    made.signature = "\x30\x06\2\1\1\2\1\1";
    expect_unauthenticated(passkey().key(), made);
    EXPECT_EQ(ERR_peek_error(), 0U);
}

// The decoder behind libfido2 makes room for as many items as an array says it has.
TEST_P(PasskeyVerifier, takes_no_memory_for_what_is_only_announced) {
    const auto data = registered();
    const auto before = most_memory_mb();
    for (const auto& announced :
         {"\x9A\4\0\0\0"s, "\x9B\0\0\0\0\4\0\0\0"s, "\xBA\4\0\0\0"s, "\x5A\4\0\0\0"s,
          "\x81\x9A\4\0\0\0"s, "\xA1\1\x9A\4\0\0\0"s, "\xC0\x9A\4\0\0\0"s, "\x9F\x9A\4\0\0\0"s}) {
        expect_refused(data.substr(0, key_at) + announced, "holds no credential");
        expect_refused(registered({.extensions = announced}), "holds no credential");
        expect_unauthenticated(passkey().key(), asserted({.extensions = announced}));
        // Behind a credential, where an assertion with extensions has them.
        auto made = asserted();
        made.authenticator_data = with(data, flags_at, '\xC5').substr(0, 37) + announced;
        expect_unauthenticated(passkey().key(), made);
    }
    EXPECT_LT(most_memory_mb() - before, 32);
}

// A key of the right form in data that is right but for it.
class PasskeyKeys : public ::testing::Test {
protected:
    bool takes(const std::string& cose_key) {
        const auto data =
            es256_.registration(shop, page, asked).authenticator_data.substr(0, key_at) + cose_key;
        return verifier_.read_registration(shop, data).has_value();
    }

    FidoPasskeyVerifier verifier_;
    SoftwarePasskey es256_{PasskeyAlgorithm::es256};
};

TEST_F(PasskeyKeys, are_points_of_p256) {
    const auto good = es256_.cose_key();
    ASSERT_TRUE(takes(good));
    // {1: kty, 3: alg, -1: crv, …}
    EXPECT_FALSE(takes(with(good, 2, '\3')));                              // kty: RSA
    EXPECT_FALSE(takes(with(good, 4, '\x27')));                            // alg: EdDSA
    EXPECT_FALSE(takes(with(good, 6, '\2')));                              // crv: P-384
    EXPECT_FALSE(takes(with(good, 10, static_cast<char>(good[10] ^ 1))));  // on no curve
    EXPECT_FALSE(takes("\xA4" + good.substr(1, 41)));                      // no y
    EXPECT_FALSE(takes("\xA3" + good.substr(1, 6)));                       // no point at all
    EXPECT_FALSE(takes(good.substr(0, 10) + std::string(32, '\0') + "\x22\x58\x20" +
                       std::string(32, '\0')));  // the point at infinity
    EXPECT_FALSE(takes("\xA0"));
    EXPECT_FALSE(takes("\x80"));
    EXPECT_FALSE(takes("\xA5\x03\x26\x01\x02" + good.substr(5)));  // not in order
}

TEST_F(PasskeyKeys, are_moduli_of_2048_bits) {
    // {1: 3, 3: -257, -1: the modulus, -2: 65537}
    for (const std::size_t size : {0U, 128U, 255U, 256U, 257U, 384U, 512U}) {
        const auto said =
            std::string("\x59") + static_cast<char>(size >> 8) + static_cast<char>(size);
        EXPECT_EQ(
            takes("\xA4\1\3\3\x39\1\0\x20"s + said + std::string(size, '\xC1') + "\x21\x43\1\0\1"s),
            size == 256)
            << size;
    }
    const auto good = SoftwarePasskey(PasskeyAlgorithm::rs256).cose_key();
    const auto last = good.size() - 1;
    ASSERT_TRUE(takes(good));
    EXPECT_FALSE(takes(with(good, 2, '\2')));                                 // kty: EC2
    EXPECT_FALSE(takes(with(good, 6, '\2')));                                 // alg: RS512
    EXPECT_FALSE(takes(with(good, 11, static_cast<char>(good[11] & 0x7F))));  // of 2047 bits
    EXPECT_FALSE(takes(with(good, last - 4, static_cast<char>(good[last - 4] & 0xFE))));
    EXPECT_FALSE(takes(with(good, last - 2, '\0')));  // exponent 1: everybody signs
    EXPECT_FALSE(takes(with(good, last, '\0')));      // exponent 65536
    EXPECT_TRUE(takes(with(with(good, last, '\3'), last - 2, '\0')));
}

class PasskeyClientData : public ::testing::Test {
protected:
    Result<core::PasskeyClientData> read(std::string_view text) {
        return verifier_.read_client_data(text);
    }

    FidoPasskeyVerifier verifier_;
};

TEST_F(PasskeyClientData, is_what_the_browser_says_it_was_asked) {
    SoftwarePasskey passkey;
    const auto made = passkey.registration(shop, page, asked);
    const auto data = read(made.client_data_json);
    ASSERT_TRUE(data.has_value());
    EXPECT_EQ(data->type, "webauthn.create");
    EXPECT_EQ(data->challenge, asked);
    EXPECT_EQ(data->origin, page);
    EXPECT_FALSE(data->is_cross_origin);

    const auto assertion =
        passkey.assertion("http://localhost:50051", "", {.is_cross_origin = true});
    const auto other = read(assertion.client_data_json);
    ASSERT_TRUE(other.has_value());
    EXPECT_EQ(other->type, "webauthn.get");
    EXPECT_EQ(other->challenge, "");
    EXPECT_EQ(other->origin, "http://localhost:50051");
    EXPECT_TRUE(other->is_cross_origin);

    const auto older =
        passkey.assertion(page, asked, {.type = "payment.get", .is_cross_origin = {}});
    ASSERT_TRUE(read(older.client_data_json).has_value());
    EXPECT_FALSE(read(older.client_data_json)->is_cross_origin);
    EXPECT_EQ(read(older.client_data_json)->type, "payment.get");
}

TEST_F(PasskeyClientData, may_hold_more_than_we_read) {
    for (const std::string_view text : {
             R"({"origin":"o","challenge":"YQ","type":"t"})",
             " {\n\"type\" : \"t\", \"challenge\": \"YQ\", \"origin\": \"o\" }\n",
             R"({"type":"t","challenge":"YQ","origin":"o","tokenBinding":{"status":"supported"}})",
             R"({"type":"t","challenge":"YQ","origin":"o","topOrigin":"https://a.example"})",
             R"({"type":"\u0074","challenge":"YQ","origin":"o","new":[[[[[[1e3]]]]]]})",
         }) {
        const auto data = read(text);
        ASSERT_TRUE(data.has_value()) << text;
        EXPECT_EQ(data->type, "t");
        EXPECT_EQ(data->challenge, "a");
        EXPECT_EQ(data->origin, "o");
    }
}

TEST_F(PasskeyClientData, is_refused_when_it_is_anything_else) {
    const std::string good = R"({"type":"t","challenge":"YQ","origin":"o"})";
    const auto beginning = good.substr(0, good.size() - 1);
    ASSERT_TRUE(read(good).has_value());
    for (const auto& text :
         {"null"s,
          "[]"s,
          "{}"s,
          "\"\""s,
          "1"s,
          "[" + good + "]",
          good + good,
          good + ",",
          good + '\0',
          good + "\0}"s,
          '\0' + good,
          beginning + ",}",
          beginning + ",\"a\":\"\xFF\"}",
          beginning + R"(,"a":"\ud800"})",
          beginning + R"(,"a":1e999})",
          beginning + R"(,"a":01})",
          beginning + "/**/}",
          beginning + ",'a':1}",
          R"({"challenge":"YQ","origin":"o"})"s,
          R"({"type":"t","origin":"o"})"s,
          R"({"type":"t","challenge":"YQ"})"s,
          R"({"type":1,"challenge":"YQ","origin":"o"})"s,
          R"({"type":"t","challenge":null,"origin":"o"})"s,
          R"({"type":"t","challenge":"YQ","origin":["o"]})"s,
          R"({"type":"t","challenge":"YQ==","origin":"o"})"s,
          R"({"type":"t","challenge":"YR","origin":"o"})"s,
          R"({"type":"t","challenge":"+/+/","origin":"o"})"s,
          R"({"type":"t","challenge":"Y","origin":"o"})"s,
          R"({"Type":"t","challenge":"YQ","origin":"o"})"s,
          beginning + R"(,"crossOrigin":"true"})",
          beginning + R"(,"crossOrigin":1})",
          beginning + R"(,"crossOrigin":null})",
          beginning + R"(,"a":)" + std::string(200'000, '[') + std::string(200'000, ']') + "}",
          std::string(200'000, '['),
          std::string(200'000, '{'),
          std::string(200'000, '\xFF')}) {
        const auto data = read(text);
        ASSERT_TRUE(data.has_error()) << text.substr(0, 200);
        EXPECT_EQ(data.error().code, ErrorCode::invalid_argument);
        EXPECT_EQ(data.error().field, "client_data_json");
    }
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_TRUE(read(std::string_view(good).substr(0, size)).has_error()) << size;
    }
}

}  // namespace
}  // namespace rb::crypto
