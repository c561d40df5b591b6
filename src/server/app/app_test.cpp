// The whole server in this process, on a real database, called over its port.

#include "server/app/app.hpp"

#include "store_pg/listener.hpp"
#include "transport/cors_layer.hpp"

#include "server/app/foundation.hpp"
#include "server/app/services.hpp"
#include "server/app/web.hpp"
#include "server/limits.hpp"
#include "server/middleware/access_layer.hpp"
#include "server/middleware/access_table.hpp"
#include "server/middleware/api_key_auth_layer.hpp"
#include "server/middleware/jwt_auth_layer.hpp"
#include "server/middleware/log_context_layer.hpp"
#include "server/middleware/rate_limit_layer.hpp"
#include "server/middleware/request_scope_layer.hpp"
#include "server/middleware/session_auth_layer.hpp"
#include "support/running_server.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <future>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>
#include <typeindex>

namespace rb::server {
namespace {

using test::admin_password;
using test::call_json;
using test::config_for;
using test::customer_password;
using test::HttpFields;
using test::ListeningLog;
using test::RunningServer;

TEST_F(RunningServer, answers_health_readiness_and_the_admin_page) {
    const auto health = test::http_get(origin + "/health");
    EXPECT_EQ(health.status, 200);
    EXPECT_EQ(health.body, "");
    EXPECT_EQ(test::http_get(origin + "/ready").status, 200);
    const auto page = test::http_get(origin + "/admin/");
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.headers.at("content-type"), "text/html; charset=utf-8");
    EXPECT_EQ(test::http_get(origin + "/nowhere").status, 404);
}

TEST_F(RunningServer, answers_a_callback_for_no_gateway_with_404_and_keeps_nothing) {
    for (const auto* path : {"/payment/callback/nobody", "/callbacks/nobody"}) {
        const auto answer = test::http_get(origin + path + "?trade_no=1");
        EXPECT_EQ(answer.status, 404) << path;
        EXPECT_EQ(answer.body, "no such gateway") << path;
    }
    EXPECT_EQ(database->value("SELECT count(*) FROM gateway_callbacks"), "0");
}

TEST_F(RunningServer, removes_what_is_past_its_retention_soon_after_it_has_begun_to_lead) {
    ASSERT_TRUE(log.wait_for("what was past its retention was removed", std::chrono::minutes(1)));
    EXPECT_EQ(database->value("SELECT count(*) FROM verification_codes "
                              "WHERE email = 'stale@example.com'"),
              "0");
}

TEST_F(RunningServer, tells_every_servers_workers_when_a_call_has_made_work) {
    store_pg::Listener another_server(database->connection_options(), store_pg::events_channel);
    ASSERT_TRUE(another_server.wait(std::chrono::seconds(0)).value());
    const std::string id = "01890000-0000-7000-8000-000000000001";
    database->run("INSERT INTO events (id, kind, subject_id, dead) VALUES ('" + id +
                  "', 'notify', gen_random_uuid(), true)");
    const auto replayed =
        call_json(origin, "integration.EventService/ReplayEvent", nlohmann::json{{"id", id}}.dump(),
                  sign_in_admin("admin", admin_password));
    ASSERT_EQ(replayed.code, "") << replayed.message;
    EXPECT_TRUE(another_server.wait(std::chrono::seconds(10)).value());
}

TEST_F(RunningServer, sends_an_administrators_cookie_as_configured) {
    const nlohmann::json login = {
        {"username", "admin"}, {"password", admin_password}, {"userType", "admin"}};
    const auto answer = call_json(origin, "identity.IdentityService/Login", login.dump());
    ASSERT_EQ(answer.code, "") << answer.message;
    const auto& cookie = answer.headers.at("set-cookie");
    EXPECT_TRUE(cookie.starts_with("rustbill_session="));
    EXPECT_NE(cookie.find("HttpOnly"), std::string::npos);
    EXPECT_NE(cookie.find("SameSite=Lax"), std::string::npos);
    // The token is in the cookie and nowhere a script could read it.
    EXPECT_EQ(answer.body.find(cookie.substr(17, 43)), std::string::npos);
}

TEST_F(RunningServer, names_the_field_that_was_wrong) {
    const auto answer = call_json(origin, "product.ProductService/GetProduct", R"({"id":"x"})");
    EXPECT_EQ(answer.code, "invalid_argument");
    EXPECT_EQ(answer.message, "id: must be a UUID");
}

TEST_F(RunningServer, a_stranger_s_rows_do_not_exist) {
    const auto owner = sign_in_customer("owner");
    const auto stranger = sign_in_customer("stranger");
    const auto made = call_json(origin, "ticket.TicketService/CreateTicket",
                                R"({"title":"help","description":"d"})", owner);
    ASSERT_EQ(made.code, "") << made.message;
    const auto id = nlohmann::json::parse(made.body)["ticket"].value("id", "");
    const auto request = nlohmann::json{{"id", id}}.dump();
    EXPECT_EQ(call_json(origin, "ticket.TicketService/GetTicket", request, owner).code, "");
    EXPECT_EQ(call_json(origin, "ticket.TicketService/GetTicket", request, stranger).code,
              "not_found");
}

TEST_F(RunningServer, signing_out_ends_the_credential) {
    const auto customer = sign_in_customer("leaver");
    EXPECT_EQ(call_json(origin, "identity.IdentityService/GetMe", "{}", customer).code, "");
    EXPECT_EQ(call_json(origin, "identity.IdentityService/Logout", "{}", customer).code, "");
    EXPECT_EQ(call_json(origin, "identity.IdentityService/GetMe", "{}", customer).code,
              "unauthenticated");
}

// A client whose answer was lost asks again with a credential that is over by then.
TEST_F(RunningServer, signing_out_again_is_no_error) {
    const std::string logout = "identity.IdentityService/Logout";
    const auto customer = sign_in_customer("leaver2");
    auto admin = sign_in_admin("admin", admin_password);
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(call_json(origin, logout, "{}", customer).code, "");
        const auto outcome = call_json(origin, logout, "{}", admin);
        EXPECT_EQ(outcome.code, "");
        // The browser forgets the cookie, also when its session was over before.
        ASSERT_TRUE(outcome.headers.contains("set-cookie"));
        EXPECT_NE(outcome.headers.at("set-cookie").find("Max-Age=0"), std::string::npos);
    }
    EXPECT_EQ(call_json(origin, logout, "{}").code, "");
    // Another site's page signs nobody out.
    admin = sign_in_admin("admin", admin_password);
    auto from_elsewhere = admin;
    from_elsewhere.emplace_back("sec-fetch-site", "cross-site");
    const auto refused = call_json(origin, logout, "{}", from_elsewhere);
    EXPECT_EQ(refused.code, "permission_denied");
    EXPECT_FALSE(refused.headers.contains("set-cookie"));
    EXPECT_EQ(call_json(origin, "identity.IdentityService/GetMe", "{}", admin).code, "");
}

