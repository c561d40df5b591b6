#include "coordination/redis_connection.hpp"

#include "coordination/limits.hpp"

#include <hiredis/hiredis.h>
#include <sys/time.h>

namespace rb::coordination {

namespace {

struct FreeReply {
    void operator()(redisReply* reply) const { freeReplyObject(reply); }
};

timeval timeout() {
    const auto micros = std::chrono::microseconds(redis_timeout).count();
    return {.tv_sec = micros / 1'000'000, .tv_usec = micros % 1'000'000};
}

Error lost(std::string detail) {
    return Error{.code = ErrorCode::unavailable, .message = "Redis does not answer"}.with_detail(
        "redis: " + std::move(detail));
}

std::string text_of(const redisReply& reply) {
    return {reply.str, reply.len};
}

RedisReply reply_from(const redisReply& reply, int depth) {
    RedisReply result;
    switch (reply.type) {
        case REDIS_REPLY_INTEGER:
            result.integer = reply.integer;
            break;
        case REDIS_REPLY_STRING:
        case REDIS_REPLY_STATUS:
            result.text = text_of(reply);
            break;
        case REDIS_REPLY_ARRAY:
            if (depth >= redis_nesting_max) break;
            for (std::size_t i = 0; i < reply.elements; ++i) {
                result.list.push_back(reply_from(*reply.element[i], depth + 1));
            }
            break;
        default:
            break;
    }
    return result;
}

}  // namespace

void RedisConnection::Free::operator()(redisContext* context) const {
    redisFree(context);
}

Result<RedisConnection> RedisConnection::open(const RedisAddress& address) {
    Handle handle(redisConnectWithTimeout(address.host.c_str(), address.port, timeout()));
    if (!handle) return lost("out of memory");
    if (handle->err != 0) return lost(handle->errstr);
    if (redisSetTimeout(handle.get(), timeout()) != REDIS_OK)
        return lost("no timeout could be set");

    RedisConnection connection(std::move(handle));
    if (!address.password.empty()) {
        std::vector<std::string> auth{"AUTH"};
        if (!address.user.empty()) auth.push_back(address.user);
        auth.push_back(address.password);
        if (auto done = connection.run(auth); done.has_error()) return lost("AUTH was refused");
    }
    if (address.database != 0) {
        const std::vector<std::string> select{"SELECT", std::to_string(address.database)};
        if (auto done = connection.run(select); done.has_error()) return lost(done.error().detail);
    }
    return connection;
}

Result<RedisReply> RedisConnection::run(std::span<const std::string> command) {
    std::vector<const char*> arguments;
    std::vector<std::size_t> lengths;
    for (const auto& argument : command) {
        arguments.push_back(argument.data());
        lengths.push_back(argument.size());
    }
    const std::unique_ptr<redisReply, FreeReply> reply(static_cast<redisReply*>(redisCommandArgv(
        handle_.get(), static_cast<int>(arguments.size()), arguments.data(), lengths.data())));
    if (!reply) return lost(handle_->errstr);
    if (reply->type == REDIS_REPLY_ERROR) return internal_error("redis: " + text_of(*reply));
    return reply_from(*reply, 0);
}

}  // namespace rb::coordination
