// Calls with streams of messages.
//
//     StreamCall        the answering half: messages queue up, the I/O thread sends them
//     ├ WorkerStream    a handler on a worker reads and writes, and blocks where it must
//     └ InlineStream    the I/O thread answers each message, or keeps a sink open
//
// Messages to the peer are encoded by whoever writes them and handed over under a mutex; the
// peer's window is felt by the writer: past stream_unsent_bytes_max it waits.

#pragma once

#include "transport/call/call.hpp"
#include "transport/call/request_body.hpp"
#include "transport/stream.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

namespace rb::transport {

class StreamCall : public Call {
public:
    StreamCall(Seat seat, RequestInfo info) : Call(std::move(seat), std::move(info)) {}

    void on_posted() final;
    void on_sent(std::size_t unsent) final;

protected:
    // Queues an encoded message. REQUIRES: lock holds mutex_
    void queue(std::unique_lock<std::mutex>& lock, std::string bytes);
    // Lets the peer send as much more. Any thread.
    void give_credit(std::size_t body_bytes);
    // Queues the end; later calls do nothing. Any thread.
    void finish(const Result<>& outcome);
    [[nodiscard]] std::size_t unsent() const { return queued_bytes_ + session_bytes_; }
    [[nodiscard]] bool over() const { return end_queued_ || cancelled_.has_value(); }
    void on_cancelled(ErrorCode why) override;
    void answer_deadline() final;
    Error cancel_error() const;

    std::mutex mutex_;
    std::condition_variable changed_;
    // Set once, when the peer is gone or its time is up. Guarded by mutex_.
    std::optional<ErrorCode> cancelled_;

private:
    // Guarded by mutex_.
    std::string queued_;
    std::size_t queued_bytes_ = 0;
    std::size_t session_bytes_ = 0;  // given to the session, not sent yet
    std::size_t credit_ = 0;         // to be given to the peer
    std::optional<HeaderFields> head_;
    std::optional<StreamEnd> end_;
    std::optional<WrittenAnswer> failure_;  // the end, when no message came before it
    bool end_queued_ = false;
    bool posted_ = false;

    // I/O thread.
    bool began_ = false;
    bool ended_ = false;
};

class WorkerStream final : public StreamCall,
                           private Terminal,
                           private StreamReader,
                           private StreamWriter {
public:
    WorkerStream(Seat seat, RequestInfo info, const Method& method);

    void on_open() override;
    Credit on_body(std::string_view bytes) override;
    void on_body_end() override;
    void run() noexcept override;

private:
    struct Incoming {
        bool compressed;
        std::string bytes;
        std::size_t credit;  // body bytes to hand back once it was read
    };

    Result<std::optional<std::string>> read() override;
    Result<> write(std::string_view message) override;
    Result<Response> run(CallContext& call) override;
    Result<std::string> decode(Incoming message) const;
    void submit();
    void fail(Error error);

    const Method& method_;
    // I/O thread.
    RequestBody body_;
    std::size_t undelivered_ = 0;  // body bytes whose credit waits for a message to be read
    bool submitted_ = false;
    bool failed_ = false;

    // Guarded by mutex_.
    std::deque<Incoming> incoming_;
    std::optional<Error> input_error_;
    bool input_ended_ = false;
};

class InlineStream final : public StreamCall, private Terminal {
public:
    InlineStream(Seat seat, RequestInfo info, const Method& method);
    ~InlineStream() override;

    void on_open() override { watch_deadline(); }
    Credit on_body(std::string_view bytes) override;
    void on_body_end() override;
    void on_drain() override;
    void run() noexcept override {}

private:
    class Sink;
    Result<> answer_messages();
    [[nodiscard]] Result<> check_single() const;
    Result<Response> run(CallContext& call) override;
    bool send(std::string_view message);

    const Method& method_;
    RequestBody body_;
    std::string_view message_;
    bool failed_ = false;
    bool layered_ = false;
};

}  // namespace rb::transport
