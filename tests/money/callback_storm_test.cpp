// Ten thousand callbacks, each sent one to five times, in any order, by several connections.

#include "support/shop.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <thread>

namespace rb::test {
namespace {

constexpr int payment_count = 10'000;
constexpr int customer_count = 200;
constexpr int sender_count = 8;

TEST(CallbackStorm, of_ten_thousand_payments_applies_each_once) {
    Shop shop;
    for (int customer = 0; customer < customer_count; ++customer) shop.add_customer("0.00");
    shop.db.run(
        "INSERT INTO payments (id, customer_id, purpose, gateway_id, amount, currency, status) "
        "SELECT gen_random_uuid(), c.id, 'recharge', 'gateway-test', 10, 'CNY', 'pending' "
        "FROM generate_series(1, " +
        std::to_string(payment_count / customer_count) + "), customers c");
    auto connection = *store_pg::Connection::open(shop.db.connection_options());
    constexpr store_pg::Statement list{"test_payments", "SELECT id FROM payments"};
    const auto rows = connection.run(list);
    ASSERT_EQ(rows->size(), payment_count);

    const std::uint32_t seed = std::random_device()();
    std::cout << "seed " << seed << "\n";
    std::mt19937 generator(seed);
    std::vector<core::PaymentId> sends;
    for (int payment = 0; payment < payment_count; ++payment) {
        const auto times = std::uniform_int_distribution<int>(1, 5)(generator);
        sends.insert(sends.end(), static_cast<std::size_t>(times),
                     (*rows)[payment].get<core::PaymentId>(0));
    }
    std::ranges::shuffle(sends, generator);

    core::NoFaultPoint quiet;
    core::SilentLog silent;
    store_pg::PgDatabase database(shop.db.pool(), quiet);
    core::PaymentService service({.database = database,
                                  .plugins = shop.plugins,
                                  .invoices = shop.invoices,
                                  .clock = shop.clock,
                                  .ids = shop.ids,
                                  .faults = quiet,
                                  .log = silent},
                                 {});
    std::atomic<std::size_t> next{0};
    std::atomic<int> accepted{0};
    std::vector<std::thread> senders;
    for (int sender = 0; sender < sender_count; ++sender) {
        senders.emplace_back([&] {
            for (auto index = next++; index < sends.size(); index = next++) {
                const auto id = sends[index];
                const auto callback = ScriptedGateway::callback(core::CallbackKind::paid, id,
                                                                "event-" + id.to_string(), "10.00",
                                                                "CNY", "tx-" + id.to_string());
                const auto reply = service.receive_callback("gateway-test", callback, "");
                accepted += reply.status == 200 ? 1 : 0;
            }
        });
    }
    for (auto& sender : senders) sender.join();

    EXPECT_EQ(accepted, static_cast<int>(sends.size()));
    EXPECT_EQ(shop.db.value("SELECT count(*) FROM gateway_callbacks WHERE outcome = 'applied'"),
              std::to_string(payment_count));
    EXPECT_EQ(shop.db.value("SELECT count(*) FROM payments WHERE status = 'success'"),
              std::to_string(payment_count));
    EXPECT_EQ(shop.db.value("SELECT sum(balance) FROM customers"),
              std::to_string(payment_count * 10) + ".00");
    EXPECT_EQ(shop.first_fault(), "");
    std::cout << sends.size() << " callbacks sent, " << payment_count << " applied\n";
}

}  // namespace
}  // namespace rb::test
