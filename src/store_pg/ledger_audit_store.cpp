#include "store_pg/ledger_audit_store.hpp"

#include <array>

namespace rb::store_pg {
namespace {

constexpr Statement set_snapshot{"audit_snapshot",
                                 "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"};

// An audit reads whole tables: it takes the time it takes, and a plan made for a few rows (tables
// that were never analysed) would compare each with each.
constexpr Statement lift_timeout{"audit_lift_timeout", "SET LOCAL statement_timeout = 0"};
constexpr Statement join_by_hash{"audit_join_by_hash", "SET LOCAL enable_nestloop = off"};

constexpr Statement count_books{
    "audit_totals",
    "SELECT (SELECT count(*) FROM ledger_entries), (SELECT count(*) FROM customers), "
    "(SELECT count(*) FROM balance_transactions), (SELECT count(*) FROM payments)"};

struct Check {
    std::string_view name;
    // Answers (table, row, why); no row when all is well.
    Statement statement;
};

constexpr std::array checks = {
    Check{"every entry has two postings or more, and they sum to zero",
          {"audit_entries",
           "SELECT 'ledger_entries', e.id::text, 'its postings sum to ' || "
           "coalesce(string_agg(p.total || ' ' || p.currency, ', '), 'nothing') "
           "FROM ledger_entries e LEFT JOIN LATERAL (SELECT currency, sum(amount) AS total, "
           "count(*) AS lines FROM ledger_postings WHERE entry_id = e.id GROUP BY currency) p "
           "ON TRUE GROUP BY e.id HAVING coalesce(sum(p.lines), 0) < 2 OR bool_or(p.total <> 0) "
           "ORDER BY e.id LIMIT 1"}},
    Check{
        "a customer's balance is what his postings add up to",
        {"audit_balances",
         "SELECT 'customers', c.id::text, 'balance is ' || c.balance || ', his postings add up to "
         "' || coalesce(-sum(p.amount), 0) FROM customers c LEFT JOIN ledger_postings p "
         "ON p.customer_id = c.id AND p.account = 'customer_balance' AND p.currency = c.currency "
         "GROUP BY c.id HAVING c.balance <> coalesce(-sum(p.amount), 0) ORDER BY c.id LIMIT 1"}},
    Check{"balance transactions form an unbroken chain from zero",
          {"audit_chain",
           "SELECT 'balance_transactions', id::text, 'sequence ' || sequence || ' begins at ' || "
           "balance_before || ', the one before ends at ' || previous FROM ("
           "SELECT id, customer_id, sequence, balance_before, "
           "lag(balance_after, 1, 0::decimal) OVER chain AS previous, "
           "row_number() OVER chain AS expected FROM balance_transactions "
           "WINDOW chain AS (PARTITION BY customer_id ORDER BY sequence)) t "
           "WHERE balance_before <> previous OR sequence <> expected "
           "ORDER BY customer_id, sequence LIMIT 1"}},
    Check{"the last balance transaction ends at the customer's balance",
          {"audit_chain_end",
           "SELECT 'customers', c.id::text, 'balance is ' || c.balance || ', the last balance "
           "transaction ends at ' || coalesce(t.balance_after, 0) FROM customers c "
           "LEFT JOIN LATERAL (SELECT balance_after FROM balance_transactions "
           "WHERE customer_id = c.id ORDER BY sequence DESC LIMIT 1) t ON TRUE "
           "WHERE c.balance <> coalesce(t.balance_after, 0) ORDER BY c.id LIMIT 1"}},
    Check{
        "each balance transaction has the posting it stands for, and each posting its transaction",
        {"audit_transactions",
         "SELECT 'balance_transactions', coalesce(t.id, p.entry_id)::text, 'moves ' || "
         "coalesce(t.amount, 0) || ', its entry moves ' || coalesce(-p.amount, 0) "
         "FROM balance_transactions t FULL JOIN (SELECT entry_id, customer_id, sum(amount) AS "
         "amount FROM ledger_postings WHERE account = 'customer_balance' "
         "GROUP BY entry_id, customer_id) p ON p.entry_id = t.entry_id "
         "AND p.customer_id = t.customer_id "
         "WHERE coalesce(t.amount, 0) <> coalesce(-p.amount, 0) ORDER BY 2 LIMIT 1"}},
    Check{"each payment that succeeded is booked once, with its amount",
          {"audit_payments",
           "SELECT 'payments', p.id::text, p.status || ' over ' || p.amount || ', booked ' || "
           "coalesce(b.amount, 0) FROM payments p LEFT JOIN (SELECT e.reference_id, "
           "sum(l.amount) AS amount FROM ledger_entries e JOIN ledger_postings l ON l.entry_id = "
           "e.id AND l.amount > 0 WHERE e.kind = 'payment' GROUP BY e.reference_id) b "
           "ON b.reference_id = p.id::text "
           "WHERE CASE WHEN p.status IN ('success', 'refunded') THEN p.amount ELSE 0 END "
           "<> coalesce(b.amount, 0) ORDER BY p.id LIMIT 1"}},
    Check{
        "each entry of a payment has its payment",
        {"audit_payment_entries",
         "SELECT 'ledger_entries', e.id::text, 'books the payment ' || e.reference_id || ', which "
         "does not exist' FROM ledger_entries e LEFT JOIN payments p ON p.id::text = "
         "e.reference_id WHERE e.kind = 'payment' AND p.id IS NULL ORDER BY e.id LIMIT 1"}},
    Check{"each refund that was paid is booked once, with its amount",
          {"audit_refunds",
           "SELECT 'refunds', r.id::text, r.status || ' over ' || r.amount || ', booked ' || "
           "coalesce(b.amount, 0) FROM refunds r LEFT JOIN (SELECT e.reference_id, "
           "sum(l.amount) AS amount FROM ledger_entries e JOIN ledger_postings l ON l.entry_id = "
           "e.id AND l.amount > 0 WHERE e.kind = 'refund' GROUP BY e.reference_id) b "
           "ON b.reference_id = r.id::text "
           "WHERE CASE WHEN r.status = 'success' THEN r.amount ELSE 0 END <> "
           "coalesce(b.amount, 0) ORDER BY r.id LIMIT 1"}},
    Check{"a payment's refunded amount is the sum of its refunds",
          {"audit_refunded_payments",
           "SELECT 'payments', p.id::text, 'refunded_amount is ' || p.refunded_amount || ', its "
           "refunds add up to ' || coalesce(sum(r.amount), 0) FROM payments p "
           "LEFT JOIN refunds r ON r.payment_id = p.id AND r.status <> 'failed' GROUP BY p.id "
           "HAVING p.refunded_amount <> coalesce(sum(r.amount), 0) ORDER BY p.id LIMIT 1"}},
    Check{"an order's refunded amount is the sum of its refunds",
          {"audit_refunded_orders",
           "SELECT 'orders', o.id::text, 'refunded_amount is ' || o.refunded_amount || ', its "
           "refunds add up to ' || coalesce(sum(r.amount), 0) FROM orders o "
           "LEFT JOIN refunds r ON r.order_id = o.id AND r.status <> 'failed' GROUP BY o.id "
           "HAVING o.refunded_amount <> coalesce(sum(r.amount), 0) ORDER BY o.id LIMIT 1"}},
    Check{"each gateway owes what its payments brought less what was paid back through it",
          {"audit_clearing",
           "SELECT 'ledger_postings', g.gateway_id, 'gateway_clearing is ' || g.booked || ', its "
           "payments less refunds are ' || g.derived FROM ("
           "SELECT gateway_id, currency, sum(booked) AS booked, sum(derived) AS derived FROM ("
           "SELECT gateway_id, currency, amount AS booked, 0::decimal AS derived "
           "FROM ledger_postings WHERE account = 'gateway_clearing' UNION ALL "
           "SELECT gateway_id, currency, 0, amount FROM payments "
           "WHERE status IN ('success', 'refunded') AND gateway_id <> 'balance' UNION ALL "
           "SELECT p.gateway_id, r.currency, 0, -r.amount FROM refunds r JOIN payments p "
           "ON p.id = r.payment_id WHERE r.destination = 'gateway' AND r.status = 'success') s "
           "GROUP BY gateway_id, currency) g WHERE g.booked <> g.derived "
           "ORDER BY g.gateway_id LIMIT 1"}},
    Check{"an order that was paid has money, and one that was not has none",
          {"audit_paid_orders",
           "SELECT 'orders', o.id::text, o.status || ' over ' || o.total_amount || ', its payments "
           "booked to it ' || coalesce(sum(-l.amount), 0) FROM orders o "
           "LEFT JOIN payments p ON p.order_id = o.id AND p.status IN ('success', 'refunded') "
           "LEFT JOIN ledger_entries e ON e.kind = 'payment' AND e.reference_id = p.id::text "
           "LEFT JOIN ledger_postings l ON l.entry_id = e.id AND l.account = 'deferred_revenue' "
           "GROUP BY o.id HAVING coalesce(sum(-l.amount), 0) <> "
           "CASE WHEN o.paid_at IS NULL THEN 0 ELSE o.total_amount END ORDER BY o.id LIMIT 1"}},
    Check{"money is deferred only while an order waits for its server",
          {"audit_deferred",
           "WITH of_order AS ("
           "SELECT e.id AS entry, p.order_id FROM ledger_entries e JOIN payments p "
           "ON p.id::text = e.reference_id WHERE e.kind = 'payment' UNION ALL "
           "SELECT e.id, o.id FROM ledger_entries e JOIN orders o ON o.id::text = e.reference_id "
           "WHERE e.kind = 'revenue' UNION ALL "
           "SELECT e.id, r.order_id FROM ledger_entries e JOIN refunds r "
           "ON r.id::text = e.reference_id WHERE e.kind = 'refund') "
           "SELECT 'orders', o.id::text, o.status || ', deferred_revenue is ' || sum(-l.amount) "
           "FROM orders o JOIN of_order m ON m.order_id = o.id "
           "JOIN ledger_postings l ON l.entry_id = m.entry AND l.account = 'deferred_revenue' "
           "GROUP BY o.id HAVING sum(-l.amount) < 0 OR "
           "(o.status NOT IN ('paid', 'provisioning') AND sum(-l.amount) <> 0) "
           "ORDER BY o.id LIMIT 1"}},
};

}  // namespace

Result<> PgLedgerAuditStore::begin_snapshot() {
    transaction_.defer(set_snapshot, {});
    transaction_.defer(lift_timeout, {});
    transaction_.defer(join_by_hash, {});
    return transaction_.flush();
}

int PgLedgerAuditStore::check_count() const {
    return static_cast<int>(checks.size());
}

std::string_view PgLedgerAuditStore::check_name(int check) const {
    return checks.at(static_cast<std::size_t>(check)).name;
}

Result<std::optional<core::LedgerFault>> PgLedgerAuditStore::find_fault(int check) {
    const auto rows = TRY(transaction_.query(checks.at(static_cast<std::size_t>(check)).statement));
    if (rows.empty()) return std::optional<core::LedgerFault>();
    const auto row = rows.front();
    return std::optional(core::LedgerFault{.table = row.get<std::string>(0),
                                           .row = row.get<std::string>(1),
                                           .why = row.get<std::string>(2)});
}

Result<core::LedgerTotals> PgLedgerAuditStore::totals() {
    const auto rows = TRY(transaction_.query(count_books));
    const auto row = rows.front();
    return core::LedgerTotals{.entries = row.get<std::uint64_t>(0),
                              .customers = row.get<std::uint64_t>(1),
                              .balance_transactions = row.get<std::uint64_t>(2),
                              .payments = row.get<std::uint64_t>(3)};
}

}  // namespace rb::store_pg
