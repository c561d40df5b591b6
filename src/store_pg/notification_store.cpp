#include "store_pg/notification_store.hpp"

namespace rb::store_pg {

namespace {

constexpr Statement insert_notification{
    "notification_insert",
    "INSERT INTO notifications (id, template, subject_id, step, customer_id, recipient, status, "
    "created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
    "ON CONFLICT (template, subject_id, step, recipient) DO NOTHING"};
constexpr Statement lock_notification{
    "notification_lock",
    "SELECT id, template, subject_id, step, customer_id, recipient, status, attempts, last_error, "
    "created_at, sent_at FROM notifications "
    "WHERE template = $1 AND subject_id = $2 AND step = $3 AND recipient = $4 FOR UPDATE"};
constexpr Statement update_sent{
    "notification_sent",
    "UPDATE notifications SET status = 'sent', sent_at = $2, attempts = attempts + 1, "
    "last_error = '' WHERE id = $1"};
constexpr Statement update_failed{
    "notification_failed",
    "UPDATE notifications SET status = 'failed', attempts = attempts + 1, last_error = $2 "
    "WHERE id = $1"};

constexpr Statement delete_old{
    "notification_delete_old",
    "DELETE FROM notifications WHERE id IN (SELECT id FROM notifications WHERE created_at < $1 "
    "ORDER BY created_at LIMIT $2)"};

core::NotificationRecord notification_from(const Row& row) {
    return {.id = row.get<core::NotificationId>(0),
            .template_name = row.get<std::string>(1),
            .subject = row.uuid(2),
            .step = row.get<std::string>(3),
            .customer = row.optional<core::CustomerId>(4),
            .recipient = row.get<std::string>(5),
            .status = row.get<core::NotificationStatus>(6),
            .attempts = row.get<int>(7),
            .last_error = row.get<std::string>(8),
            .created_at = row.timestamp(9),
            .sent_at = row.optional<core::Timestamp>(10)};
}

}  // namespace

Result<core::NotificationRecord> PgNotificationStore::claim(
    const core::NotificationRecord& record) {
    transaction_.defer(
        insert_notification,
        Parameters::of(record.id, record.template_name, record.subject, record.step,
                       record.customer, record.recipient, record.status, record.created_at),
        Expect::any);
    const auto rows = TRY(transaction_.query(
        lock_notification,
        Parameters::of(record.template_name, record.subject, record.step, record.recipient)));
    return notification_from(rows.front());
}

Result<> PgNotificationStore::mark_sent(core::NotificationId id, core::Timestamp at) {
    transaction_.defer(update_sent, Parameters::of(id, at));
    return {};
}

Result<> PgNotificationStore::mark_failed(core::NotificationId id, std::string_view error) {
    transaction_.defer(update_failed, Parameters::of(id, error));
    return {};
}

Result<int> PgNotificationStore::remove_old(core::Timestamp before, int limit) {
    const auto rows = TRY(transaction_.query(delete_old, Parameters::of(before, limit)));
    return static_cast<int>(rows.affected());
}

}  // namespace rb::store_pg
