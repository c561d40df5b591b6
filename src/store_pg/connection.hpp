// One connection to PostgreSQL: owner of a PGconn.
//
// One thread at a time. Calls block, bounded by the timeouts of limits.hpp. After an Error with
// is_broken() the connection is of no further use and is to be dropped.

#pragma once

#include "base/result.hpp"

#include "store_pg/limits.hpp"
#include "store_pg/parameters.hpp"
#include "store_pg/rows.hpp"
#include "store_pg/statement.hpp"
#include "store_pg/statement_watch.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

struct pg_conn;

namespace rb::store_pg {

struct ConnectionOptions {
    // postgres://user:pass@host:5432/rustbill, or libpq's key=value form.
    std::string url;
    std::string application_name = "rustbill";
    std::chrono::milliseconds statement_timeout = store_pg::statement_timeout;
    std::chrono::milliseconds lock_timeout = store_pg::lock_timeout;
    std::chrono::milliseconds idle_in_transaction_timeout = store_pg::idle_in_transaction_timeout;
    // Where slow and failed statements are written (statement_watch.hpp); must outlive the
    // connection.
    core::Log* log = nullptr;
    std::chrono::milliseconds slow_statement{0};
};

// A statement and its values, ready to be sent.
struct Command {
    const Statement* statement;
    Parameters parameters;
};

class Connection {
public:
    // ERRORS: unavailable  the server does not answer, or refuses these credentials (see detail)
    static Result<Connection> open(const ConnectionOptions& options);

    // Runs one statement; outside a transaction it is one of its own.
    // ERRORS: see sql_error.hpp
    Result<Rows> run(const Statement& statement, const Parameters& parameters = {});

    // Runs all in one round trip and returns an answer for each, in order. The first failure ends
    // the batch; what follows it is not run. Outside BEGIN … COMMIT the batch is one transaction.
    // REQUIRES: 1 to pipeline_commands_max commands
    Result<std::vector<Rows>> run_pipeline(std::span<const Command> commands);

    // Several statements in one text, unprepared: migrations and session settings. No parameters.
    Result<> run_script(const std::string& sql);

    // A notification that has arrived on a channel this connection listens on.
    struct Notification {
        std::string channel;
        std::string payload;
    };
    // Waits for the next one; nothing when the time is over.
    // ERRORS: unavailable  the connection broke
    Result<std::optional<Notification>> wait_for_notification(std::chrono::milliseconds timeout);

    // Whether the socket is open as far as the kernel knows; costs no round trip.
    [[nodiscard]] bool looks_alive() const;
    [[nodiscard]] bool is_broken() const;
    [[nodiscard]] int backend_pid() const;

private:
    struct Close {
        void operator()(pg_conn* connection) const;
    };
    using Handle = std::unique_ptr<pg_conn, Close>;

    Connection(Handle handle, StatementWatch watch) : handle_(std::move(handle)), watch_(watch) {}

    Result<Rows> run_unwatched(const Statement& statement, const Parameters& parameters);
    Result<std::vector<Rows>> run_pipeline_unwatched(std::span<const Command> commands);

    [[nodiscard]] bool is_prepared(const Statement& statement) const;
    Result<> prepare(const Statement& statement);

    // A pipeline ended in the middle: the connection's answers no longer fit its questions.
    Error lose();

    Handle handle_;
    StatementWatch watch_;
    bool is_lost_ = false;
    // Name to the constant it came from: two constants of one name are a bug.
    std::unordered_map<std::string_view, const Statement*> prepared_;
};

}  // namespace rb::store_pg
