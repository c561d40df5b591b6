// The indexes behind lists and clean-ups, asked of the statements the stores really prepare.
// Sorting and reading whole tables are switched off, so that the planner does either only where no
// index serves: its estimates, the size of the tables and the values asked for decide nothing.

#include "core/billing/invoice_store.hpp"
#include "core/event/event_store.hpp"
#include "core/identity/session_store.hpp"
#include "core/instance/instance_store.hpp"
#include "core/ledger/ledger_store.hpp"
#include "core/notification/notification_store.hpp"
#include "core/order/order_store.hpp"
#include "core/payment/payment_store.hpp"
#include "core/ticket/ticket_store.hpp"

#include "store_pg/pg_database.hpp"

#include "support/test_database.hpp"

#include <gtest/gtest.h>

namespace rb::store_pg {
namespace {

using core::UnitOfWork;
using namespace std::chrono_literals;

struct Served {
    const char* index;
    const char* statement;
    // Has it prepared.
    bool (*use)(UnitOfWork& unit);
    // A few rows that an index found may be put in another order afterwards.
    bool may_sort = false;
};

constexpr core::Timestamp long_ago{};
constexpr int some = 10;

class IndexTest : public testing::TestWithParam<Served> {
protected:
    void SetUp() override {
        const auto& [index, statement, use, may_sort] = GetParam();
        auto unit = *PgDatabase(*pool_, no_faults_).begin();
        ASSERT_TRUE(use(*unit));
        ASSERT_TRUE(unit->commit("index_test").has_value());
    }

    // How the one connection of the pool would run a statement it has prepared.
    std::string plan_of(const std::string& statement) {
        auto connection = *pool_->acquire();
        EXPECT_TRUE(connection
                        ->run_script("SET enable_sort = off; SET enable_incremental_sort = off; "
                                     "SET enable_seqscan = off; SET enable_bitmapscan = off; "
                                     "SET plan_cache_mode = force_generic_plan")
                        .has_value());
        constexpr Statement count{"test_count_parameters",
                                  "SELECT cardinality(parameter_types) FROM pg_prepared_statements "
                                  "WHERE name = $1"};
        const auto counted = connection->run(count, Parameters::of(statement));
        if (counted.has_error() || counted->empty()) return statement + " is not prepared";
        std::string nulls = "NULL";
        for (auto i = counted->front().integer(0); i > 1; --i) nulls += ", NULL";
        const auto text =
            "EXPLAIN (COSTS OFF, FORMAT JSON) EXECUTE " + statement + "(" + nulls + ")";
        const Statement explain{"test_explain", text.c_str()};
        const auto rows = connection->run(explain);
        return rows.has_error() ? rows.error().detail : std::string(rows->front().text(0));
    }

private:
    test::TestDatabase db_;
    core::NoFaultPoint no_faults_;
    std::unique_ptr<Pool> pool_ = *Pool::create(
        {.connection = db_.connection_options(), .max_connections = 1, .min_connections = 1});
};

TEST_P(IndexTest, serves_the_statement_in_its_order) {
    const auto& served = GetParam();
    const auto plan = plan_of(served.statement);
    EXPECT_NE(plan.find("\"Index Name\": \"" + std::string(served.index) + "\""), std::string::npos)
        << plan;
    EXPECT_EQ(plan.find("Seq Scan"), std::string::npos) << plan;
    EXPECT_TRUE(served.may_sort || plan.find("Sort") == std::string::npos) << plan;
}

INSTANTIATE_TEST_SUITE_P(
    NewestFirst, IndexTest,
    testing::Values(
        Served{"orders_newest", "list_orders",
               [](UnitOfWork& unit) { return unit.orders().list({}, {}).has_value(); }},
        Served{"payments_newest", "list_payments",
               [](UnitOfWork& unit) { return unit.payments().list({}, {}).has_value(); }},
        Served{"invoices_newest", "list_invoices",
               [](UnitOfWork& unit) { return unit.invoices().list({}, {}).has_value(); }},
        Served{"instances_newest", "list_instances",
               [](UnitOfWork& unit) { return unit.instances().list({}, {}).has_value(); }},
        Served{"balance_transactions_newest", "list_balance_transactions",
               [](UnitOfWork& unit) { return unit.ledger().list({}, {}).has_value(); }},
        Served{"tickets_newest", "ticket_list",
               [](UnitOfWork& unit) { return unit.tickets().list({}, {}).has_value(); }}));

INSTANTIATE_TEST_SUITE_P(Counted, IndexTest,
                         testing::Values(Served{
                             "orders_unpaid_of_customer", "count_unpaid_orders",
                             [](UnitOfWork& unit) {
                                 return unit.orders().count_unpaid({}, {}).has_value();
                             }}));

INSTANTIATE_TEST_SUITE_P(
    Booked, IndexTest,
    testing::Values(Served{
        "balance_transactions_customer", "select_booked", [](UnitOfWork& unit) {
            return unit.ledger().find_booked(core::EntryKind::adjustment, "x").has_value();
        }}));

INSTANTIATE_TEST_SUITE_P(
    CleanUp, IndexTest,
    testing::Values(
        Served{"sessions_end", "session_delete_ended",
               [](UnitOfWork& unit) {
                   return unit.sessions().remove_ended(long_ago, some).has_value();
               }},
        Served{"refresh_tokens_head", "refresh_token_delete_ended",
               [](UnitOfWork& unit) {
                   return unit.refresh_tokens().remove_ended_families(long_ago, some).has_value();
               },
               true},
        Served{"verification_codes_end", "verification_code_delete_expired",
               [](UnitOfWork& unit) {
                   return unit.verification_codes().remove_expired(long_ago, some).has_value();
               }},
        Served{"gateway_callbacks_forged", "delete_rejected_callbacks",
               [](UnitOfWork& unit) {
                   return unit.callbacks().remove_rejected(long_ago, some).has_value();
               }},
        Served{"gateway_callbacks_unverified", "insert_callback_within",
               [](UnitOfWork& unit) {
                   return unit.callbacks().insert_within({}, long_ago, some).has_value();
               }},
        Served{
            "gateway_callbacks_repeated", "delete_repeated_callback",
            [](UnitOfWork& unit) { return unit.callbacks().remove_repeat({}, some).has_value(); }},
        Served{
            "payment_events_callback", "delete_repeated_callback",
            [](UnitOfWork& unit) { return unit.callbacks().remove_repeat({}, some).has_value(); }},
        Served{"notifications_age", "notification_delete_old", [](UnitOfWork& unit) {
                   return unit.notifications().remove_old(long_ago, some).has_value();
               }}));

INSTANTIATE_TEST_SUITE_P(
    WorkThatIsDue, IndexTest,
    testing::Values(
        Served{"events_due", "lease_events",
               [](UnitOfWork& unit) {
                   return unit.events().lease("worker", {}, long_ago, 1s, some).has_value();
               }},
        Served{"payments_open", "lease_due_payments",
               [](UnitOfWork& unit) {
                   return unit.payments().lease_due(long_ago, 1s, some).has_value();
               }},
        Served{"instances_check", "take_due_instances",
               [](UnitOfWork& unit) {
                   return unit.instances().take_due_for_check(long_ago, long_ago, some).has_value();
               }},
        Served{
            "orders_unpaid", "list_expired_orders",
            [](UnitOfWork& unit) { return unit.orders().list_expired(long_ago, some).has_value(); },
            true}));

}  // namespace
}  // namespace rb::store_pg
