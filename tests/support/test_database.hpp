// A database of one's own for each test, on a real PostgreSQL.
//
// The cluster: RB_TEST_PG_URL when set (a superuser's URL), else a private one that tools/postgres
// starts once per process and stops at its end, without fsync. A template database is migrated once
// per process; each TestDatabase is a clone of it and is dropped when it ends.
//
//     class OrderServiceTest : public testing::Test {
//         rb::test::TestDatabase db_;
//     };

#pragma once

#include "core/ports/fault_point.hpp"

#include "store_pg/connection.hpp"
#include "store_pg/pg_database.hpp"
#include "store_pg/pool.hpp"

#include <memory>
#include <mutex>
#include <string>

namespace rb::test {

// The cluster of this process. Ends the process with a sentence when there is none to be had.
class TestCluster {
public:
    static TestCluster& get();
    ~TestCluster();

    // The superuser's URL for a database of the cluster.
    [[nodiscard]] std::string url(const std::string& database) const;
    // Ends PostgreSQL as a crash would, and starts it again. Only on a private cluster.
    void crash();
    void start_again();
    [[nodiscard]] bool is_private() const { return !directory_.empty(); }

private:
    TestCluster();
    std::string directory_;
    std::string base_url_;  // without the database
};

enum class Schema { migrated, empty };

class TestDatabase {
public:
    explicit TestDatabase(Schema schema = Schema::migrated);
    ~TestDatabase();
    TestDatabase(const TestDatabase&) = delete;
    TestDatabase& operator=(const TestDatabase&) = delete;

    [[nodiscard]] const std::string& url() const { return url_; }
    [[nodiscard]] store_pg::ConnectionOptions connection_options() const;

    // Eight connections, made when first asked for, by whichever thread.
    store_pg::Pool& pool();
    // On that pool, without fault points.
    core::Database& database();

    // For what a test looks at or sets up itself; expects success.
    void run(const std::string& sql);
    // The first column of the first row, as text; "" when there is none or it is NULL.
    std::string value(const std::string& sql);

private:
    std::string name_;
    std::string url_;
    core::NoFaultPoint no_faults_;
    std::once_flag pool_made_;
    std::once_flag database_made_;
    std::unique_ptr<store_pg::Pool> pool_;
    std::unique_ptr<store_pg::PgDatabase> database_;
};

}  // namespace rb::test
