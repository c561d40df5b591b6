// Where a Redis is: redis://[[user]:password@]host[:port][/database], host an IPv6 address in
// brackets or a name.

#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace rb::coordination {

struct RedisAddress {
    std::string host = "127.0.0.1";
    int port = 6379;
    // Percent-decoded; empty when there is none.
    std::string user = {};
    std::string password = {};
    int database = 0;

    // ERRORS: invalid_argument  redis.url is not of the form above; the message never repeats it,
    //                           for it may hold a password
    static Result<RedisAddress> parse(std::string_view url);
};

}  // namespace rb::coordination
