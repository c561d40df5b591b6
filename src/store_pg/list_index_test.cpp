// The indexes behind lists and clean-ups. Sorting and reading whole tables are switched off, so
// that the planner does either only where no index serves: its estimates, and the size of the
// tables, decide nothing.

#include "store_pg/connection.hpp"

#include "support/test_database.hpp"

#include <gtest/gtest.h>

namespace rb::store_pg {
namespace {

class IndexTest : public testing::TestWithParam<std::pair<const char*, const char*>> {
protected:
    std::string plan_of(const std::string& query) {
        auto connection = *Connection::open(db_.connection_options());
        EXPECT_TRUE(connection
                        .run_script("SET enable_sort = off; SET enable_incremental_sort = off; "
                                    "SET enable_seqscan = off; SET enable_bitmapscan = off")
                        .has_value());
        const auto text = "EXPLAIN (COSTS OFF, FORMAT JSON) " + query;
        const Statement explain{"test_explain", text.c_str()};
        const auto rows = connection.run(explain);
        EXPECT_TRUE(rows.has_value()) << rows.error().detail;
        return rows.has_value() ? std::string(rows->front().text(0)) : std::string();
    }
    test::TestDatabase db_;
};

TEST_P(IndexTest, serves_the_query_in_its_order) {
    const auto& [index, query] = GetParam();
    const auto plan = plan_of(query);
    EXPECT_NE(plan.find("\"Index Name\": \"" + std::string(index) + "\""), std::string::npos)
        << plan;
    EXPECT_EQ(plan.find("Sort"), std::string::npos) << plan;
}

INSTANTIATE_TEST_SUITE_P(
    NewestFirst, IndexTest,
    testing::Values(std::pair{"orders_newest",
                              "SELECT * FROM orders ORDER BY created_at DESC, id DESC LIMIT "
                              "20 OFFSET 40"},
                    std::pair{"payments_newest",
                              "SELECT * FROM payments ORDER BY created_at DESC, id DESC "
                              "LIMIT 20 OFFSET 40"},
                    std::pair{"invoices_newest",
                              "SELECT * FROM invoices ORDER BY created_at DESC, id DESC "
                              "LIMIT 20 OFFSET 40"},
                    std::pair{"instances_newest",
                              "SELECT * FROM instances ORDER BY created_at DESC, id DESC "
                              "LIMIT 20 OFFSET 40"},
                    std::pair{"tickets_newest",
                              "SELECT * FROM tickets ORDER BY created_at DESC, id DESC LIMIT "
                              "20 OFFSET 40"}));

INSTANTIATE_TEST_SUITE_P(
    CleanUp, IndexTest,
    testing::Values(std::pair{"sessions_end",
                              "SELECT id FROM sessions WHERE absolute_expires_at < now() "
                              "ORDER BY absolute_expires_at LIMIT 1000"},
                    std::pair{"refresh_tokens_head",
                              "SELECT family_id FROM refresh_tokens WHERE used_at IS "
                              "NULL AND expires_at < now() ORDER BY expires_at LIMIT "
                              "100"},
                    std::pair{"verification_codes_end",
                              "SELECT id FROM verification_codes WHERE expires_at < "
                              "now() ORDER BY expires_at LIMIT 1000"},
                    std::pair{"gateway_callbacks_forged",
                              "SELECT id FROM gateway_callbacks WHERE outcome = "
                              "'rejected' AND NOT is_verified AND received_at < "
                              "now() ORDER BY received_at LIMIT 1000"},
                    std::pair{"gateway_callbacks_unverified",
                              "SELECT 1 FROM gateway_callbacks WHERE "
                              "gateway_id = 'x' AND received_at > now() AND "
                              "NOT is_verified LIMIT 200"},
                    std::pair{"gateway_callbacks_repeated",
                              "SELECT 1 FROM gateway_callbacks WHERE payment_id = "
                              "'01900000-0000-7000-8000-000000000000' AND "
                              "outcome = 'duplicate' LIMIT 21"},
                    std::pair{"payment_events_callback",
                              "SELECT 1 FROM payment_events WHERE callback_id = "
                              "'01900000-0000-7000-8000-000000000000'"},
                    std::pair{"notifications_age",
                              "SELECT id FROM notifications WHERE created_at < now() "
                              "ORDER BY created_at LIMIT 1000"}));

}  // namespace
}  // namespace rb::store_pg
