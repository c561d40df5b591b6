// The two ends of a streaming call, as a handler sees them.

#pragma once

#include "base/result.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace rb::transport {

// Messages from the caller, in order. For the handler's worker thread only.
class StreamReader {
public:
    virtual ~StreamReader() = default;
    // Waits for the next message; nullopt when the caller has sent his last.
    //
    // ERRORS: cancelled          the caller cancelled or went away
    //         deadline_exceeded  the call's deadline passed, or nothing came for
    //                            limits::stream_read_idle_max
    //         and what was wrong with the message (too_large, invalid_argument)
    virtual Result<std::optional<std::string>> read() = 0;
};

// Messages to the caller, in order. For the handler's worker thread only.
class StreamWriter {
public:
    virtual ~StreamWriter() = default;
    // Queues one message; waits while more than limits::stream_unsent_bytes_max are unsent.
    //
    // ERRORS: cancelled, deadline_exceeded  as above; nothing was queued
    virtual Result<> write(std::string_view message) = 0;
};

// The answering side of a stream that outlives its handler's return (grpc.health's Watch): holds no
// worker. Any thread. The stream stays open until finish(), or until the caller goes away.
class StreamSink {
public:
    virtual ~StreamSink() = default;
    // False when the stream is over or its peer is too slow; the message is then dropped.
    virtual bool send(std::string_view message) = 0;
    virtual void finish(Result<> outcome) = 0;
    [[nodiscard]] virtual bool closed() const = 0;
};

}  // namespace rb::transport
