// What every command works on: the database of the configuration, read as the server reads it.

#pragma once

#include "base/result.hpp"

#include "core/identity/user_service.hpp"
#include "core/ports/fault_point.hpp"

#include "store_pg/pg_database.hpp"
#include "store_pg/pool.hpp"

#include "config/config.hpp"
#include "crypto/bounded_password_hasher.hpp"
#include "system/openssl_random.hpp"
#include "system/system_clock.hpp"
#include "system/uuid7_source.hpp"

#include <memory>

namespace rb::cli {

// One thread.
class Backend {
public:
    // Opens no connection yet.
    explicit Backend(const config::DbConfig& settings);

    // ERRORS: unavailable  the database does not answer
    Result<store_pg::Pool*> pool();
    Result<core::Database*> database();
    Result<core::UserService*> users();

    [[nodiscard]] store_pg::ConnectionOptions connection_options() const;

private:
    config::DbConfig settings_;
    system::SystemClock clock_;
    system::OpensslRandom random_;
    system::Uuid7Source ids_{clock_, random_};
    core::NoFaultPoint no_faults_;
    crypto::BoundedPasswordHasher passwords_{random_, {}};
    std::unique_ptr<store_pg::Pool> pool_;
    std::unique_ptr<store_pg::PgDatabase> database_;
    std::unique_ptr<core::UserService> users_;
};

}  // namespace rb::cli
