// Desk: one connection and its I/O thread, without either, for tests of whole calls.

#pragma once

#include "transport/call/call_factory.hpp"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace rb::transport::testing {

class Desk final : public Home, public Outlet, public http::SessionHost {
public:
    explicit Desk(Environment& environment)
        : environment_(environment), budget_(std::make_shared<BodyBudget>(environment)) {}
    ~Desk() override {
        session_->abort_all();
        run_posted();
    }

    void post(std::shared_ptr<Call> call) override { posted_.push_back(std::move(call)); }
    std::uint64_t add_deadline(TimePoint when, std::weak_ptr<Call>) override {
        last_deadline = when;
        return 1;
    }
    void remove_deadline(std::uint64_t, TimePoint) override {}
    void output_ready() override {}
    std::shared_ptr<http::StreamHandler> on_request(http::StreamId id,
                                                    http::RequestHead head) override {
        return make_call(Seat{environment_, *this, *this, *session_, id, budget_}, std::move(head),
                         "fuzz:1");
    }

    std::optional<TimePoint> last_deadline;
    void use(std::unique_ptr<http::Session> session) { session_ = std::move(session); }
    http::Session& session() { return *session_; }
    // Runs what was posted, as the I/O thread would.
    void run_posted() {
        while (!posted_.empty()) {
            const auto batch = std::exchange(posted_, {});
            for (const auto& call : batch) call->on_posted();
        }
    }

private:
    Environment& environment_;
    std::shared_ptr<BodyBudget> budget_;
    std::vector<std::shared_ptr<Call>> posted_;
    std::unique_ptr<http::Session> session_;
};

}  // namespace rb::transport::testing
