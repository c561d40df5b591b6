// RecordingHost: a SessionHost for tests. Writes down what a session reports and answers on demand.

#pragma once

#include "transport/http/session.hpp"

#include <memory>
#include <string>
#include <vector>

namespace rb::transport::testing {

class RecordingHost final : public http::SessionHost {
public:
    // What happened, in order: "open 1 POST /a", "body 1 abc", "end 1", "abort 1", "complete 1".
    std::vector<std::string> events;
    std::vector<http::RequestHead> heads;
    http::StreamHandler::Credit credit = http::StreamHandler::Credit::now;
    // When set: answers with this at the end of the body.
    http::Session* answer_with = nullptr;
    std::string answer_body = "ok";

    std::shared_ptr<http::StreamHandler> on_request(http::StreamId id,
                                                    http::RequestHead head) override {
        const std::string what = head.too_large ? "too_large" : head.method + " " + head.path;
        heads.push_back(std::move(head));
        return std::make_shared<Handler>(*this, id, what);
    }

    [[nodiscard]] std::string log() const {
        std::string all;
        for (const auto& event : events) all += (all.empty() ? "" : "; ") + event;
        return all;
    }

private:
    class Handler final : public http::StreamHandler {
    public:
        Handler(RecordingHost& host, http::StreamId id, std::string what)
            : host_(host), id_(std::to_string(id)), number_(id), what_(std::move(what)) {}

        void on_open() override { note("open", what_); }
        Credit on_body(std::string_view bytes) override {
            note("body", std::string(bytes));
            return host_.credit;
        }
        void on_body_end() override {
            note("end");
            if (host_.answer_with == nullptr) return;
            const HeaderFields none;
            host_.answer_with->respond(number_, {.fields = &none, .body = host_.answer_body});
        }
        void on_abort(http::AbortReason) override { note("abort"); }
        void on_sent(std::size_t unsent) override { note("unsent", std::to_string(unsent)); }
        void on_complete() override { note("complete"); }

    private:
        void note(const std::string& event, const std::string& more = {}) {
            host_.events.push_back(event + " " + id_ + (more.empty() ? "" : " " + more));
        }
        RecordingHost& host_;
        const std::string id_;
        const http::StreamId number_;
        const std::string what_;
    };
};

}  // namespace rb::transport::testing