// --- servers of their own -----------------------------------------------------------------------

TEST(ServerStart, is_refused_when_the_port_is_taken) {
    core::SilentLog log;
    const test::TestDatabase database;
    const auto first = App::start(config_for(database), log);
    ASSERT_FALSE(first.has_error()) << first.error().message;
    auto config = config_for(database);
    config.server.port = (*first)->port();
    const auto second = App::start(config, log);
    ASSERT_TRUE(second.has_error());
    EXPECT_EQ(second.error().code, ErrorCode::unavailable);
}

TEST(ServerStop, drains_and_signs_off) {
    core::SilentLog log;
    test::TestDatabase database;
    auto app = App::start(config_for(database), log);
    ASSERT_FALSE(app.has_error()) << app.error().message;
    const auto origin = "http://127.0.0.1:" + std::to_string((*app)->port());
    EXPECT_EQ(test::http_get(origin + "/ready").status, 200);
    EXPECT_TRUE((*app)->stop());
    EXPECT_EQ(test::http_get(origin + "/health").status, 0);
    EXPECT_EQ(database.value("SELECT count(*) FROM server_instances"), "0");
}

TEST(ServerStop, lets_the_call_in_flight_finish_and_turns_readiness_off_at_once) {
    core::SilentLog log;
    test::TestDatabase database;
    auto app = App::start(config_for(database), log);
    ASSERT_FALSE(app.has_error()) << app.error().message;
    const auto origin = "http://127.0.0.1:" + std::to_string((*app)->port());
    auto holder = store_pg::Connection::open(database.connection_options());
    ASSERT_FALSE(holder.has_error());
    ASSERT_FALSE(holder->run_script("BEGIN; LOCK TABLE product_categories").has_error());
    auto in_flight = std::async(std::launch::async, [&] {
        return call_json(origin, "product.ProductCategoryService/ListProductCategories", "{}");
    });
    while (database.value("SELECT count(*) FROM pg_locks WHERE NOT granted") == "0") {
        std::this_thread::yield();
    }
    auto stopped = std::async(std::launch::async, [&] { return (*app)->stop(); });
    // Nothing new is taken from the first moment of the drain on: 503 or no connection at all.
    while (test::http_get(origin + "/ready").status == 200) std::this_thread::yield();
    ASSERT_FALSE(holder->run_script("ROLLBACK").has_error());
    EXPECT_EQ(in_flight.get().code, "");
    EXPECT_TRUE(stopped.get());
}

