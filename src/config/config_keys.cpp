#include "config/config_keys.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace rb::config {

namespace {

constexpr std::array<std::string_view, 3> same_site_words = {"Strict", "Lax", "None"};

// Bounds with a reason:
// a timeout of zero would refuse everything; a day is longer than any of them is meant.
constexpr std::int64_t day_secs = 24L * 60 * 60;
constexpr std::int64_t day_ms = day_secs * 1000;
// The pool's own bound (store_pg/limits.hpp); PostgreSQL rarely allows more.
constexpr std::int64_t connections_max = 1'000;
// More threads than one process profits from.
constexpr std::int64_t threads_max = 10'000;
// Ten years: past it a value is a typing error.
constexpr std::int64_t hours_max = 10L * 365 * 24;

#define RB_SLOT(section, name) [](Config& config) -> Slot { return &config.section.name; }
#define RB_TEXT(section, name)                  \
    Key {                                       \
#section, #name, RB_SLOT(section, name) \
    }
#define RB_INTEGER(section, name, low, high)               \
    Key {                                                  \
#section, #name, RB_SLOT(section, name), low, high \
    }
#define RB_OURS(section, name, low, high)                                         \
    Key {                                                                         \
#section, #name, RB_SLOT(section, name), low, high, {}, Key::Origin::ours \
    }

const std::array keys = {
    RB_TEXT(server, host),
    // 0 takes a free port and says which.
    RB_INTEGER(server, port, 0, 65'535),
    RB_INTEGER(server, max_concurrency, 1, threads_max),
    RB_TEXT(server, notify_email),
    RB_OURS(server, public_url, 0, 0),
    RB_OURS(server, io_threads, 0, 256),
    RB_OURS(server, trusted_proxies, 0, 0),
    RB_OURS(server, drain_timeout_secs, 0, day_secs),

    RB_TEXT(db, url),
    RB_INTEGER(db, max_connections, 1, connections_max),
    RB_INTEGER(db, min_connections, 0, connections_max),
    RB_INTEGER(db, idle_timeout_secs, 1, day_secs),
    RB_INTEGER(db, max_lifetime_secs, 1, 30 * day_secs),
    RB_INTEGER(db, acquire_timeout_secs, 1, day_secs),
    RB_TEXT(db, test_before_acquire),
    RB_OURS(db, statement_timeout_ms, 1, day_ms),
    RB_OURS(db, lock_timeout_ms, 1, day_ms),
    RB_OURS(db, slow_statement_ms, 0, day_ms),

    RB_TEXT(jwt, secret),
    RB_INTEGER(jwt, expiry_hours, 1, hours_max),

    RB_TEXT(session, cookie_name),
    RB_INTEGER(session, idle_timeout_minutes, 1, hours_max * 60),
    RB_INTEGER(session, absolute_timeout_hours, 1, hours_max),
    RB_TEXT(session, cookie_secure),
    Key{"session", "cookie_same_site", RB_SLOT(session, cookie_same_site), 0, 0, same_site_words},

    RB_TEXT(bootstrap, admin_username),
    RB_TEXT(bootstrap, admin_password),

    RB_TEXT(rate_limit, enabled),
    RB_INTEGER(rate_limit, login_per_sec, 1, 1'000'000),
    RB_INTEGER(rate_limit, register_per_sec, 1, 1'000'000),

    RB_TEXT(redis, enabled),
    RB_TEXT(redis, url),
    RB_INTEGER(redis, max_connections, 1, connections_max),
    RB_TEXT(redis, prefix),

    RB_TEXT(plugins, plugins_dir),
    RB_OURS(plugins, secret_key, 0, 0),

    RB_OURS(cors, allowed_origins, 0, 0),

    RB_OURS(workers, event_threads, 1, 256),
};

#undef RB_SLOT
#undef RB_TEXT
#undef RB_INTEGER
#undef RB_OURS

// Levenshtein distance.
std::size_t edits_between(std::string_view left, std::string_view right) {
    std::vector<std::size_t> row(right.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < left.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < right.size(); ++j) {
            const std::size_t replaced = diagonal + (left[i] == right[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, replaced});
        }
    }
    return row[right.size()];
}

class Nearest {
public:
    explicit Nearest(std::string_view wanted) : wanted_(wanted) {}

    void offer(std::string_view name) {
        const auto edits = edits_between(wanted_, name);
        if (edits < best_edits_) {
            best_edits_ = edits;
            best_ = name;
        }
    }
    // A third of the letters may be wrong; with more, the hint would mislead.
    [[nodiscard]] std::string found() const {
        return best_edits_ <= std::max<std::size_t>(2, wanted_.size() / 3) ? std::string(best_)
                                                                           : std::string();
    }

private:
    std::string_view wanted_;
    std::string_view best_;
    std::size_t best_edits_ = std::string_view::npos;
};

}  // namespace

std::string Key::display_name() const {
    return "[" + std::string(section) + "]." + std::string(name);
}

std::span<const Key> all_keys() {
    return keys;
}

const Key* find_key(std::string_view section, std::string_view name) {
    const auto found = std::ranges::find_if(
        keys, [&](const Key& key) { return key.section == section && key.name == name; });
    return found == keys.end() ? nullptr : &*found;
}

bool is_section(std::string_view section) {
    return std::ranges::any_of(keys, [&](const Key& key) { return key.section == section; });
}

std::string nearest_section(std::string_view name) {
    Nearest nearest(name);
    for (const auto& key : keys) nearest.offer(key.section);
    return nearest.found();
}

std::string nearest_key(std::string_view section, std::string_view name) {
    Nearest nearest(name);
    for (const auto& key : keys) {
        if (key.section == section) nearest.offer(key.name);
    }
    return nearest.found();
}

}  // namespace rb::config
