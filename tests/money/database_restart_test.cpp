// PostgreSQL ends as in a crash and comes back while customers pay.

#include "support/shop.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace rb::test {
namespace {

TEST(DatabaseRestart, in_the_middle_of_payments_loses_none_and_doubles_none) {
    if (!TestCluster::get().is_private()) {
        GTEST_SKIP() << "RB_TEST_PG_URL names a cluster that is not ours to restart";
    }
    Shop shop;
    // What was answered as committed must be there afterwards.
    shop.db.run("ALTER DATABASE " + shop.db.value("SELECT current_database()") +
                " SET synchronous_commit = on");
    constexpr int order_count = 60;
    std::vector<core::Order> orders;
    std::vector<core::CustomerId> owners;
    for (int index = 0; index < order_count; ++index) {
        owners.push_back(shop.add_customer("12.00"));
        orders.push_back(shop.order(owners.back()));
    }
    core::NoFaultPoint quiet;
    auto pool = *store_pg::Pool::create(
        {.connection = shop.db.connection_options(), .max_connections = 4, .min_connections = 0});
    store_pg::PgDatabase database(*pool, quiet);
    core::OrderService service({.database = database,
                                .plugins = shop.plugins,
                                .payments = shop.payments,
                                .clock = shop.clock,
                                .ids = shop.ids,
                                .digester = shop.digester,
                                .log = shop.log});
    std::atomic<int> paid{0};
    std::atomic<int> failures{0};
    std::atomic<std::size_t> next{0};
    // The second half is paid only once the database is down.
    std::atomic<bool> is_down{false};
    std::vector<std::thread> payers;
    for (int payer = 0; payer < 4; ++payer) {
        payers.emplace_back([&] {
            for (auto index = next++; index < orders.size(); index = next++) {
                while (index >= order_count / 2 && !is_down) std::this_thread::yield();
                // A client repeats what was not answered.
                while (true) {
                    const auto answer =
                        service.pay(shop.customer(owners[index]), orders[index].id, "", "");
                    if (answer.has_value()) break;
                    if (answer.error().code != ErrorCode::unavailable) {
                        ADD_FAILURE() << answer.error().message << answer.error().detail;
                        return;
                    }
                    ++failures;
                }
                ++paid;
            }
        });
    }
    while (paid < order_count / 4) std::this_thread::yield();
    TestCluster::get().crash();
    is_down = true;
    while (failures == 0) std::this_thread::yield();
    TestCluster::get().start_again();
    for (auto& payer : payers) payer.join();

    EXPECT_EQ(paid, order_count);
    EXPECT_GT(failures, 0);
    EXPECT_EQ(shop.db.value("SELECT count(*) FROM orders WHERE status = 'paid'"),
              std::to_string(order_count));
    EXPECT_EQ(shop.db.value("SELECT count(*) FROM events"), std::to_string(order_count));
    EXPECT_EQ(shop.db.value("SELECT sum(balance) FROM customers"), "0.00");
    EXPECT_EQ(shop.first_fault(), "");
    std::cout << paid << " orders paid, " << failures << " calls repeated\n";
}

}  // namespace
}  // namespace rb::test