// Or the other servers would strike it off and take up what its workers are still at.
TEST(ServerStop, says_that_it_lives_until_its_workers_have_ended) {
    core::SilentLog log;
    test::TestDatabase database;
    auto config = config_for(database);
    config.db.lock_timeout_ms = 60'000;
    config.db.statement_timeout_ms = 60'000;
    auto app = App::start(config, log);
    ASSERT_FALSE(app.has_error()) << app.error().message;
    auto holder = store_pg::Connection::open(database.connection_options());
    ASSERT_FALSE(holder.has_error());
    ASSERT_FALSE(holder->run_script("BEGIN; LOCK TABLE events").has_error());
    while (database.value("SELECT count(*) FROM pg_locks WHERE NOT granted") == "0") {
        std::this_thread::yield();
    }
    auto stopped = std::async(std::launch::async, [&] { return (*app)->stop(); });
    const auto origin = "http://127.0.0.1:" + std::to_string((*app)->port());
    while (test::http_get(origin + "/ready").status == 200) std::this_thread::yield();
    database.run("UPDATE server_instances SET last_heartbeat = '2020-01-01'");
    const auto give_up = std::chrono::steady_clock::now() + 2 * limits::heartbeat_interval;
    std::string beaten;
    while (beaten != "t" && std::chrono::steady_clock::now() < give_up) {
        beaten = database.value(
            "SELECT last_heartbeat > '2021-01-01' FROM server_instances, pg_sleep(0.2)");
    }
    EXPECT_EQ(beaten, "t");
    ASSERT_FALSE(holder->run_script("ROLLBACK").has_error());
    EXPECT_TRUE(stopped.get());
    EXPECT_EQ(database.value("SELECT count(*) FROM server_instances"), "0");
}

TEST(ServerLimits, answers_health_while_every_worker_is_busy) {
    core::SilentLog log;
    test::TestDatabase database;
    auto config = config_for(database);
    config.server.max_concurrency = 1;
    auto app = App::start(config, log);
    ASSERT_FALSE(app.has_error()) << app.error().message;
    const auto origin = "http://127.0.0.1:" + std::to_string((*app)->port());
    // Holds the rows that the only worker will wait for.
    auto holder = store_pg::Connection::open(database.connection_options());
    ASSERT_FALSE(holder.has_error());
    ASSERT_FALSE(holder->run_script("BEGIN; LOCK TABLE product_categories").has_error());
    auto stuck = std::async(std::launch::async, [&] {
        return call_json(origin, "product.ProductCategoryService/ListProductCategories", "{}");
    });
    // Once the database sees the waiter, the worker is busy.
    while (database.value("SELECT count(*) FROM pg_locks WHERE NOT granted") == "0") {
        std::this_thread::yield();
    }
    EXPECT_EQ(test::http_get(origin + "/health").status, 200);
    ASSERT_FALSE(holder->run_script("ROLLBACK").has_error());
    EXPECT_EQ(stuck.get().code, "");
}

TEST(ServerLimits, holds_registrations_to_their_rate) {
    core::SilentLog log;
    const test::TestDatabase database;
    auto config = config_for(database);
    config.rate_limit.enabled = true;
    auto app = App::start(config, log);
    ASSERT_FALSE(app.has_error()) << app.error().message;
    const auto origin = "http://127.0.0.1:" + std::to_string((*app)->port());
    // The first is refused for its contents, the ones right behind it for their number.
    std::set<std::string> codes;
    for (int i = 0; i < 5; ++i) {
        const auto answer = call_json(origin, "identity.IdentityService/Register", "{}",
                                      {{"origin", "https://shop.example"}});
        codes.insert(answer.code);
        // A page reads the refusal, and when to come back, as it reads any other answer.
        EXPECT_EQ(answer.headers.at("access-control-allow-origin"), "*") << answer.code;
        if (answer.code == "resource_exhausted") {
            EXPECT_NE(answer.headers.at("access-control-expose-headers").find("retry-after"),
                      std::string::npos);
        }
    }
    EXPECT_EQ(codes, (std::set<std::string>{"invalid_argument", "resource_exhausted"}));
}

// Operations manual 1.3.
TEST(ServerLayers, stand_in_the_order_of_the_manual) {
    core::SilentLog log;
    const test::TestDatabase database;
    auto config = config_for(database);
    config.rate_limit.enabled = true;
    Foundation foundation(config, log);
    ASSERT_FALSE(foundation.open_database(config.db).has_error());
    PluginHost plugins(config, foundation);
    Services services(config, foundation, plugins.directory);
    Readiness readiness;
    transport::HealthService health;
    auto access = AccessTable::create({}, {});
    ASSERT_FALSE(access.has_error()) << access.error().message;
    const auto layers = make_layers({.config = config,
                                     .foundation = foundation,
                                     .plugins = plugins,
                                     .services = services,
                                     .readiness = readiness,
                                     .health = health},
                                    std::move(*access));
    std::vector<std::type_index> order;
    for (const auto& layer : layers) {
        const auto& one = *layer;
        order.emplace_back(typeid(one));
    }
    const std::vector<std::type_index> expected{
        typeid(RequestScopeLayer), typeid(RateLimitLayer), typeid(transport::CorsLayer),
        typeid(SessionAuthLayer),  typeid(JwtAuthLayer),   typeid(ApiKeyAuthLayer),
        typeid(LogContextLayer),   typeid(AccessLayer)};
    EXPECT_EQ(order, expected);
}

}  // namespace
}  // namespace rb::server
