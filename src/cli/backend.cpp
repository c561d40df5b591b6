#include "cli/backend.hpp"

namespace rb::cli {

namespace {

// One command at a time; a second connection serves a store that borrows its own.
constexpr int connections_max = 2;

}  // namespace

Backend::Backend(const config::DbConfig& settings) : settings_(settings) {}

store_pg::ConnectionOptions Backend::connection_options() const {
    return {.url = settings_.url,
            .application_name = "rustbill-cli",
            .statement_timeout = std::chrono::milliseconds(settings_.statement_timeout_ms),
            .lock_timeout = std::chrono::milliseconds(settings_.lock_timeout_ms)};
}

Result<store_pg::Pool*> Backend::pool() {
    if (!pool_) {
        pool_ = TRY(store_pg::Pool::create(
            {.connection = connection_options(),
             .max_connections = connections_max,
             .min_connections = 1,
             .acquire_timeout = std::chrono::seconds(settings_.acquire_timeout_secs)}));
    }
    return pool_.get();
}

Result<core::Database*> Backend::database() {
    if (!database_) {
        auto* connections = TRY(pool());
        database_ = std::make_unique<store_pg::PgDatabase>(*connections, no_faults_);
    }
    return database_.get();
}

Result<core::UserService*> Backend::users() {
    if (!users_) {
        auto* database = TRY(this->database());
        users_ = std::make_unique<core::UserService>(*database, passwords_, clock_, ids_);
    }
    return users_.get();
}

}  // namespace rb::cli
