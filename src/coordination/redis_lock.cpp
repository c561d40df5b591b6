#include "coordination/redis_lock.hpp"

#include "core/identity/secret_token.hpp"

namespace rb::coordination {

namespace {

constexpr char release_script[] =
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0";

class RedisHeldLock final : public core::HeldLock {
public:
    RedisHeldLock(RedisClient& redis, std::string key, std::string token)
        : redis_(redis), key_(std::move(key)), token_(std::move(token)) {}
    ~RedisHeldLock() override {
        // Should Redis be away now, the lock ends with its lifetime.
        (void)redis_.run({"EVAL", release_script, "1", key_, token_});
    }
    RedisHeldLock(const RedisHeldLock&) = delete;
    RedisHeldLock& operator=(const RedisHeldLock&) = delete;

private:
    RedisClient& redis_;
    const std::string key_;
    const std::string token_;
};

}  // namespace

Result<std::unique_ptr<core::HeldLock>> RedisMutualExclusion::try_lock(
    std::string_view name, std::chrono::milliseconds lifetime) {
    auto key = redis_.key("lock", name);
    auto token = core::new_secret_token(random_);
    const auto reply =
        redis_.run({"SET", key, token, "NX", "PX", std::to_string(lifetime.count())});
    if (reply.has_error()) return otherwise_.try_lock(name, lifetime);
    if (reply->is_nil()) return std::unique_ptr<core::HeldLock>();
    return std::unique_ptr<core::HeldLock>(
        std::make_unique<RedisHeldLock>(redis_, std::move(key), std::move(token)));
}

}  // namespace rb::coordination
