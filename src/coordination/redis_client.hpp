// A pool of connections to one Redis, which may be away.
//
// Thread-safe. Redis is a help, never a need: a call fails fast (redis_timeout), and after a
// failure all calls fail at once for redis_retry_interval. The log hears WARN when Redis goes away
// and INFO when it is back, once each.

#pragma once

#include "base/result.hpp"

#include "core/ports/log.hpp"

#include "coordination/redis_connection.hpp"

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <vector>

namespace rb::coordination {

struct RedisOptions {
    RedisAddress address = {};
    // More calls at once than this are answered as if Redis were away.
    int max_connections = 10;
    // Before every key, with a colon.
    std::string prefix = "rustbill";
};

class RedisClient {
public:
    // REQUIRES: 1 <= max_connections <= redis_connections_max; `log` outlives the client
    RedisClient(RedisOptions options, core::Log& log);

    // ERRORS: unavailable  Redis is away, or all connections are busy
    //         internal     it refused the command
    Result<RedisReply> run(const std::vector<std::string>& command);

    // "rustbill:rate:login:203.0.113.7"
    [[nodiscard]] std::string key(std::string_view area, std::string_view name) const;

    // Whether the last call reached it.
    [[nodiscard]] bool is_up() const { return is_up_.load(std::memory_order_relaxed); }

private:
    using SteadyTime = std::chrono::steady_clock::time_point;

    Result<RedisConnection> borrow();
    void give_back(RedisConnection connection);
    void note_failure(const Error& error);
    void note_success();

    const RedisOptions options_;
    core::Log& log_;
    std::atomic<bool> is_up_{true};
    std::mutex mutex_;
    // State below is protected by mutex_.
    std::vector<RedisConnection> idle_;
    int borrowed_ = 0;
    SteadyTime quiet_until_{};
};

}  // namespace rb::coordination
