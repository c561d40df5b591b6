#include "transport/http1/session.hpp"

#include "base/assert.hpp"

#include <boost/beast/http/status.hpp>

#include <array>
#include <charconv>

namespace rb::transport::http1 {
namespace {

// Unparsed input that may wait for its turn: pipelined requests.
constexpr std::size_t waiting_input_bytes_max = 64UL * 1024;
// The longest run the parser may ask to see whole: a head, or a chunk's head with its extensions.
constexpr std::size_t parser_lookahead_max = limits::header_list_bytes_max + 4;

void append_number(std::size_t number, int base, std::string& out) {
    std::array<char, 20> digits;
    const auto [end, error] = std::to_chars(digits.begin(), digits.end(), number, base);
    out.append(digits.data(), end);
}

bool has_no_body(int status) {
    return status == 204 || status == 304 || status < 200;
}

}  // namespace

std::string_view reason_phrase(int status) {
    if (status == 431) return "Request Header Fields Too Large";
    const auto known = boost::beast::http::int_to_status(static_cast<unsigned>(status));
    if (known == boost::beast::http::status::unknown) return {};
    const auto phrase = boost::beast::http::obsolete_reason(known);
    return {phrase.data(), phrase.size()};
}

Http1Session::Http1Session(http::SessionHost& host, http::SessionLimits limits, TimePoint now)
    : host_(host), limits_(limits), now_(now), last_progress_(now) {}

Http1Session::~Http1Session() {
    abort_all();
}

void Http1Session::receive(std::string_view bytes, TimePoint now) {
    now_ = now;
    // A head's clock starts with its first byte, not with the end of the request before it.
    if (!active_ && in_.size() == in_offset_) last_progress_ = now;
    if (end_ != http::SessionEnd::open) return;
    if (in_offset_ == in_.size()) {
        in_.clear();
        in_offset_ = 0;
    }
    in_.append(bytes);
    process_input();
}

void Http1Session::receive_end() {
    input_ended_ = true;
    // The peer closed its side only: it may wait for answers to all it has sent.
    if (active_ && in_.size() == in_offset_) active_->keep_alive = false;
    conclude_input();
}

void Http1Session::conclude_input() {
    if (!input_ended_ || end_ != http::SessionEnd::open) return;
    if (!active_) {
        if (!waits_for_reader()) end_ = http::SessionEnd::done;
    } else if (!active_->body_done) {
        // The body can never become complete.
        end_ = http::SessionEnd::protocol;
        abort_all();
    }
}

bool Http1Session::wants_input() const {
    if (end_ != http::SessionEnd::open || input_ended_) return false;
    if (active_ && active_->unread >= limits::stream_window_bytes) return false;
    return in_.size() - in_offset_ < waiting_input_bytes_max;
}

// Handlers may answer from within their callbacks, and an answer continues with the next request:
// the flag keeps that a loop instead of a recursion as deep as the pipeline is long.
void Http1Session::process_input() {
    if (processing_) return;
    processing_ = true;
    while (end_ == http::SessionEnd::open && process_piece()) {
    }
    processing_ = false;
    if (in_offset_ > 0) {
        in_.erase(0, in_offset_);
        in_offset_ = 0;
    }
    conclude_input();
}

// A few bytes may ask for a large file: who pipelines such requests and does not read would have
// them all answered into our memory.
bool Http1Session::waits_for_reader() const {
    return !active_ && out_.size() >= limits::connection_output_bytes_max;
}

// Parses one element; false when there is nothing more to do for now.
bool Http1Session::process_piece() {
    const auto input = std::string_view(in_).substr(in_offset_);
    // The next request waits until this one is answered, and until the answers before it are taken.
    if ((active_ && active_->body_done) || waits_for_reader()) return false;
    if (input.empty()) return false;
    if (!parser_) parser_.emplace();

    const auto [step, consumed] = parser_->parse(input);
    in_offset_ += consumed;
    switch (step) {
        case RequestParser::Step::need_more:
            if (input.size() < parser_lookahead_max) return false;
            answer_without_request(active_ ? 400 : 431);
            return false;
        case RequestParser::Step::failed:
            answer_without_request(parser_->failure_status());
            return false;
        case RequestParser::Step::head:
            open_request();
            return true;
        case RequestParser::Step::progress:
            deliver_body(parser_->body());
            return true;
        case RequestParser::Step::complete:
            deliver_body(parser_->body());
            if (active_ && end_ == http::SessionEnd::open) finish_body();
            return true;
    }
    return false;
}

void Http1Session::open_request() {
    last_progress_ = now_;
    idle_since_.reset();
    first_request_ = false;
    Active request;
    request.id = ++last_id_;
    request.head_only = parser_->head().method == "HEAD";
    request.http10 = parser_->is_http10();
    request.keep_alive = parser_->keeps_alive() && !draining_;
    request.wants_continue = parser_->wants_continue() && parser_->has_body() && !request.http10;
    const bool has_body = parser_->has_body();
    request.handler = host_.on_request(request.id, std::move(parser_->head()));
    const auto handler = request.handler;
    active_ = std::move(request);
    handler->on_open();
    if (!active_ || end_ != http::SessionEnd::open) return;
    if (!has_body) return finish_body();
    if (active_->wants_continue && !active_->answered && !active_->began) {
        out_ += "HTTP/1.1 100 Continue\r\n\r\n";
    }
}

void Http1Session::deliver_body(std::string_view bytes) {
    if (bytes.empty() || !active_) return;
    last_progress_ = now_;
    if (active_->answered) return;
    const auto handler = active_->handler;
    active_->unread += bytes.size();
    if (handler->on_body(bytes) == http::StreamHandler::Credit::now && active_) {
        active_->unread -= bytes.size();
    }
}

void Http1Session::finish_body() {
    active_->body_done = true;
    parser_.reset();
    const auto handler = active_->handler;
    if (!active_->answered) handler->on_body_end();
    close_request_if_done();
}

Http1Session::Active* Http1Session::active(http::StreamId id) {
    return active_ && active_->id == id && !active_->answered ? &*active_ : nullptr;
}

void Http1Session::append_head(int status, const HeaderFields& fields,
                               std::optional<std::size_t> length) {
    out_ += "HTTP/1.1 ";
    append_number(static_cast<std::size_t>(status), 10, out_);
    out_ += ' ';
    out_ += reason_phrase(status);
    out_ += "\r\n";
    for (const auto field : fields) {
        out_.append(field.name).append(": ").append(field.value).append("\r\n");
    }
    if (length && !has_no_body(status)) {
        out_ += "content-length: ";
        append_number(*length, 10, out_);
        out_ += "\r\n";
    }
    if (active_ && active_->chunked) out_ += "transfer-encoding: chunked\r\n";
    if (!active_ || !active_->keep_alive) {
        out_ += "connection: close\r\n";
    } else if (active_->http10) {
        out_ += "connection: keep-alive\r\n";
    }
    out_ += "\r\n";
}

// For input that never became a request, or stopped being one.
void Http1Session::answer_without_request(int status) {
    end_ = http::SessionEnd::protocol;
    if (active_) {
        const bool may_answer = !active_->began && !active_->answered;
        abort_all();
        if (!may_answer) return;
    }
    append_head(status, {}, 0);
}

void Http1Session::respond(http::StreamId id, http::Answer answer) {
    auto* request = active(id);
    if (request == nullptr) return;
    const std::string_view body = answer.static_body.empty() ? answer.body : answer.static_body;
    // What is left of the body would have to be read to find the next request; closing is cheaper.
    if (!request->body_done || draining_) request->keep_alive = false;
    request->began = true;
    append_head(answer.status, *answer.fields, body.size());
    if (!request->head_only && !has_no_body(answer.status)) out_.append(body);
    complete_answer();
}

void Http1Session::begin(http::StreamId id, int status, const HeaderFields& fields) {
    auto* request = active(id);
    if (request == nullptr) return;
    if (draining_) request->keep_alive = false;
    // HTTP/1.0 knows no chunks; there the end of the connection ends the body.
    if (request->http10) request->keep_alive = false;
    request->chunked = !request->http10;
    request->began = true;
    append_head(status, fields, std::nullopt);
}

void Http1Session::write(http::StreamId id, std::string bytes) {
    auto* request = active(id);
    if (request == nullptr || bytes.empty()) return;
    if (request->chunked) {
        append_number(bytes.size(), 16, out_);
        out_ += "\r\n";
        out_ += bytes;
        out_ += "\r\n";
    } else {
        out_ += bytes;
    }
}

void Http1Session::finish(http::StreamId id, const HeaderFields&) {
    auto* request = active(id);
    if (request == nullptr) return;
    if (request->chunked) out_ += "0\r\n\r\n";
    if (!request->body_done) request->keep_alive = false;
    complete_answer();
}

void Http1Session::reset(http::StreamId id) {
    auto* request = active(id);
    if (request == nullptr) return;
    // A truncated answer can only be told apart from a whole one by an unclean end.
    end_ = http::SessionEnd::done;
    abort_all();
}

void Http1Session::complete_answer() {
    active_->answered = true;
    active_->handler->on_complete();
    close_request_if_done();
}

void Http1Session::close_request_if_done() {
    if (!active_ || !active_->answered) return;
    if (!active_->keep_alive) {
        end_ = http::SessionEnd::done;
        active_.reset();
        return;
    }
    if (!active_->body_done) return;
    active_.reset();
    if (draining_) {
        end_ = http::SessionEnd::done;
        return;
    }
    process_input();
}

void Http1Session::consumed(http::StreamId id, std::size_t bytes) {
    auto* request = active(id);
    if (request != nullptr) request->unread -= std::min(bytes, request->unread);
}

void Http1Session::produce(std::string& out) {
    if (out_.empty()) return;
    const bool waited = waits_for_reader();
    if (out.empty()) {
        std::swap(out, out_);
    } else {
        out += out_;
        out_.clear();
    }
    if (active_ && active_->began && !active_->answered) active_->handler->on_sent(0);
    if (waited) process_input();
}

void Http1Session::tick(TimePoint now) {
    if (end_ != http::SessionEnd::open) return;
    if (active_) {
        const bool waits_for_peer = !active_->body_done && wants_input();
        if (waits_for_peer && now - last_progress_ > limits_.body_idle_timeout) {
            answer_without_request(408);
            end_ = http::SessionEnd::timed_out;
        }
        return;
    }
    // Not the peer's head is late then; output that is not taken has a timeout of its own.
    if (waits_for_reader()) last_progress_ = now;
    const bool head_began = in_.size() > in_offset_;
    if (head_began || first_request_) {
        if (now - last_progress_ <= limits_.head_timeout) return;
        if (head_began) answer_without_request(408);
        end_ = http::SessionEnd::timed_out;
        return;
    }
    if (!idle_since_) idle_since_ = now;
    if (now - *idle_since_ > limits_.http1_idle_timeout) end_ = http::SessionEnd::done;
}

void Http1Session::drain(TimePoint) {
    draining_ = true;
    if (active_) {
        if (!active_->began) active_->keep_alive = false;
        const auto handler = active_->handler;
        if (!active_->answered) handler->on_drain();
        return;
    }
    // A head that has begun gets its answer; a silent connection has nothing to lose.
    if (in_.size() == in_offset_ && end_ == http::SessionEnd::open) end_ = http::SessionEnd::done;
}

void Http1Session::abort_all() {
    if (!active_) return;
    const auto handler = active_->handler;
    const bool answered = active_->answered;
    active_.reset();
    if (!answered) handler->on_abort(http::AbortReason::connection_lost);
}

}  // namespace rb::transport::http1
