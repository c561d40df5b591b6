#include "transport/call/stream_call.hpp"

#include <utility>

namespace rb::transport {

// --- the answering half -------------------------------------------------------------------------

void StreamCall::queue(std::unique_lock<std::mutex>& lock, std::string bytes) {
    if (!head_) head_ = write_stream_head(context(), compression());
    queued_bytes_ += bytes.size();
    if (queued_.empty()) {
        queued_ = std::move(bytes);
    } else {
        queued_ += bytes;
    }
    if (posted_) return;
    posted_ = true;
    lock.unlock();
    post();
    lock.lock();
}

void StreamCall::give_credit(std::size_t body_bytes) {
    {
        const std::lock_guard lock(mutex_);
        credit_ += body_bytes;
        if (posted_) return;
        posted_ = true;
    }
    post();
}

void StreamCall::finish(const Result<>& outcome) {
    {
        const std::lock_guard lock(mutex_);
        if (over()) return;
        end_queued_ = true;
        if (!head_ && outcome.has_error()) {
            failure_ = write_answer(context(), outcome.error(), compression());
        } else {
            if (!head_) head_ = write_stream_head(context(), compression());
            end_ = write_stream_end(context(), outcome);
        }
        if (posted_) return;
        posted_ = true;
    }
    post();
}

void StreamCall::on_posted() {
    std::unique_lock lock(mutex_);
    posted_ = false;
    if (!attached() || ended_) return;
    if (credit_ > 0) session().consumed(stream(), std::exchange(credit_, 0));
    if (failure_) {
        ended_ = true;
        auto answer = std::move(*failure_);
        lock.unlock();
        respond(std::move(answer));
        output_ready();
        return;
    }
    if (!began_ && head_) {
        began_ = true;
        session().begin(stream(), 200, *head_);
    }
    if (!queued_.empty()) {
        session_bytes_ += queued_bytes_;
        queued_bytes_ = 0;
        session().write(stream(), std::exchange(queued_, {}));
    }
    if (end_) {
        ended_ = true;
        const auto end = std::move(*end_);
        lock.unlock();
        if (!end.body.empty()) session().write(stream(), end.body);
        session().finish(stream(), end.trailers);
    }
    if (lock.owns_lock()) lock.unlock();
    output_ready();
}

void StreamCall::on_sent(std::size_t unsent) {
    {
        const std::lock_guard lock(mutex_);
        session_bytes_ = unsent;
    }
    changed_.notify_all();
}

void StreamCall::on_cancelled(ErrorCode why) {
    {
        const std::lock_guard lock(mutex_);
        if (!cancelled_) cancelled_ = why;
    }
    changed_.notify_all();
}

Error StreamCall::cancel_error() const {
    if (cancelled_ == ErrorCode::deadline_exceeded) {
        return {ErrorCode::deadline_exceeded, "the call's deadline passed"};
    }
    return {ErrorCode::cancelled, "the caller cancelled the call"};
}

void StreamCall::answer_deadline() {
    const Error error{ErrorCode::deadline_exceeded, "the call's deadline passed"};
    if (ended_) return;
    ended_ = true;
    if (!began_) {
        respond(write_refusal(error, 0, Context::fresh));
        return;
    }
    // The worker may be using the context, so the end is written from the error alone.
    const CallContext bare(RequestInfo{.protocol = context().protocol(),
                                       .http_method = "POST",
                                       .path = std::string(context().path())});
    auto end = write_stream_end(bare, error);
    if (!end.body.empty()) session().write(stream(), std::move(end.body));
    session().finish(stream(), end.trailers);
}

// --- on a worker --------------------------------------------------------------------------------

WorkerStream::WorkerStream(Seat seat, RequestInfo info, const Method& method)
    : StreamCall(std::move(seat), std::move(info)),
      method_(method),
      body_(context().protocol(), environment().options.message_bytes_max) {}

void WorkerStream::on_open() {
    watch_deadline();
    // A handler that reads starts with the head; one that gets a single message waits for it.
    if (!std::holds_alternative<ServerStreamHandler>(method_.handler)) submit();
}

void WorkerStream::submit() {
    submitted_ = environment().workers.submit(shared_from_this());
    if (submitted_) return;
    environment().counters.calls_refused_queue_full.fetch_add(1, std::memory_order_relaxed);
    fail({ErrorCode::unavailable, "the server is busy: too many calls are waiting"});
}

// The request cannot go on. A handler that may be running learns it from read() and ends the call;
// without one, nobody answers but us.
void WorkerStream::fail(Error error) {
    failed_ = true;
    if (!submitted_) return finish(std::move(error));
    {
        const std::lock_guard lock(mutex_);
        if (!input_error_) input_error_ = std::move(error);
    }
    changed_.notify_all();
}

WorkerStream::Credit WorkerStream::on_body(std::string_view bytes) {
    if (failed_) return Credit::now;
    undelivered_ += bytes.size();
    if (auto taken = body_.append(bytes); taken.has_error()) {
        fail(std::move(taken).error());
        return Credit::now;
    }
    if (!hold(body_.held_bytes())) {
        fail({ErrorCode::too_large, "too many unfinished requests on this connection"});
        return Credit::now;
    }
    // Server streaming waits for the end and has one message; a reader takes them as they come.
    if (std::holds_alternative<ServerStreamHandler>(method_.handler)) return Credit::now;
    bool queued = false;
    {
        const std::lock_guard lock(mutex_);
        while (const auto message = body_.next()) {
            incoming_.push_back(
                {message->compressed, std::string(message->bytes), std::exchange(undelivered_, 0)});
            queued = true;
        }
    }
    if (queued) {
        changed_.notify_all();
        return Credit::later;
    }
    // Part of a message that is larger than the window would never arrive whole without credit.
    undelivered_ -= bytes.size();
    return Credit::now;
}

void WorkerStream::on_body_end() {
    if (failed_) return;
    if (std::holds_alternative<ServerStreamHandler>(method_.handler)) {
        const auto message = body_.only_message(context().metadata());
        if (message.has_error()) return fail(message.error());
        {
            const std::lock_guard lock(mutex_);
            incoming_.push_back({message->compressed, std::string(message->bytes), 0});
        }
        return submit();
    }
    if (auto whole = body_.check_end(); whole.has_error()) return fail(std::move(whole).error());
    {
        const std::lock_guard lock(mutex_);
        input_ended_ = true;
    }
    changed_.notify_all();
}

Result<std::string> WorkerStream::decode(Incoming message) const {
    std::string storage;
    const RequestBody::Raw raw{message.compressed, message.bytes};
    const auto bytes = TRY(decode_message(raw, Protocol::grpc, *method_.descriptor->input_type(),
                                          environment().options.message_bytes_max, storage));
    if (bytes.data() == message.bytes.data()) return std::move(message.bytes);
    return storage;
}

Result<std::optional<std::string>> WorkerStream::read() {
    std::unique_lock lock(mutex_);
    const auto ready = [&] {
        return cancelled_ || input_error_ || !incoming_.empty() || input_ended_;
    };
    if (!changed_.wait_for(lock, environment().options.timeouts.stream_read_idle, ready)) {
        return Error{ErrorCode::deadline_exceeded, "no message came for too long"};
    }
    if (cancelled_) return cancel_error();
    if (input_error_) return *input_error_;
    if (incoming_.empty()) return std::optional<std::string>();
    auto message = std::move(incoming_.front());
    incoming_.pop_front();
    const std::size_t credit = message.credit;
    lock.unlock();
    if (credit > 0) give_credit(credit);
    return std::optional(TRY(decode(std::move(message))));
}

Result<> WorkerStream::write(std::string_view message) {
    auto bytes = write_stream_message(context(), message, compression());
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return over() || unsent() < limits::stream_unsent_bytes_max; });
    if (over()) return cancel_error();
    queue(lock, std::move(bytes));
    return {};
}

