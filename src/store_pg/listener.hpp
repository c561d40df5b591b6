// A connection of its own that listens on a channel: how workers are woken by a commit elsewhere.
//
// One thread. A lost connection is made anew by the next wait(), which then returns `true` at once,
// because whatever was announced in between was missed.

#pragma once

#include "store_pg/connection.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace rb::store_pg {

inline constexpr const char* events_channel = "rustbill_events";
inline constexpr const char* plugins_channel = "rustbill_plugins";

class Listener {
public:
    // `channel` is one of the constants above.
    Listener(ConnectionOptions options, std::string channel)
        : options_(std::move(options)), channel_(std::move(channel)) {}

    // Waits until something was announced (true) or the time is over (false).
    // ERRORS: unavailable  the database does not answer; wait a while and call again
    Result<bool> wait(std::chrono::milliseconds timeout);

private:
    Result<> connect();

    ConnectionOptions options_;
    std::string channel_;
    std::optional<Connection> connection_;
};

}  // namespace rb::store_pg
