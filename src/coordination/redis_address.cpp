#include "coordination/redis_address.hpp"

#include <charconv>
#include <optional>

namespace rb::coordination {

namespace {

constexpr int port_max = 65'535;
// Redis' own default has 16; nobody configures more than this.
constexpr int database_max = 10'000;

Error wrong(std::string rule) {
    return invalid_field("redis.url", std::move(rule));
}

std::optional<int> number(std::string_view text, int max) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > max) {
        return std::nullopt;
    }
    return value;
}

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        unsigned value = 0;
        const auto* first = text.data() + i + 1;
        if (i + 2 >= text.size()) return std::nullopt;
        const auto [end, error] = std::from_chars(first, first + 2, value, 16);
        if (error != std::errc() || end != first + 2) return std::nullopt;
        decoded += static_cast<char>(value);
        i += 2;
    }
    return decoded;
}

Result<> read_credentials(std::string_view text, RedisAddress& address) {
    const auto colon = text.find(':');
    const bool has_user = colon != std::string_view::npos;
    const auto user = percent_decoded(has_user ? text.substr(0, colon) : std::string_view());
    const auto password = percent_decoded(has_user ? text.substr(colon + 1) : text);
    if (!user || !password) return wrong("user and password must be percent-encoded");
    address.user = *user;
    address.password = *password;
    return {};
}

Result<> read_host(std::string_view text, RedisAddress& address) {
    std::string_view port;
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string_view::npos) return wrong("the bracket of the host does not close");
        address.host = text.substr(1, close - 1);
        port = text.substr(close + 1);
    } else {
        const auto colon = text.find(':');
        address.host = text.substr(0, colon);
        if (colon != std::string_view::npos) port = text.substr(colon);
    }
    if (address.host.empty()) return wrong("must name a host");
    if (port.empty()) return {};
    const auto value = number(port.substr(1), port_max);
    if (port.front() != ':' || !value || *value == 0) return wrong("the port must be 1 to 65535");
    address.port = *value;
    return {};
}

}  // namespace

Result<RedisAddress> RedisAddress::parse(std::string_view url) {
    constexpr std::string_view scheme = "redis://";
    if (url.starts_with("rediss://")) return wrong("TLS to Redis is not supported; use redis://");
    if (!url.starts_with(scheme)) return wrong("must begin with redis://");
    auto rest = url.substr(scheme.size());

    RedisAddress address;
    const auto slash = rest.find('/');
    if (slash != std::string_view::npos && slash + 1 < rest.size()) {
        const auto database = number(rest.substr(slash + 1), database_max);
        if (!database) return wrong("the database must be a number");
        address.database = *database;
    }
    rest = rest.substr(0, slash);
    if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
        TRY(read_credentials(rest.substr(0, at), address));
        rest = rest.substr(at + 1);
    }
    TRY(read_host(rest, address));
    return address;
}

}  // namespace rb::coordination
