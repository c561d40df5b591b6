#include "coordination/redis_client.hpp"

#include "coordination/limits.hpp"

namespace rb::coordination {

namespace {

constexpr std::string_view log_target = "rustbill_server::redis";

Error away(std::string detail) {
    return Error{.code = ErrorCode::unavailable, .message = "Redis does not answer"}.with_detail(
        "redis: " + std::move(detail));
}

}  // namespace

RedisClient::RedisClient(RedisOptions options, core::Log& log)
    : options_(std::move(options)), log_(log) {
    ASSERT(options_.max_connections >= 1 && options_.max_connections <= redis_connections_max);
}

std::string RedisClient::key(std::string_view area, std::string_view name) const {
    return options_.prefix + ":" + std::string(area) + ":" + std::string(name);
}

Result<RedisConnection> RedisClient::borrow() {
    {
        const std::lock_guard lock(mutex_);
        if (std::chrono::steady_clock::now() < quiet_until_) return away("failed a moment ago");
        if (borrowed_ >= options_.max_connections) return away("all connections are busy");
        ++borrowed_;
        if (!idle_.empty()) {
            auto connection = std::move(idle_.back());
            idle_.pop_back();
            return connection;
        }
    }
    auto opened = RedisConnection::open(options_.address);
    if (opened.has_error()) {
        {
            const std::lock_guard lock(mutex_);
            --borrowed_;
        }
        note_failure(opened.error());
    }
    return opened;
}

void RedisClient::give_back(RedisConnection connection) {
    const std::lock_guard lock(mutex_);
    --borrowed_;
    idle_.push_back(std::move(connection));
}

Result<RedisReply> RedisClient::run(const std::vector<std::string>& command) {
    auto connection = TRY(borrow());
    auto reply = connection.run(command);
    if (reply.has_error() && reply.error().code == ErrorCode::unavailable) {
        {
            const std::lock_guard lock(mutex_);
            --borrowed_;
        }
        note_failure(reply.error());
        return reply;
    }
    give_back(std::move(connection));
    note_success();
    return reply;
}

void RedisClient::note_failure(const Error& error) {
    {
        const std::lock_guard lock(mutex_);
        quiet_until_ = std::chrono::steady_clock::now() + redis_retry_interval;
        // They lead to the same server, which is gone or was restarted.
        idle_.clear();
    }
    if (is_up_.exchange(false)) {
        log_.warn(log_target, "Redis is away: every server counts alone and asks the database",
                  {{"error", error.detail}});
    }
}

void RedisClient::note_success() {
    if (!is_up_.exchange(true)) log_.info(log_target, "Redis is back");
}

}  // namespace rb::coordination
