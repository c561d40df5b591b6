#include "store_pg/transaction.hpp"

namespace rb::store_pg {
namespace {

// A payment's last batch has twelve.
constexpr std::size_t usual_batch = 16;

constexpr Statement begin_statement{"transaction_begin", "BEGIN"};
constexpr Statement commit_statement{"transaction_commit", "COMMIT"};

}  // namespace

Transaction::~Transaction() {
    if (finished_ || !begun_) return;
    // A connection that cannot even roll back must not be met by the next user.
    if (lease_->is_broken() || lease_->run_script("ROLLBACK").has_error()) lease_.condemn();
}

void Transaction::enqueue(const Statement& statement, Parameters parameters, Expect expect) {
    ASSERT(!finished_);
    if (pending_.empty()) {
        pending_.reserve(usual_batch);
        expectations_.reserve(usual_batch);
    }
    if (isolation_ == Isolation::transaction && !begun_ && pending_.empty()) {
        pending_.push_back({&begin_statement, {}});
        expectations_.push_back(Expect::any);
    }
    pending_.push_back({&statement, std::move(parameters)});
    expectations_.push_back(expect);
}

void Transaction::defer(const Statement& statement, Parameters parameters, Expect expect) {
    enqueue(statement, std::move(parameters), expect);
}

Result<Rows> Transaction::query(const Statement& statement, Parameters parameters) {
    return take(ask(statement, std::move(parameters)));
}

Transaction::Ticket Transaction::ask(const Statement& statement, Parameters parameters) {
    enqueue(statement, std::move(parameters), Expect::any);
    const auto ticket = sent_ + pending_.size() - 1;
    asked_.emplace(ticket, std::nullopt);
    return ticket;
}

Result<Rows> Transaction::take(Ticket ticket) {
    if (ticket >= sent_) TRY(send());
    auto found = asked_.extract(ticket);
    ASSERT(!found.empty() && found.mapped().has_value());
    return std::move(*found.mapped());
}

Result<> Transaction::flush() {
    if (pending_.empty()) return {};
    return send();
}

Result<> Transaction::commit() {
    ASSERT(isolation_ == Isolation::transaction);
    if (!begun_ && pending_.empty()) {
        finished_ = true;
        return {};
    }
    // Row counts are known only with the answers, so a batch that may fail its expectations must
    // not carry the COMMIT; PostgreSQL turns COMMIT of a failed transaction into ROLLBACK, but a
    // missing row is no failure to it.
    bool checked = true;
    for (const auto expect : expectations_) checked = checked && expect == Expect::any;
    if (!checked) TRY(flush());
    defer(commit_statement, {}, Expect::any);
    TRY(send());
    finished_ = true;
    return {};
}

Result<> Transaction::send() {
    auto commands = std::exchange(pending_, {});
    std::vector<Rows> answers;
    answers.reserve(commands.size());
    const auto expectations = std::exchange(expectations_, {});
    const auto first = std::exchange(sent_, sent_ + commands.size());
    begun_ = isolation_ == Isolation::transaction;
    for (std::size_t from = 0; from < commands.size(); from += pipeline_commands_max) {
        const auto count = std::min(pipeline_commands_max, commands.size() - from);
        auto part = TRY(lease_->run_pipeline(std::span(commands).subspan(from, count)));
        for (auto& rows : part) answers.push_back(std::move(rows));
    }
    TRY(check(commands, expectations, answers));
    for (auto place = asked_.lower_bound(first); place != asked_.end(); ++place) {
        place->second = std::move(answers[place->first - first]);
    }
    return {};
}

Result<> Transaction::check(const std::vector<Command>& commands,
                            const std::vector<Expect>& expectations,
                            const std::vector<Rows>& answers) const {
    for (std::size_t index = 0; index < answers.size(); ++index) {
        if (expectations[index] == Expect::one && answers[index].affected() != 1) {
            return Error{ErrorCode::conflict, "it was changed by somebody else; try again"}
                .with_detail(std::string("sql ") + commands[index].statement->name + " touched " +
                             std::to_string(answers[index].affected()) + " rows");
        }
    }
    return {};
}

}  // namespace rb::store_pg
