// A transaction on a borrowed connection. It rolls back unless committed.
//
// BEGIN travels with the first statement, and statements whose answer nobody waits for (defer) with
// the next one that is read or with COMMIT: a use case that reads twice and writes five rows takes
// three round trips. A deferred statement that fails is reported by the call that sent it.
//
// One thread. After an Error only the destructor may be called.

#pragma once

#include "base/result.hpp"

#include "store_pg/pool.hpp"

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

    // ERRORS: see sql_error.hpp; also those of the statements deferred before.
    Result<Rows> query(const Statement& statement, Parameters parameters = {});
    void defer(const Statement& statement, Parameters parameters, Expect expect = Expect::any);

    // Wakes who listens on the channel (listener.hpp) once this has committed.
    //
    // Not inside the transaction: PostgreSQL commits transactions that notify one after the other,
    // which would make every paid order wait for the disk of the one before. A process that dies in
    // between wakes nobody; the workers' regular look finds the work then.
    // `channel` is one of the constants in listener.hpp.
    void announce(const char* channel) { announced_ = channel; }

    // Sends what is deferred and commits.
    // ERRORS: as query; `unavailable` when the answer to COMMIT was lost: then it may or may not
    //         have happened, which is why every command can be repeated.
    Result<> commit();

    // Sends what is deferred now, so that its locks are taken and its errors known.
    Result<> flush();

private:
    Result<std::vector<Rows>> send();

    Pool::Lease lease_;
    const Isolation isolation_;
    bool begun_ = false;
    bool finished_ = false;
    std::vector<Command> pending_;
    std::vector<Expect> expectations_;
    const char* announced_ = nullptr;
};

}  // namespace rb::store_pg
