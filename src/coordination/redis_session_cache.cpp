#include "coordination/redis_session_cache.hpp"

#include <charconv>

namespace rb::coordination {

namespace {

constexpr std::string_view revoked_mark = "revoked";

std::string lifetime_ms() {
    return std::to_string(std::chrono::milliseconds(core::limits::session_cache_lifetime).count());
}

std::string micros(core::Timestamp time) {
    return std::to_string(time.time_since_epoch().count());
}

std::optional<core::Timestamp> timestamp_from(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return core::Timestamp(std::chrono::microseconds(value));
}

// The word before the next blank; what follows stays in `rest`.
std::string_view next_word(std::string_view& rest) {
    const auto blank = rest.find(' ');
    const auto word = rest.substr(0, blank);
    rest.remove_prefix(blank == std::string_view::npos ? rest.size() : blank + 1);
    return word;
}

// Nothing for what another version wrote.
std::optional<core::CachedSession> session_from(std::string_view text) {
    const auto id = Uuid::parse(next_word(text));
    const auto user = Uuid::parse(next_word(text));
    const auto last_seen_at = timestamp_from(next_word(text));
    const auto absolute_expires_at = timestamp_from(next_word(text));
    if (id.has_error() || user.has_error() || !last_seen_at || !absolute_expires_at) {
        return std::nullopt;
    }
    return core::CachedSession{.id = core::SessionId(*id),
                               .user = core::UserId(*user),
                               .role = std::string(text),
                               .last_seen_at = *last_seen_at,
                               .absolute_expires_at = *absolute_expires_at};
}

}  // namespace

std::string RedisSessionCache::key_of(const core::Digest& token_hash) const {
    constexpr char digits[] = "0123456789abcdef";
    std::string hex;
    for (const auto byte : token_hash) {
        hex += digits[byte >> 4];
        hex += digits[byte & 15];
    }
    return redis_.key("session", hex);
}

std::optional<core::CachedSession> RedisSessionCache::find(const core::Digest& token_hash) {
    const auto reply = redis_.run({"GET", key_of(token_hash)});
    if (reply.has_error() || !reply->text) return std::nullopt;
    if (*reply->text == revoked_mark) {
        return core::CachedSession{.id = {}, .user = {}, .role = {}, .is_revoked = true};
    }
    return session_from(*reply->text);
}

void RedisSessionCache::remember(const core::Digest& token_hash,
                                 const core::CachedSession& session) {
    const auto text = session.id.to_string() + " " + session.user.to_string() + " " +
                      micros(session.last_seen_at) + " " + micros(session.absolute_expires_at) +
                      " " + session.role;
    // A cache that is away forgets; the client has logged it.
    (void)redis_.run({"SET", key_of(token_hash), text, "NX", "PX", lifetime_ms()});
}

void RedisSessionCache::revoke(const core::Digest& token_hash) {
    (void)redis_.run({"SET", key_of(token_hash), std::string(revoked_mark), "PX", lifetime_ms()});
}

}  // namespace rb::coordination
