// Call: one request from its head to the last byte of its answer.
//
// A call is born on its connection's I/O thread. What happens on a worker comes back through
// Home::post(). Members are used by the I/O thread unless they say otherwise; the session and the
// outlet are only touched while the stream is there (attached()).
//
//     on_open ─▶ on_body* ─▶ on_body_end ─▶ worker: run() ─▶ Home::post ─▶ on_posted: answer
//         └──────────┴────────────┴─▶ on_abort (peer gone) / on_deadline / refuse()
//
// The life of a call is shared between its stream and the worker that runs it, and whichever lets
// go last ends it.

#pragma once

#include "transport/call/answer_writer.hpp"
#include "transport/call/environment.hpp"
#include "transport/http/session.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace rb::transport {

class Call;

// The I/O thread a call lives on.
class Home {
public:
    virtual ~Home() = default;
    // Has on_posted() called on the I/O thread, soon. Any thread.
    virtual void post(std::shared_ptr<Call> call) = 0;
    // Has on_deadline() called at `when`; 0 is never a ticket. I/O thread.
    virtual std::uint64_t add_deadline(TimePoint when, std::weak_ptr<Call> call) = 0;
    virtual void remove_deadline(std::uint64_t ticket, TimePoint when) = 0;
};

// The connection, as a call sees it: told when there is something to send. I/O thread.
class Outlet {
public:
    virtual ~Outlet() = default;
    virtual void output_ready() = 0;
};

// Where a call is attached.
struct Seat {
    Environment& environment;
    Home& home;
    Outlet& outlet;
    http::Session& session;
    http::StreamId stream;
    std::shared_ptr<BodyBudget> budget;
};

class Call : public http::StreamHandler, public Job, public std::enable_shared_from_this<Call> {
public:
    Call(Seat seat, RequestInfo info);
    ~Call() override;

    void on_abort(http::AbortReason reason) final;
    void on_complete() final;
    void on_sent(std::size_t) override {}

    virtual void on_posted() = 0;
    void on_deadline();

protected:
    [[nodiscard]] bool attached() const { return attached_; }
    [[nodiscard]] http::Session& session() { return seat_.session; }
    [[nodiscard]] http::StreamId stream() const { return seat_.stream; }
    [[nodiscard]] Environment& environment() const { return seat_.environment; }
    [[nodiscard]] Compression compression() const { return environment().options.compression; }
    [[nodiscard]] CallContext& context() { return context_; }
    void post() { seat_.home.post(shared_from_this()); }
    void output_ready() { seat_.outlet.output_ready(); }
    void watch_deadline();

    // Runs the layers of this thread around `terminal`. What is thrown becomes an internal error.
    Result<Response> execute(Terminal& terminal, std::span<Layer* const> layers);
    // Answers with an error that comes from the transport itself: behind the I/O layers, so that a
    // web page of another origin may read it, and with a context of its own when a worker may be
    // using the call's.
    enum class Context { own, fresh };
    WrittenAnswer write_refusal(Error error, int http_status, Context which);
    void respond(WrittenAnswer answer);
    // Accounts for body bytes held; false when there are too many.
    bool hold(std::size_t body_bytes);

    // The peer is gone or its time is up: wakes who waits. The worker may still be running.
    virtual void on_cancelled(ErrorCode why) = 0;
    // Answers DEADLINE_EXCEEDED.
    virtual void answer_deadline() = 0;

private:
    void detach();

    Seat seat_;
    CallContext context_;
    bool attached_ = true;
    std::uint64_t deadline_ticket_ = 0;
    std::size_t held_bytes_ = 0;
};

// A terminal that fails: what the layers wrap when the transport itself refuses.
class Refuse final : public Terminal {
public:
    explicit Refuse(Error error) : error_(std::move(error)) {}
    Result<Response> run(CallContext&) override { return error_; }

private:
    Error error_;
};

}  // namespace rb::transport
