#include "store_pg/ledger_store.hpp"

namespace rb::store_pg {
namespace {

constexpr Statement select_account{
    "select_account",
    "SELECT id, balance, credit_limit, currency, is_active FROM customers WHERE id = $1"};

// Not FOR UPDATE: rows that refer to the customer may still be inserted by others.
constexpr Statement lock_account{
    "lock_account",
    "SELECT id, balance, credit_limit, currency, is_active FROM customers WHERE id = $1 "
    "FOR NO KEY UPDATE"};

constexpr Statement lock_payer{
    "lock_payer",
    "SELECT id, balance, credit_limit, currency, is_active FROM customers WHERE id = "
    "(SELECT customer_id FROM orders WHERE id = $1 AND ($2::uuid IS NULL OR customer_id = $2)) "
    "FOR NO KEY UPDATE"};

constexpr Statement update_balance{
    "update_balance", "UPDATE customers SET balance = $2, updated_at = $3 WHERE id = $1"};

constexpr Statement insert_entry{
    "insert_ledger_entry",
    "INSERT INTO ledger_entries (id, kind, reference_id, description, created_at) "
    "VALUES ($1, $2, $3, $4, $5)"};

constexpr Statement insert_posting{
    "insert_ledger_posting",
    "INSERT INTO ledger_postings (entry_id, line, account, customer_id, gateway_id, amount, "
    "currency) VALUES ($1, $2, $3, $4, $5, $6, $7)"};

// The next number is safe to read: the account's row is locked.
constexpr Statement insert_balance_transaction{
    "insert_balance_transaction",
    "INSERT INTO balance_transactions (id, sequence, customer_id, amount, balance_before, "
    "balance_after, currency, transaction_type, reference_id, description, entry_id, created_at) "
    "SELECT $1, coalesce(max(sequence), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 "
    "FROM balance_transactions WHERE customer_id = $2"};

#define BALANCE_COLUMNS                                                                    \
    "id, customer_id, amount, balance_before, balance_after, currency, transaction_type, " \
    "reference_id, description, entry_id, created_at"

#define BALANCE_FILTER                              \
    "WHERE ($1::uuid IS NULL OR customer_id = $1) " \
    "AND ($2::text IS NULL OR transaction_type = $2) "

constexpr Statement list_balance_transactions{
    "list_balance_transactions",
    "SELECT " BALANCE_COLUMNS " FROM balance_transactions " BALANCE_FILTER
    "ORDER BY created_at DESC, sequence DESC, id DESC LIMIT $3 OFFSET $4"};

constexpr Statement count_balance_transactions{
    "count_balance_transactions", "SELECT count(*) FROM balance_transactions " BALANCE_FILTER};

// The customer is named so that his rows are looked through, and not everybody's.
constexpr Statement select_booked{
    "select_booked", "SELECT " BALANCE_COLUMNS
                     " FROM balance_transactions WHERE (customer_id, entry_id) = "
                     "(SELECT p.customer_id, p.entry_id FROM ledger_entries e JOIN ledger_postings "
                     "p ON p.entry_id = e.id AND p.account = 'customer_balance' "
                     "WHERE e.kind = $1 AND e.reference_id = $2)"};

constexpr Statement select_entry{
    "select_ledger_entry", "SELECT 1 FROM ledger_entries WHERE kind = $1 AND reference_id = $2"};

constexpr Statement select_credited_account{
    "select_credited_account",
    "SELECT p.account FROM ledger_entries e JOIN ledger_postings p ON p.entry_id = e.id "
    "WHERE e.kind = 'payment' AND e.reference_id = $1 AND p.amount < 0"};

std::optional<core::Account> read_account(const Rows& rows) {
    if (rows.empty()) return std::nullopt;
    const auto row = rows.front();
    return core::Account{.customer = row.get<core::CustomerId>(0),
                         .balance = row.money(1, 3),
                         .credit_limit = row.money(2, 3),
                         .is_active = row.boolean(4)};
}

core::BalanceTransaction read_balance_transaction(const Row& row) {
    return {.id = row.get<core::BalanceTransactionId>(0),
            .customer = row.get<core::CustomerId>(1),
            .amount = row.money(2, 5),
            .balance_before = row.money(3, 5),
            .balance_after = row.money(4, 5),
            .type = row.get<core::BalanceTransactionType>(6),
            .reference_id = row.get<std::string>(7),
            .description = row.get<std::string>(8),
            .entry = row.get<core::LedgerEntryId>(9),
            .created_at = row.timestamp(10)};
}

}  // namespace

core::Later<std::optional<core::Account>> PgLedgerStore::find_account_later(
    core::CustomerId customer) {
    return transaction_.query_later<std::optional<core::Account>>(
        select_account, Parameters::of(customer), read_account);
}

core::Later<std::optional<core::Account>> PgLedgerStore::find_payer_for_update_later(
    core::OrderId order, std::optional<core::CustomerId> owner) {
    return transaction_.query_later<std::optional<core::Account>>(
        lock_payer, Parameters::of(order, owner), read_account);
}

Result<std::optional<core::Account>> PgLedgerStore::find_account_for_update(
    core::CustomerId customer) {
    return read_account(TRY(transaction_.query(lock_account, Parameters::of(customer))));
}

void PgLedgerStore::insert(const core::LedgerEntry& entry) {
    ASSERT(entry.postings.size() >= 2);
    auto sum = core::Money::zero(entry.postings.front().amount.currency());
    for (const auto& posting : entry.postings) sum = sum + posting.amount;
    ASSERT(sum.is_zero());
    transaction_.defer(insert_entry, Parameters::of(entry.id, entry.kind, entry.reference,
                                                    entry.description, entry.created_at));
    int line = 0;
    for (const auto& posting : entry.postings) {
        transaction_.defer(
            insert_posting,
            Parameters::of(entry.id, ++line, posting.account, posting.customer, posting.gateway_id,
                           posting.amount, posting.amount.currency()));
    }
}

Result<> PgLedgerStore::append(const core::LedgerEntry& entry) {
    for (const auto& posting : entry.postings) {
        ASSERT(posting.account != core::LedgerAccount::customer_balance);
    }
    insert(entry);
    return {};
}

Result<core::BalanceTransaction> PgLedgerStore::append(const core::LedgerEntry& entry,
                                                       core::Account& account,
                                                       core::BalanceTransactionId id,
                                                       core::BalanceTransactionType type,
                                                       std::string_view reference_id,
                                                       std::string_view description) {
    const auto change = core::balance_change(entry, account.customer, account.balance.currency());
    ASSERT(!change.is_zero());
    if (account.balance.minor_units() + change.minor_units() > core::Money::minor_units_max) {
        return Error{ErrorCode::failed_precondition, "the balance would be too large"};
    }
    const core::BalanceTransaction transaction{.id = id,
                                               .customer = account.customer,
                                               .amount = change,
                                               .balance_before = account.balance,
                                               .balance_after = account.balance + change,
                                               .type = type,
                                               .reference_id = std::string(reference_id),
                                               .description = std::string(description),
                                               .entry = entry.id,
                                               .created_at = entry.created_at};
    insert(entry);
    transaction_.defer(
        insert_balance_transaction,
        Parameters::of(transaction.id, transaction.customer, transaction.amount,
                       transaction.balance_before, transaction.balance_after,
                       transaction.amount.currency(), transaction.type, transaction.reference_id,
                       transaction.description, transaction.entry, transaction.created_at));
    transaction_.defer(update_balance, Parameters::of(account.customer, transaction.balance_after,
                                                      transaction.created_at));
    account.balance = transaction.balance_after;
    return transaction;
}

Result<core::Page<core::BalanceTransaction>> PgLedgerStore::list(
    const core::BalanceTransactionFilter& filter, core::PageRequest page) {
    auto parameters = Parameters::of(filter.customer, filter.type);
    const auto count = TRY(transaction_.query(count_balance_transactions, parameters));
    parameters.add(page.page_size);
    parameters.add(page.offset());
    const auto rows = TRY(transaction_.query(list_balance_transactions, std::move(parameters)));
    return core::Page<core::BalanceTransaction>{
        .items = rows.mapped(read_balance_transaction),
        .total = static_cast<std::uint64_t>(count.front().integer(0))};
}

Result<std::optional<core::BalanceTransaction>> PgLedgerStore::find_booked(
    core::EntryKind kind, std::string_view reference) {
    const auto rows = TRY(transaction_.query(select_booked, Parameters::of(kind, reference)));
    if (rows.empty()) return std::optional<core::BalanceTransaction>();
    return std::optional(read_balance_transaction(rows.front()));
}

Result<bool> PgLedgerStore::has_entry(core::EntryKind kind, std::string_view reference) {
    const auto rows = TRY(transaction_.query(select_entry, Parameters::of(kind, reference)));
    return !rows.empty();
}

Result<std::optional<core::LedgerAccount>> PgLedgerStore::credited_by_payment(
    std::string_view payment) {
    const auto rows = TRY(transaction_.query(select_credited_account, Parameters::of(payment)));
    if (rows.empty()) return std::optional<core::LedgerAccount>();
    return std::optional(rows.front().get<core::LedgerAccount>(0));
}

}  // namespace rb::store_pg