Result<Response> WorkerStream::run(CallContext& call) {
    struct Run {
        WorkerStream& self;
        CallContext& call;
        Result<Response> operator()(const ServerStreamHandler& handler) const {
            auto message = TRY(self.read());
            ASSERT(message.has_value());
            call.set_body(*message);
            TRY(handler(call, *message, self));
            return Response{};
        }
        Result<Response> operator()(const ClientStreamHandler& handler) const {
            return Response{.body = TRY(handler(call, self))};
        }
        Result<Response> operator()(const BidiHandler& handler) const {
            TRY(handler(call, self, self));
            return Response{};
        }
        Result<Response> operator()(const UnaryHandler&) const { return unexpected(); }
        Result<Response> operator()(const PerMessageHandler&) const { return unexpected(); }
        Result<Response> operator()(const SinkHandler&) const { return unexpected(); }
        static Result<Response> unexpected() { return internal_error("not a worker stream"); }
    };
    return std::visit(Run{*this, call}, method_.handler);
}

void WorkerStream::run() noexcept {
    if (context().cancelled()) return;
    auto outcome = execute(*this, environment().layers);
    if (outcome.has_error()) return finish(std::move(outcome).error());
    if (std::holds_alternative<ClientStreamHandler>(method_.handler)) {
        if (write(outcome->body).has_error()) return;
    }
    finish({});
}

