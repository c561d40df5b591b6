#include "store_pg/sql_error.hpp"

#include "core/plugin/plugin_kv_store.hpp"

#include <libpq-fe.h>

#include <array>

namespace rb::store_pg {
namespace {

struct ConstraintError {
    std::string_view constraint;
    ErrorCode code;
    std::string_view message;
    std::string_view field;
};

// The constraints a caller can run into by what he asks for. The others guard against our own bugs
// and leave as internal errors.
constexpr auto by_constraint = std::to_array<ConstraintError>({
    {"balance_within_credit", ErrorCode::insufficient_funds,
     "the balance and the credit limit do not cover the amount", ""},
    {"order_transition", ErrorCode::illegal_transition, "the order's status does not allow this",
     ""},
    {"payment_transition", ErrorCode::illegal_transition,
     "the payment's status does not allow this", ""},
    {"instance_transition", ErrorCode::illegal_transition, "the instance is terminated", ""},
    {"invoice_transition", ErrorCode::illegal_transition,
     "the invoice's status does not allow this", ""},
    {"invoice_frozen", ErrorCode::failed_precondition, "an issued invoice does not change", ""},
    {"refund_within_amount", ErrorCode::failed_precondition, "more than was paid", "amount"},
    {"payment_refund_within_amount", ErrorCode::failed_precondition, "more than was paid",
     "amount"},
    {"payments_one_open_per_order", ErrorCode::conflict,
     "a payment for this order is under way already", ""},
    {"payments_one_open_per_invoice", ErrorCode::conflict,
     "a payment for this invoice is under way already", ""},
    {"payments_idempotency", ErrorCode::conflict, "the same payment is being made", ""},
    {"payments_gateway_tx", ErrorCode::already_exists,
     "this transaction settles another payment already", "reference"},
    {"users_username", ErrorCode::already_exists, "username: is taken", "username"},
    {"users_email", ErrorCode::already_exists, "email: is taken", "email"},
    {"product_categories_name_key", ErrorCode::already_exists, "name: is taken", "name"},
    {"product_groups_category_id_name_key", ErrorCode::already_exists, "name: is taken", "name"},
    {"plugin_interfaces_pkey", ErrorCode::already_exists, "id: is taken", "id"},
    {"plugin_kv_keys_max", ErrorCode::too_large, core::plugin_kv_keys_full, "key"},
    {"plugin_kv_bytes_max", ErrorCode::too_large, core::plugin_kv_bytes_full, "value"},
});

Error integrity_error(const SqlFailure& failure) {
    for (const auto& known : by_constraint) {
        if (known.constraint == failure.constraint) {
            return Error{known.code, std::string(known.message), std::string(known.field)};
        }
    }
    if (failure.sqlstate == "23503") {
        return Error{ErrorCode::failed_precondition,
                     "it refers to something that does not exist, or is still referred to"};
    }
    if (failure.sqlstate == "23505") return Error{ErrorCode::already_exists, "it exists already"};
    return internal_error("");
}

Error without_detail(const SqlFailure& failure) {
    const auto state = failure.sqlstate;
    if (state == "40001" || state == "40P01") {
        return Error{ErrorCode::conflict, "lost a race with another change; try again"};
    }
    if (state == "55P03" || state == "57014") {
        return Error{ErrorCode::deadline_exceeded,
                     "took too long because of other work; try again"};
    }
    if (state.starts_with("23")) return integrity_error(failure);
    if (state.empty() || state.starts_with("08") || state.starts_with("57P") ||
        state.starts_with("53") || state == "25P03" || state == "25006") {
        return Error{ErrorCode::unavailable, "the database is not available; try again"};
    }
    return internal_error("");
}

std::string_view field_of(const pg_result* result, int field) {
    const char* text = PQresultErrorField(result, field);
    return text == nullptr ? std::string_view() : std::string_view(text);
}

}  // namespace

Error error_from(const SqlFailure& failure) {
    std::string detail = "sql ";
    detail += failure.statement;
    detail += ": ";
    detail += failure.sqlstate;
    if (!failure.constraint.empty()) {
        detail += " ";
        detail += failure.constraint;
    }
    detail += ": ";
    detail += failure.message;
    return without_detail(failure).with_detail(std::move(detail));
}

Error error_from(const pg_result* result, std::string_view statement) {
    return error_from({.sqlstate = field_of(result, PG_DIAG_SQLSTATE),
                       .constraint = field_of(result, PG_DIAG_CONSTRAINT_NAME),
                       .message = field_of(result, PG_DIAG_MESSAGE_PRIMARY),
                       .statement = statement});
}

Error connection_lost(const pg_conn* connection) {
    return Error{ErrorCode::unavailable, "the database is not available; try again"}.with_detail(
        std::string("connection: ") + PQerrorMessage(connection));
}

}  // namespace rb::store_pg
