// A transaction on a borrowed connection. It rolls back unless committed.
//
// BEGIN travels with the first statement, and statements whose answer nobody waits for (defer) with
// the next one that is read or with COMMIT: a use case that reads twice and writes five rows takes
// three round trips. A deferred statement that fails is reported by the call that sent it.
//
// One thread. After an Error only the destructor may be called.

#pragma once

#include "base/result.hpp"

#include "core/later.hpp"

#include "store_pg/pool.hpp"

#include <map>
#include <vector>

namespace rb::store_pg {

// How many rows a deferred statement must touch; anything else is `conflict`.
enum class Expect { any, one };

// single_reads: no BEGIN, each statement sees its own moment; nothing is written or locked.
enum class Isolation { transaction, single_reads };

class Transaction {
public:
    explicit Transaction(Pool::Lease lease, Isolation isolation = Isolation::transaction)
        : lease_(std::move(lease)), isolation_(isolation) {}
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    // REQUIRES of all three: `statement` outlives the transaction, as a constant does; what is
    // deferred is sent later and keeps no copy.
    // ERRORS: see sql_error.hpp; also those of the statements deferred before.
    Result<Rows> query(const Statement& statement, Parameters parameters = {});
    void defer(const Statement& statement, Parameters parameters, Expect expect = Expect::any);
    // A read that travels with whatever is sent next; `read(const Rows&)` makes the value of it.
    template <typename T, typename Read>
    core::Later<T> query_later(const Statement& statement, Parameters parameters, Read read) {
        return core::Later<T>([this, ticket = ask(statement, std::move(parameters)), read] {
            return take_as<T>(ticket, read);
        });
    }

    // This makes work for the event workers: who commits it is to tell them (announcer.hpp).
    void make_work() { makes_work_ = true; }
    [[nodiscard]] bool makes_work() const { return makes_work_; }

    // Sends what is deferred and commits.
    // ERRORS: as query; `unavailable` when the answer to COMMIT was lost: then it may or may not
    //         have happened, which is why every command can be repeated.
    Result<> commit();

    // Sends what is deferred now, so that its locks are taken and its errors known.
    Result<> flush();

private:
    // A place in the order of all statements of this transaction.
    using Ticket = std::size_t;

    Ticket ask(const Statement& statement, Parameters parameters);
    Result<Rows> take(Ticket ticket);
    template <typename T, typename Read>
    Result<T> take_as(Ticket ticket, Read read) {
        return read(TRY(take(ticket)));
    }
    void enqueue(const Statement& statement, Parameters parameters, Expect expect);
    Result<> send();
    Result<> check(const std::vector<Command>& commands, const std::vector<Expect>& expectations,
                   const std::vector<Rows>& answers) const;

    Pool::Lease lease_;
    const Isolation isolation_;
    bool begun_ = false;
    bool finished_ = false;
    std::vector<Command> pending_;
    std::vector<Expect> expectations_;
    // The place of the first pending statement, and the asked-for answers that wait to be taken.
    Ticket sent_ = 0;
    std::map<Ticket, std::optional<Rows>> asked_;
    bool makes_work_ = false;
};

}  // namespace rb::store_pg