// --- on the I/O thread --------------------------------------------------------------------------

// Outlives the call it belongs to when its holder wishes; it then says closed().
class InlineStream::Sink final : public StreamSink {
public:
    explicit Sink(const std::shared_ptr<InlineStream>& call) : call_(call) {}

    bool send(std::string_view message) override {
        const auto call = call_.lock();
        return call != nullptr && call->send(message);
    }
    void finish(Result<> outcome) override {
        if (const auto call = call_.lock()) call->finish(outcome);
    }
    [[nodiscard]] bool closed() const override {
        const auto call = call_.lock();
        if (call == nullptr) return true;
        const std::lock_guard lock(call->mutex_);
        return call->over();
    }

private:
    std::weak_ptr<InlineStream> call_;
};

InlineStream::InlineStream(Seat seat, RequestInfo info, const Method& method)
    : StreamCall(std::move(seat), std::move(info)),
      method_(method),
      body_(context().protocol(), environment().message_bytes_max(method.execution)) {}

InlineStream::~InlineStream() = default;

bool InlineStream::send(std::string_view message) {
    auto bytes = write_stream_message(context(), message, compression());
    std::unique_lock lock(mutex_);
    // Nobody may wait here, so a peer that does not read loses messages.
    if (over() || unsent() >= limits::stream_unsent_bytes_max) return false;
    queue(lock, std::move(bytes));
    return true;
}

InlineStream::Credit InlineStream::on_body(std::string_view bytes) {
    if (failed_) return Credit::now;
    auto taken = body_.append(bytes);
    if (!taken.has_error() && std::holds_alternative<PerMessageHandler>(method_.handler)) {
        taken = answer_messages();
    } else if (!taken.has_error()) {
        taken = check_single();
    }
    if (taken.has_error()) {
        failed_ = true;
        finish(std::move(taken).error());
    }
    return Credit::now;
}

// A sink's request is one message, read when the body ends; what follows it must not pile up until
// then.
Result<> InlineStream::check_single() const {
    const auto most = grpc::prefix_bytes + environment().message_bytes_max(method_.execution);
    if (body_.held_bytes() <= most) return {};
    return Error{ErrorCode::unsupported, "the call carries more than one message"};
}

// The layers wrap the call once, with its first message: what they add to its answer would be added
// for each, and held as long as the stream lasts.
Result<> InlineStream::answer_messages() {
    while (const auto raw = body_.next()) {
        std::string storage;
        message_ = TRY(decode_message(*raw, Protocol::grpc, *method_.descriptor->input_type(),
                                      environment().message_bytes_max(method_.execution), storage));
        std::span<Layer* const> layers;
        if (!std::exchange(layered_, true)) layers = environment().io_layers;
        auto answer = TRY(execute(*this, layers));
        if (!send(answer.body)) {
            return Error{ErrorCode::too_many_requests, "answers are not read; ask more slowly"};
        }
    }
    return {};
}

void InlineStream::on_body_end() {
    if (failed_) return;
    failed_ = true;
    if (std::holds_alternative<PerMessageHandler>(method_.handler)) {
        return finish(body_.check_end());
    }
    const auto raw = body_.only_message(context().metadata());
    if (raw.has_error()) return finish(raw.error());
    std::string storage;
    const auto message =
        decode_message(*raw, Protocol::grpc, *method_.descriptor->input_type(),
                       environment().message_bytes_max(method_.execution), storage);
    if (message.has_error()) return finish(message.error());
    message_ = *message;
    if (auto opened = execute(*this, environment().io_layers); opened.has_error()) {
        finish(std::move(opened).error());
    }
}

// Between two questions nothing is in flight. A sink's holder ends it: it knows a last word to say.
void InlineStream::on_drain() {
    if (failed_ || !std::holds_alternative<PerMessageHandler>(method_.handler)) return;
    failed_ = true;
    finish(Error{ErrorCode::unavailable, "the server is shutting down"});
}

Result<Response> InlineStream::run(CallContext& call) {
    call.set_body(message_);
    if (const auto* per_message = std::get_if<PerMessageHandler>(&method_.handler)) {
        return Response{.body = TRY(per_message->answer(call, message_))};
    }
    const auto self = std::static_pointer_cast<InlineStream>(shared_from_this());
    std::get<SinkHandler>(method_.handler).open(call, message_, std::make_shared<Sink>(self));
    return Response{};
}

}  // namespace rb::transport
