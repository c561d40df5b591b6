#include "store_pg/connection.hpp"

#include "store_pg/sql_error.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>

namespace rb::store_pg {
namespace {

struct ClearResult {
    void operator()(PGresult* result) const { PQclear(result); }
};
using ResultHandle = std::unique_ptr<PGresult, ClearResult>;

bool is_success(ExecStatusType status) {
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

// The pointers libpq wants, alive as long as the Parameters.
struct ParameterPointers {
    explicit ParameterPointers(const Parameters& parameters) {
        pointers.reserve(parameters.size());
        for (std::size_t i = 0; i < parameters.size(); ++i) pointers.push_back(parameters[i]);
    }
    [[nodiscard]] int count() const { return static_cast<int>(pointers.size()); }
    [[nodiscard]] const char* const* data() const {
        return pointers.empty() ? nullptr : pointers.data();
    }
    std::vector<const char*> pointers;
};

std::string session_settings(const ConnectionOptions& options) {
    const auto millis = [](std::chrono::milliseconds time) { return std::to_string(time.count()); };
    return "SET statement_timeout = " + millis(options.statement_timeout) +
           "; SET lock_timeout = " + millis(options.lock_timeout) +
           "; SET idle_in_transaction_session_timeout = " +
           millis(options.idle_in_transaction_timeout) +
           "; SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET client_min_messages = warning";
}

}  // namespace

void Connection::Close::operator()(pg_conn* connection) const {
    PQfinish(connection);
}

Result<Connection> Connection::open(const ConnectionOptions& options) {
    const auto connect_secs = std::to_string(connect_timeout.count());
    const auto user_timeout = std::to_string(tcp_user_timeout.count());
    const std::array keywords = {"dbname",           "application_name",
                                 "client_encoding",  "keepalives",
                                 "keepalives_idle",  "connect_timeout",
                                 "tcp_user_timeout", static_cast<const char*>(nullptr)};
    const std::array values = {options.url.c_str(),
                               options.application_name.c_str(),
                               "UTF8",
                               "1",
                               "30",
                               connect_secs.c_str(),
                               user_timeout.c_str(),
                               static_cast<const char*>(nullptr)};
    Handle handle(PQconnectdbParams(keywords.data(), values.data(), 1));
    if (!handle) return Error{ErrorCode::unavailable, "the database is not available; try again"};
    if (PQstatus(handle.get()) != CONNECTION_OK) return connection_lost(handle.get());
    // Notices (an IF NOT EXISTS that did) belong to nobody.
    PQsetNoticeProcessor(
        handle.get(), [](void*, const char*) {}, nullptr);
    Connection connection(std::move(handle), StatementWatch(options.log, options.slow_statement));
    TRY(connection.run_script(session_settings(options)));
    return connection;
}

bool Connection::is_prepared(const Statement& statement) const {
    const auto found = prepared_.find(statement.name);
    if (found == prepared_.end()) return false;
    ASSERT(found->second == &statement);
    return true;
}

Result<> Connection::prepare(const Statement& statement) {
    const ResultHandle result(PQprepare(handle_.get(), statement.name, statement.sql, 0, nullptr));
    if (is_broken()) return connection_lost(handle_.get());
    if (!is_success(PQresultStatus(result.get()))) {
        return error_from(result.get(), statement.name);
    }
    prepared_.emplace(statement.name, &statement);
    return {};
}

Result<Rows> Connection::run(const Statement& statement, const Parameters& parameters) {
    return watch_.watch(statement.name, [&] { return run_unwatched(statement, parameters); });
}

Result<Rows> Connection::run_unwatched(const Statement& statement, const Parameters& parameters) {
    if (!is_prepared(statement)) TRY(prepare(statement));
    const ParameterPointers pointers(parameters);
    ResultHandle result(PQexecPrepared(handle_.get(), statement.name, pointers.count(),
                                       pointers.data(), nullptr, nullptr, 0));
    if (!result) return connection_lost(handle_.get());
    if (!is_success(PQresultStatus(result.get()))) {
        if (is_broken()) return connection_lost(handle_.get());
        return error_from(result.get(), statement.name);
    }
    return Rows(result.release());
}

Error Connection::lose() {
    is_lost_ = true;
    return connection_lost(handle_.get());
}

Result<std::vector<Rows>> Connection::run_pipeline(std::span<const Command> commands) {
    ASSERT(!commands.empty() && commands.size() <= pipeline_commands_max);
    // A batch is known by its last statement, which is what it was for.
    return watch_.watch(commands.back().statement->name,
                        [&] { return run_pipeline_unwatched(commands); });
}

Result<std::vector<Rows>> Connection::run_pipeline_unwatched(std::span<const Command> commands) {
    if (commands.size() == 1) {
        std::vector<Rows> one;
        one.push_back(TRY(run_unwatched(*commands[0].statement, commands[0].parameters)));
        return one;
    }
    // A statement's first use: its Parse travels in the same round trip.
    struct Sent {
        const Statement* statement;
        bool is_prepare;
    };
    std::vector<Sent> sent;
    sent.reserve(commands.size() * 2);
    if (PQenterPipelineMode(handle_.get()) != 1) return lose();
    bool ok = true;
    std::vector<const Statement*> preparing;
    for (const auto& command : commands) {
        const auto& statement = *command.statement;
        const bool known = is_prepared(statement) || std::find(preparing.begin(), preparing.end(),
                                                               &statement) != preparing.end();
        if (!known) {
            ok = ok && PQsendPrepare(handle_.get(), statement.name, statement.sql, 0, nullptr) == 1;
            preparing.push_back(&statement);
            sent.push_back({&statement, true});
        }
        const ParameterPointers pointers(command.parameters);
        ok = ok && PQsendQueryPrepared(handle_.get(), statement.name, pointers.count(),
                                       pointers.data(), nullptr, nullptr, 0) == 1;
        sent.push_back({&statement, false});
    }
    ok = ok && PQpipelineSync(handle_.get()) == 1;
    if (!ok) return lose();

    std::vector<Rows> answers;
    answers.reserve(commands.size());
    std::optional<Error> failure;
    for (const auto& item : sent) {
        ResultHandle result(PQgetResult(handle_.get()));
        if (!result || is_broken()) return lose();
        // Each command's results end with a null.
        while (const ResultHandle rest{PQgetResult(handle_.get())}) {
        }
        const auto status = PQresultStatus(result.get());
        if (!is_success(status)) {
            if (!failure) failure = error_from(result.get(), item.statement->name);
        } else if (item.is_prepare) {
            prepared_.emplace(item.statement->name, item.statement);
        } else {
            answers.emplace_back(result.release());
        }
    }
    const ResultHandle sync(PQgetResult(handle_.get()));
    if (!sync || PQresultStatus(sync.get()) != PGRES_PIPELINE_SYNC ||
        PQexitPipelineMode(handle_.get()) != 1) {
        return lose();
    }
    if (failure) return *failure;
    return answers;
}

Result<> Connection::run_script(const std::string& sql) {
    const ResultHandle result(PQexec(handle_.get(), sql.c_str()));
    if (!result) return connection_lost(handle_.get());
    if (!is_success(PQresultStatus(result.get())) &&
        PQresultStatus(result.get()) != PGRES_EMPTY_QUERY) {
        if (is_broken()) return connection_lost(handle_.get());
        return error_from(result.get(), "script");
    }
    return {};
}

Result<std::optional<Connection::Notification>> Connection::wait_for_notification(
    std::chrono::milliseconds timeout) {
    const auto take = [this]() -> std::optional<Notification> {
        struct Free {
            void operator()(PGnotify* notify) const { PQfreemem(notify); }
        };
        const std::unique_ptr<PGnotify, Free> notify(PQnotifies(handle_.get()));
        if (!notify) return std::nullopt;
        return Notification{notify->relname, notify->extra};
    };
    if (auto waiting = take()) return waiting;
    pollfd socket{.fd = PQsocket(handle_.get()), .events = POLLIN, .revents = 0};
    const int ready = poll(&socket, 1, static_cast<int>(timeout.count()));
    if (ready > 0 && PQconsumeInput(handle_.get()) != 1) return connection_lost(handle_.get());
    return take();
}

bool Connection::looks_alive() const {
    if (is_broken()) return false;
    // An idle connection has nothing to read; if it has, the server said good-bye.
    pollfd socket{.fd = PQsocket(handle_.get()), .events = POLLIN, .revents = 0};
    return poll(&socket, 1, 0) == 0;
}

bool Connection::is_broken() const {
    return is_lost_ || PQstatus(handle_.get()) != CONNECTION_OK;
}

int Connection::backend_pid() const {
    return PQbackendPID(handle_.get());
}

}  // namespace rb::store_pg
