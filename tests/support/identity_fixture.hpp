// Everything that signing in needs, on a database of one's own: real stores, real digests and
// tokens, bcrypt at its cheapest, and a clock that the test moves.

#pragma once

#include "core/api_key/api_key_service.hpp"
#include "core/identity/authenticator.hpp"
#include "core/identity/registration_service.hpp"
#include "core/identity/sign_in_service.hpp"
#include "core/identity/user_service.hpp"
#include "core/second_factor/second_factor_service.hpp"

#include "crypto/bounded_password_hasher.hpp"
#include "crypto/fido_passkey_verifier.hpp"
#include "crypto/jwt_access_tokens.hpp"
#include "crypto/oath_one_time_passwords.hpp"
#include "crypto/openssl_digester.hpp"
#include "support/fake_directory.hpp"
#include "support/test_database.hpp"
#include "support/twins.hpp"
#include "system/openssl_random.hpp"
#include "system/uuid7_source.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>

namespace rb::test {

// A SessionCache in memory, for the rules of session_cache.hpp. One thread.
class MemorySessionCache final : public core::SessionCache {
public:
    std::optional<core::CachedSession> find(const core::Digest& token_hash) override {
        const auto found = sessions.find(token_hash);
        if (found == sessions.end()) return std::nullopt;
        return found->second;
    }
    void remember(const core::Digest& token_hash, const core::CachedSession& session) override {
        const auto found = sessions.find(token_hash);
        if (found != sessions.end() && found->second.is_revoked) return;
        sessions.insert_or_assign(token_hash, session);
    }
    void revoke(const core::Digest& token_hash) override {
        sessions.insert_or_assign(
            token_hash, core::CachedSession{.id = {}, .user = {}, .role = {}, .is_revoked = true});
    }

    std::map<core::Digest, core::CachedSession> sessions;
};

struct IdentityFixture {
    TestDatabase db;
    FakeClock clock;
    system::OpensslRandom random;
    system::Uuid7Source ids{clock, random};
    crypto::OpensslDigester digester{"a test's own secret"};
    crypto::JwtAccessTokens access_tokens{"0123456789abcdef0123456789abcdef"};
    crypto::BoundedPasswordHasher passwords{
        random, {.cost = crypto::bcrypt_cost_min, .running_max = 4, .waiting_max = 64}};
    MemorySessionCache session_cache;
    FakeDirectory plugins;
    crypto::OathOneTimePasswords one_time_passwords;
    crypto::FidoPasskeyVerifier passkeys;
    LabellingSealer sealer;
    core::SecondFactorGate second_factor_gate{{.one_time_passwords = one_time_passwords,
                                               .passkeys = passkeys,
                                               .sealer = sealer,
                                               .digester = digester}};
    core::SecondFactorService second_factors{{.database = db.database(),
                                              .passwords = passwords,
                                              .one_time_passwords = one_time_passwords,
                                              .passkeys = passkeys,
                                              .sealer = sealer,
                                              .digester = digester,
                                              .session_cache = session_cache,
                                              .clock = clock,
                                              .ids = ids,
                                              .random = random}};

    core::RegistrationService registration{{.database = db.database(),
                                            .passwords = passwords,
                                            .digester = digester,
                                            .plugins = plugins,
                                            .clock = clock,
                                            .ids = ids}};
    core::SignInService sign_ins_with(core::SignInSettings settings) {
        return {{.database = db.database(),
                 .passwords = passwords,
                 .second_factors = second_factor_gate,
                 .access_tokens = access_tokens,
                 .digester = digester,
                 .session_cache = session_cache,
                 .clock = clock,
                 .ids = ids,
                 .random = random},
                std::move(settings)};
    }
    core::SignInService sign_ins = sign_ins_with({});
    core::Authenticator authenticator{{.database = db.database(),
                                       .access_tokens = access_tokens,
                                       .digester = digester,
                                       .session_cache = session_cache,
                                       .clock = clock},
                                      {}};
    core::UserService users{db.database(), passwords, clock, ids};
    core::ApiKeyService api_keys{{.database = db.database(),
                                  .digester = digester,
                                  .clock = clock,
                                  .ids = ids,
                                  .random = random}};

    static constexpr const char* password = "correct horse";

    // A registered customer user.
    core::Profile customer(const std::string& name) {
        auto profile = registration.register_customer(
            {.username = name, .email = name + "@example.com", .password = password}, {});
        EXPECT_TRUE(profile.has_value()) << (profile.has_error() ? profile.error().message : "");
        return *profile;
    }
    core::CustomerSignIn signed_in(const std::string& name, const char* with = password) {
        auto sign_in = sign_ins.sign_in_customer(name, with, {});
        EXPECT_TRUE(sign_in.has_value()) << (sign_in.has_error() ? sign_in.error().message : "");
        return *sign_in;
    }
    core::User admin(const std::string& name, const std::string& role = "admin") {
        auto user = users.create({.username = name,
                                  .password = password,
                                  .role = role,
                                  .email = name + "@staff.example.com"},
                                 core::ActorStamp::command_line());
        EXPECT_TRUE(user.has_value()) << (user.has_error() ? user.error().message : "");
        return *user;
    }
    core::AdminSignIn admin_signed_in(const std::string& name) {
        auto sign_in = sign_ins.sign_in_admin(name, password, {});
        EXPECT_TRUE(sign_in.has_value()) << (sign_in.has_error() ? sign_in.error().message : "");
        return *sign_in;
    }
    // The actor behind a fresh sign-in.
    core::Actor customer_actor(const std::string& name, const char* with = password) {
        return *authenticator.by_access_token(signed_in(name, with).access_token, {});
    }
    core::Actor admin_actor(const std::string& name) {
        return *authenticator.by_session(admin_signed_in(name).session_token, {});
    }
};

}  // namespace rb::test
