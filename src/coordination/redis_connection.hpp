// One connection to Redis: owner of a redisContext. One thread at a time; every call is bounded by
// redis_timeout. After an error the connection is of no further use.

#pragma once

#include "base/result.hpp"

#include "coordination/redis_address.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

struct redisContext;

namespace rb::coordination {

// A reply (RESP2): nil, an integer, a text or status, or a list of them.
struct RedisReply {
    std::optional<std::int64_t> integer = {};
    std::optional<std::string> text = {};
    std::vector<RedisReply> list = {};

    [[nodiscard]] bool is_nil() const { return !integer && !text && list.empty(); }
};

class RedisConnection {
public:
    // Connects, signs in and chooses the database.
    // ERRORS: unavailable  it does not answer, or refuses these credentials (see detail)
    static Result<RedisConnection> open(const RedisAddress& address);

    // ERRORS: unavailable  the connection broke or took too long
    //         internal     Redis refused the command: ours is wrong
    Result<RedisReply> run(std::span<const std::string> command);

private:
    struct Free {
        void operator()(redisContext* context) const;
    };
    using Handle = std::unique_ptr<redisContext, Free>;
    explicit RedisConnection(Handle handle) : handle_(std::move(handle)) {}

    Handle handle_;
};

}  // namespace rb::coordination
