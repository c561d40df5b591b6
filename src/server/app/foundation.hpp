// Foundation: what everything else stands on: time, randomness, ids, the database, cryptography.

#pragma once

#include "base/result.hpp"

#include "core/identity/session_cache.hpp"
#include "core/ids.hpp"
#include "core/ports/fault_point.hpp"
#include "core/ports/log.hpp"
#include "core/ports/mutual_exclusion.hpp"
#include "core/rate_limit/rate_limiter.hpp"

#include "plugin/secret_box.hpp"
#include "store_pg/pg_database.hpp"
#include "store_pg/pool.hpp"

#include "config/config.hpp"
#include "coordination/redis_client.hpp"
#include "crypto/bounded_password_hasher.hpp"
#include "crypto/fido_passkey_verifier.hpp"
#include "crypto/jwt_access_tokens.hpp"
#include "crypto/oath_one_time_passwords.hpp"
#include "crypto/openssl_digester.hpp"
#include "system/openssl_random.hpp"
#include "system/system_clock.hpp"
#include "system/uuid7_source.hpp"

#include <memory>

namespace rb::server {

// How this server's connections are made: the pool's, the listeners' and the migrations'.
store_pg::ConnectionOptions connection_options(const config::DbConfig& db, core::Log& log);

// Members stand in the order they need one another.
struct Foundation {
    Foundation(const config::Config& config, core::Log& log);

    // Connects; nothing of the database may be used before.
    // ERRORS: as store_pg::Pool::create
    Result<> open_database(const config::DbConfig& db);
    // Shares sessions, rate limits and locks with the other servers through Redis, if the
    // configuration says so. That Redis does not answer is no error: it is asked again and again,
    // and meanwhile this server counts alone and takes locks through the database.
    // REQUIRES: the database is open
    // ERRORS: invalid_argument  redis.url
    Result<> open_redis(const config::RedisConfig& redis);

    core::Log& log;
    system::SystemClock clock;
    system::OpensslRandom random;
    system::Uuid7Source ids{clock, random};
    // Who this process is, among the servers on one database.
    const core::NodeId node = ids.next_id<core::NodeId>();
    const std::unique_ptr<core::FaultPoint> faults;

    std::unique_ptr<store_pg::Pool> pool;
    std::unique_ptr<store_pg::PgDatabase> database;

    crypto::OpensslDigester digester;
    crypto::BoundedPasswordHasher passwords;
    crypto::JwtAccessTokens access_tokens;
    crypto::OathOneTimePasswords one_time_passwords;
    crypto::FidoPasskeyVerifier passkeys;
    // Under [plugins].secret_key, else [jwt].secret.
    plugin::SecretBox secrets;
    // Null without Redis.
    std::unique_ptr<coordination::RedisClient> redis_client;
    std::unique_ptr<core::SessionCache> session_cache;
    std::unique_ptr<core::RateLimiter> rate_limiter;
    // PostgreSQL's; behind Redis' where there is one. Null until the database is open.
    std::unique_ptr<core::MutualExclusion> database_locks;
    std::unique_ptr<core::MutualExclusion> redis_locks;
    [[nodiscard]] core::MutualExclusion& locks() {
        return redis_locks ? *redis_locks : *database_locks;
    }
};

}  // namespace rb::server
