// core::NotificationStore: the table notifications.

#pragma once

#include "core/notification/notification_store.hpp"

#include "store_pg/transaction.hpp"

namespace rb::store_pg {

class PgNotificationStore final : public core::NotificationStore {
public:
    explicit PgNotificationStore(Transaction& transaction) : transaction_(transaction) {}

    Result<core::NotificationRecord> claim(const core::NotificationRecord& record) override;
    Result<> mark_sent(core::NotificationId id, core::Timestamp at) override;
    Result<> mark_failed(core::NotificationId id, std::string_view error) override;
    Result<int> remove_old(core::Timestamp before, int limit) override;

private:
    Transaction& transaction_;
};

}  // namespace rb::store_pg
