#include "store_pg/listener.hpp"

namespace rb::store_pg {

Result<> Listener::connect() {
    auto connection = TRY(Connection::open(options_));
    TRY(connection.run_script("LISTEN " + channel_));
    connection_.emplace(std::move(connection));
    return {};
}

Result<bool> Listener::wait(std::chrono::milliseconds timeout) {
    if (!connection_) {
        TRY(connect());
        return true;
    }
    auto notification = connection_->wait_for_notification(timeout);
    if (notification.has_error()) {
        connection_.reset();
        return notification.error();
    }
    if (!notification->has_value()) return false;
    // Several commits wake once.
    while (true) {
        const auto more = connection_->wait_for_notification(std::chrono::milliseconds(0));
        if (more.has_error() || !more->has_value()) return true;
    }
}

}  // namespace rb::store_pg
