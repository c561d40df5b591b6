#include "server/app/foundation.hpp"

#include "store_pg/advisory_lock.hpp"

#include "coordination/memory_rate_limiter.hpp"
#include "coordination/redis_lock.hpp"
#include "coordination/redis_rate_limiter.hpp"
#include "coordination/redis_session_cache.hpp"
#include "system/kill_points.hpp"

#include <chrono>

namespace rb::server {

namespace {

const std::string& secret_key_of(const config::Config& config) {
    return config.plugins.secret_key.empty() ? config.jwt.secret : config.plugins.secret_key;
}

}  // namespace

store_pg::ConnectionOptions connection_options(const config::DbConfig& db, core::Log& log) {
    store_pg::ConnectionOptions options;
    options.url = db.url;
    options.statement_timeout = std::chrono::milliseconds(db.statement_timeout_ms);
    options.lock_timeout = std::chrono::milliseconds(db.lock_timeout_ms);
    options.log = &log;
    options.slow_statement = std::chrono::milliseconds(db.slow_statement_ms);
    return options;
}

Foundation::Foundation(const config::Config& config, core::Log& process_log)
    : log(process_log),
      faults(system::KillPoints::from_environment()),
      digester(config.jwt.secret),
      passwords(random, {.running_max = crypto::default_running_max()}),
      access_tokens(config.jwt.secret),
      secrets(secret_key_of(config), random),
      session_cache(std::make_unique<core::NoSessionCache>()),
      rate_limiter(std::make_unique<coordination::MemoryRateLimiter>()) {}

Result<> Foundation::open_database(const config::DbConfig& db) {
    pool = TRY(
        store_pg::Pool::create({.connection = connection_options(db, log),
                                .max_connections = static_cast<int>(db.max_connections),
                                .min_connections = static_cast<int>(db.min_connections),
                                .idle_timeout = std::chrono::seconds(db.idle_timeout_secs),
                                .max_lifetime = std::chrono::seconds(db.max_lifetime_secs),
                                .acquire_timeout = std::chrono::seconds(db.acquire_timeout_secs),
                                .test_before_acquire = db.test_before_acquire}));
    database = std::make_unique<store_pg::PgDatabase>(*pool, *faults);
    database_locks = std::make_unique<store_pg::PgMutualExclusion>(*pool);
    return {};
}

Result<> Foundation::open_redis(const config::RedisConfig& redis) {
    if (!redis.enabled) return {};
    redis_client = std::make_unique<coordination::RedisClient>(
        coordination::RedisOptions{.address = TRY(coordination::RedisAddress::parse(redis.url)),
                                   .max_connections = static_cast<int>(redis.max_connections),
                                   .prefix = redis.prefix},
        log);
    session_cache = std::make_unique<coordination::RedisSessionCache>(*redis_client);
    rate_limiter = std::make_unique<coordination::RedisRateLimiter>(*redis_client);
    redis_locks = std::make_unique<coordination::RedisMutualExclusion>(*redis_client, random,
                                                                       *database_locks);
    return {};
}

}  // namespace rb::server
