// The rules of check_config: what is missing, weak, or at odds with another key.

#include "config/config_file.hpp"
#include "config/ip_network.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace rb::config {

namespace {

// HMAC-SHA256's own strength is 32 bytes (manual 2.3).
constexpr std::size_t secret_bytes_min = 32;
// The bound of identity's own password rule: the first account obeys what it asks of others.
constexpr std::size_t password_bytes_min = 8;

Error rule_broken(std::string sentence) {
    return {ErrorCode::invalid_argument, std::move(sentence)};
}

bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> prefixes) {
    return std::ranges::any_of(prefixes, [&](auto prefix) { return text.starts_with(prefix); });
}

// Each % begins a byte in hexadecimal.
bool has_whole_escapes(std::string_view text) {
    const auto is_hex = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    };
    for (auto at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
        const auto escape = text.substr(at + 1, 2);
        if (escape.size() < 2 || !std::ranges::all_of(escape, is_hex)) return false;
    }
    return true;
}

// "host", "host:5432", "[::1]:5432".
bool is_host_and_port(std::string_view text) {
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string_view::npos) return false;
        text.remove_prefix(close + 1);
        if (!text.empty() && text.front() != ':') return false;
    }
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return has_whole_escapes(text);
    return has_whole_escapes(text.substr(0, colon)) &&
           std::ranges::all_of(text.substr(colon + 1), [](char c) { return c >= '0' && c <= '9'; });
}

// Whether user, password and host stand where a reader of URLs finds them. A password with an @, :
// or / in it as it is would be read as a host or a port, which errors and logs name.
bool is_unambiguous(std::string_view url) {
    auto rest = url.substr(url.find("://") + 3);
    rest = rest.substr(0, rest.find('?'));
    const auto slash = rest.find('/');
    const auto authority = rest.substr(0, slash);
    if (slash != std::string_view::npos && rest.find('@', slash) != std::string_view::npos) {
        return false;
    }
    const auto at = authority.find('@');
    auto hosts = at == std::string_view::npos ? authority : authority.substr(at + 1);
    if (hosts.find('@') != std::string_view::npos) return false;
    if (at != std::string_view::npos && !has_whole_escapes(authority.substr(0, at))) return false;
    while (true) {
        const auto comma = hosts.find(',');
        if (!is_host_and_port(hosts.substr(0, comma))) return false;
        if (comma == std::string_view::npos) return true;
        hosts.remove_prefix(comma + 1);
    }
}

Result<> check_database(const DbConfig& db) {
    if (db.url.empty()) {
        return rule_broken(
            "[db].url is not set: give postgres://user:password@host:5432/rustbill, or "
            "set DATABASE_URL");
    }
    if (!starts_with_any(db.url, {"postgres://", "postgresql://"})) {
        return rule_broken("[db].url must begin with postgres:// or postgresql://");
    }
    if (!is_unambiguous(db.url)) {
        return rule_broken(
            "[db].url cannot be read without doubt: write an @, :, / or % in the user's name or "
            "password as %40, %3A, %2F or %25, and the port as a number");
    }
    if (db.min_connections > db.max_connections) {
        return rule_broken("[db].min_connections must not be above [db].max_connections");
    }
    return {};
}

Result<> check_secret(const std::string& secret, const std::string& key) {
    if (secret == placeholder_secret) {
        return rule_broken(key + " is still \"" + placeholder_secret +
                           "\": put in a random text, as `openssl rand -hex 32` makes one");
    }
    if (secret.size() < secret_bytes_min) {
        return rule_broken(key + " must have at least " + std::to_string(secret_bytes_min) +
                           " characters: it signs what customers are let in by");
    }
    return {};
}

Result<> check_bootstrap(const BootstrapConfig& bootstrap) {
    if (bootstrap.admin_username.empty()) return rule_broken("[bootstrap].admin_username is empty");
    if (bootstrap.admin_password.empty()) {
        return rule_broken(
            "[bootstrap].admin_password is not set: the first administrator needs a password");
    }
    if (bootstrap.admin_password == placeholder_secret ||
        bootstrap.admin_password.size() < password_bytes_min) {
        return rule_broken("[bootstrap].admin_password is too weak: use at least " +
                           std::to_string(password_bytes_min) +
                           " characters that nobody can guess");
    }
    return {};
}

// RFC 6265, 4.1.1: a cookie's name is a token.
bool is_token(std::string_view text) {
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               others.find(c) != std::string_view::npos;
    });
}

Result<> check_session(const SessionConfig& session) {
    if (!is_token(session.cookie_name)) {
        return rule_broken("[session].cookie_name must be letters, digits, - and _ without blanks");
    }
    if (session.cookie_same_site == "None" && !session.cookie_secure) {
        return rule_broken(
            "[session].cookie_same_site = \"None\" needs [session].cookie_secure = true: "
            "browsers drop such a cookie otherwise");
    }
    return {};
}

bool is_origin(std::string_view text) {
    if (!starts_with_any(text, {"http://", "https://"})) return false;
    const auto host = text.substr(text.find("://") + 3);
    return !host.empty() && host.find_first_of("/?# ") == std::string_view::npos;
}

Result<> check_web(const Config& config) {
    if (config.server.host.empty()) return rule_broken("[server].host is empty");
    if (!config.server.public_url.empty() && !is_origin(config.server.public_url)) {
        return rule_broken(
            "[server].public_url must be an origin such as https://shop.example.com, "
            "without a path");
    }
    for (const auto& proxy : config.server.trusted_proxies) {
        if (!IpNetwork::parse(proxy)) {
            return rule_broken("[server].trusted_proxies: \"" + proxy +
                               "\" is not an address or a network such as 10.0.0.0/8");
        }
    }
    for (const auto& origin : config.cors.allowed_origins) {
        if (origin != "*" && !is_origin(origin)) {
            return rule_broken("[cors].allowed_origins: \"" + origin +
                               "\" is not an origin such as https://shop.example.com");
        }
    }
    if (config.redis.enabled && !config.redis.url.starts_with("redis://")) {
        return rule_broken("[redis].url must begin with redis://");
    }
    if (config.plugins.plugins_dir.empty()) return rule_broken("[plugins].plugins_dir is empty");
    return {};
}

}  // namespace

Result<> check_config(const Config& config, Need need) {
    TRY(check_database(config.db));
    if (need == Need::database) return {};
    TRY(check_secret(config.jwt.secret, "[jwt].secret"));
    if (!config.plugins.secret_key.empty()) {
        TRY(check_secret(config.plugins.secret_key, "[plugins].secret_key"));
    }
    TRY(check_bootstrap(config.bootstrap));
    TRY(check_session(config.session));
    return check_web(config);
}

}  // namespace rb::config
