// Config: everything an operator may set (operations manual, 2 and 10; docs/operations.md for the
// keys that are ours). Plain values, made once at start and never changed; config_file.hpp fills
// them.
//
// Defaults stand here and nowhere else. Ranges and allowed words stand in config_keys.cpp.

#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace rb::config {

// The secret that config files in circulation carry; it must never sign a token.
inline constexpr const char* placeholder_secret = "change-me-in-production";

struct ServerConfig {
    std::string host = "127.0.0.1";
    std::int64_t port = 50051;
    std::int64_t max_concurrency = 30;
    std::string notify_email;

    // Ours. The origin customers and gateways reach us by; callbacks are
    // <public_url>/payment/callback/<id>. Empty means http://<host>:<port>, which only a
    // machine-local gateway can call.
    std::string public_url;
    // 0: one per four cores, at least one.
    std::int64_t io_threads = 0;
    // Addresses or networks whose X-Forwarded-For is believed.
    std::vector<std::string> trusted_proxies = {"127.0.0.0/8", "::1/128"};
    std::int64_t drain_timeout_secs = 30;
};

struct DbConfig {
    std::string url;
    std::int64_t max_connections = 20;
    std::int64_t min_connections = 2;
    std::int64_t idle_timeout_secs = 300;
    std::int64_t max_lifetime_secs = 1800;
    std::int64_t acquire_timeout_secs = 5;
    bool test_before_acquire = true;

    // Ours.
    std::int64_t statement_timeout_ms = 15'000;
    std::int64_t lock_timeout_ms = 5'000;
    std::int64_t slow_statement_ms = 500;
};

struct JwtConfig {
    std::string secret;
    std::int64_t expiry_hours = 24;
};

struct SessionConfig {
    std::string cookie_name = "rustbill_session";
    std::int64_t idle_timeout_minutes = 1440;
    std::int64_t absolute_timeout_hours = 168;
    bool cookie_secure = false;
    std::string cookie_same_site = "Lax";
};

struct BootstrapConfig {
    std::string admin_username = "admin";
    std::string admin_password;
};

struct RateLimitConfig {
    bool enabled = true;
    std::int64_t login_per_sec = 5;
    std::int64_t register_per_sec = 1;
};

struct RedisConfig {
    bool enabled = false;
    std::string url = "redis://127.0.0.1:6379";
    std::int64_t max_connections = 10;
    std::string prefix = "rustbill";
};

struct PluginsConfig {
    std::string plugins_dir = "./plugins";

    // Ours. Encrypts the secrets in plugin configurations; empty derives a key from jwt.secret.
    std::string secret_key;
};

// Ours as a whole: the manual asks for allowed_origins (11) without naming a section.
struct CorsConfig {
    // Empty: any origin, without credentials.
    std::vector<std::string> allowed_origins;
};

// Ours as a whole.
struct WorkersConfig {
    std::int64_t event_threads = 2;
};

// From OpenTelemetry's environment variables (telemetry_environment.hpp), not from the file.
struct TelemetryConfig {
    // The whole URL metrics are posted to; empty: nothing is exported.
    std::string metrics_endpoint;
    std::vector<std::pair<std::string, std::string>> headers;
    std::int64_t interval_ms = 60'000;
    std::int64_t timeout_ms = 10'000;
    std::string service_name = "rustbill-server";
};

struct Config {
    ServerConfig server = {};
    DbConfig db = {};
    JwtConfig jwt = {};
    SessionConfig session = {};
    BootstrapConfig bootstrap = {};
    RateLimitConfig rate_limit = {};
    RedisConfig redis = {};
    PluginsConfig plugins = {};
    CorsConfig cors = {};
    WorkersConfig workers = {};
    TelemetryConfig telemetry = {};
};

}  // namespace rb::config
