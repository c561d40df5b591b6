// A notifier that keeps what it was given, and fails when told to.

#pragma once

#include "core/plugin/notifier.hpp"

#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace rb::test {

class RecordingNotifier final : public core::Notifier {
public:
    RecordingNotifier(std::string id, core::NotifierChannel channel)
        : id_(std::move(id)), channel_(channel) {}

    [[nodiscard]] const std::string& id() const override { return id_; }
    [[nodiscard]] core::NotifierChannel channel() const override { return channel_; }
    Result<> send(const core::Notification& notification) override {
        const std::lock_guard lock(mutex_);
        if (failing_.contains(notification.recipient)) {
            return Error{.code = ErrorCode::plugin_failed, .message = "told to fail"};
        }
        sent_.push_back(notification);
        return {};
    }
    Result<core::Health> health() override {
        return core::Health{.is_healthy = true, .message = {}};
    }

    [[nodiscard]] std::vector<core::Notification> sent() const {
        const std::lock_guard lock(mutex_);
        return sent_;
    }
    void forget() {
        const std::lock_guard lock(mutex_);
        sent_.clear();
    }
    void fail_for(std::set<std::string> recipients) {
        const std::lock_guard lock(mutex_);
        failing_ = std::move(recipients);
    }

private:
    const std::string id_;
    const core::NotifierChannel channel_;
    mutable std::mutex mutex_;
    // State below is protected by mutex_.
    std::vector<core::Notification> sent_;
    std::set<std::string> failing_;
};

}  // namespace rb::test
