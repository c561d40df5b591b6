// The whole server in this process, on a real database, called over its port.

#include "server/app/app.hpp"

#include "core/identity/permission.hpp"

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
#include "support/http_call.hpp"
#include "support/test_database.hpp"

#include <gtest/gtest.h>
#include <rustbill/access.pb.h>

#include <condition_variable>
#include <future>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>
#include <typeindex>

namespace rb::server {
namespace {

using test::call_json;
using test::HttpFields;

const std::string admin_password = "correct horse battery staple";
const std::string customer_password = "a customer's own words";

config::Config config_for(const test::TestDatabase& database) {
    config::Config config;
    config.server.port = 0;
    config.server.drain_timeout_secs = 20;
    config.db.url = database.url();
    config.jwt.secret = std::string(48, 's');
    config.bootstrap.admin_password = admin_password;
    config.rate_limit.enabled = false;
    config.plugins.plugins_dir = "./plugins";
    return config;
}

// Lets a test wait for what a server says of its own accord. Thread-safe.
class ListeningLog final : public core::Log {
public:
    [[nodiscard]] bool is_on(core::LogLevel, std::string_view) const override { return false; }
    void write(core::LogLevel, std::string_view, std::string_view message,
               core::LogFields) override {
        {
            const std::lock_guard lock(mutex_);
            said_.emplace(message);
        }
        more_.notify_all();
    }
    bool wait_for(const std::string& message, std::chrono::seconds patience) {
        std::unique_lock lock(mutex_);
        return more_.wait_for(lock, patience, [&] { return said_.contains(message); });
    }

private:
    std::mutex mutex_;
    std::condition_variable more_;
    std::set<std::string> said_;  // guarded by mutex_
};

// One server for all tests of this file: they look, or make what is their own.
class RunningServer : public testing::Test {
protected:
    static void SetUpTestSuite() {
        database = std::make_unique<test::TestDatabase>();
        database->run(
            "INSERT INTO verification_codes (id, email, purpose, code_hash, created_at, "
            "expires_at) VALUES (gen_random_uuid(), 'stale@example.com', 'registration', '', "
            "'2020-01-01', '2020-01-01')");
        config = config_for(*database);
        auto started = App::start(config, log);
        ASSERT_FALSE(started.has_error()) << started.error().message << started.error().detail;
        app = std::move(*started);
        origin = "http://127.0.0.1:" + std::to_string(app->port());
    }
    static void TearDownTestSuite() {
        app.reset();
        database.reset();
    }

    static HttpFields sign_in_customer(const std::string& name) {
        const nlohmann::json registration = {{"username", name},
                                             {"email", name + "@example.com"},
                                             {"displayName", name},
                                             {"password", customer_password}};
        const auto registered =
            call_json(origin, "identity.IdentityService/Register", registration.dump());
        EXPECT_EQ(registered.code, "") << registered.message;
        return {{"authorization", "Bearer " + access_token(name)}};
    }
    static std::string access_token(const std::string& name) {
        const nlohmann::json login = {{"username", name}, {"password", customer_password}};
        const auto answer = call_json(origin, "identity.IdentityService/Login", login.dump());
        EXPECT_EQ(answer.code, "") << answer.message;
        return nlohmann::json::parse(answer.body).value("accessToken", "");
    }
    static HttpFields sign_in_admin(const std::string& name, const std::string& password) {
        const nlohmann::json login = {
            {"username", name}, {"password", password}, {"userType", "admin"}};
        const auto answer = call_json(origin, "identity.IdentityService/Login", login.dump());
        EXPECT_EQ(answer.code, "") << answer.message;
        const auto& cookie = answer.headers.at("set-cookie");
        return {{"cookie", cookie.substr(0, cookie.find(';'))}};
    }

    inline static ListeningLog log;
    inline static std::unique_ptr<test::TestDatabase> database;
    inline static config::Config config;
    inline static std::unique_ptr<App> app;
    inline static std::string origin;
};

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

// --- every RPC × every kind of caller -----------------------------------------------------------

struct Caller {
    std::string name;
    HttpFields fields;
    // What the credential is worth, as plain facts the rule on a method is held against.
    bool is_customer = false;
    std::set<std::string> admin_permissions = {};
    std::set<std::string> key_scopes = {};
    bool is_known() const {
        return is_customer || !admin_permissions.empty() || !key_scopes.empty();
    }
};

// An independent reading of the option, so that a mistake in decide() does not hide itself.
std::string expected_refusal(const rustbill::access::Access& rule, const Caller& caller) {
    if (rule.public_()) return "";
    if (!caller.is_known()) return "unauthenticated";
    if (rule.customer() && caller.is_customer) return "";
    const auto grants = [](const std::set<std::string>& held, const std::string& wanted) {
        return !wanted.empty() && (held.contains(wanted) || held.contains("*"));
    };
    if (grants(caller.admin_permissions, rule.admin())) return "";
    if (!caller.admin_permissions.empty() && rule.admin() == "self") return "";
    if (grants(caller.key_scopes, rule.api_key())) return "";
    return "permission_denied";
}

std::set<std::string> role_permissions(std::string_view role) {
    const auto permissions = core::permissions_of_role(role);
    return {permissions.begin(), permissions.end()};
}

class EveryCaller : public RunningServer {
protected:
    // Makes an administrator of the role, and signs him in.
    Caller admin_of(const std::string& role) {
        Foundation base(config, log);
        EXPECT_FALSE(base.open_database(config.db).has_error());
        core::UserService users(*base.database, base.passwords, base.clock, base.ids);
        const auto made =
            users.create({.username = "role-" + role, .password = admin_password, .role = role},
                         core::ActorStamp::command_line());
        EXPECT_FALSE(made.has_error()) << made.error().message;
        return {.name = "admin of role " + role,
                .fields = sign_in_admin("role-" + role, admin_password),
                .admin_permissions = role_permissions(role)};
    }
    // A customer who may make keys, with a key of these scopes.
    Caller key_of(const HttpFields& customer, const std::vector<std::string>& scopes) {
        const nlohmann::json request = {{"name", "walk"}, {"scopes", scopes}};
        const auto answer =
            call_json(origin, "downstream.ApiKeyService/CreateApiKey", request.dump(), customer);
        EXPECT_EQ(answer.code, "") << answer.message;
        const auto key = nlohmann::json::parse(answer.body).value("apiKey", "");
        return {.name = "API key of " + std::to_string(scopes.size()) + " scopes",
                .fields = {{"x-api-key", key}},
                .key_scopes = {scopes.begin(), scopes.end()}};
    }
    std::string token_with(const std::string& secret, std::chrono::hours expires_in) {
        const auto now = std::chrono::floor<std::chrono::seconds>(system::SystemClock().now());
        return crypto::JwtAccessTokens(secret).issue(
            {.user = core::UserId(*Uuid::parse("01920000-0000-7000-8000-000000000001")),
             .customer = core::CustomerId(*Uuid::parse("01920000-0000-7000-8000-000000000002")),
             .family = *Uuid::parse("01920000-0000-7000-8000-000000000003"),
             .id = *Uuid::parse("01920000-0000-7000-8000-000000000004"),
             .issued_at = now - std::chrono::hours(48),
             .expires_at = now + expires_in});
    }
    std::vector<Caller> callers() {
        const auto customer = sign_in_customer("walker");
        database->run("UPDATE customers SET can_create_api_keys = true");
        std::vector<std::string> all_scopes;
        for (const auto scope : core::all_api_key_scopes()) all_scopes.emplace_back(scope);
        const auto bearer = [](const std::string& token) {
            return HttpFields{{"authorization", "Bearer " + token}};
        };
        return {
            {.name = "anonymous", .fields = {}},
            {.name = "expired token",
             .fields = bearer(token_with(config.jwt.secret, std::chrono::hours(-1)))},
            {.name = "forged token",
             .fields = bearer(token_with(std::string(48, 'x'), std::chrono::hours(1)))},
            {.name = "token of nobody",
             .fields = bearer(token_with(config.jwt.secret, std::chrono::hours(1)))},
            {.name = "forged session",
             .fields = {{"cookie", "rustbill_session=" + std::string(43, 'A')}}},
            {.name = "unknown key", .fields = {{"x-api-key", "rbk_" + std::string(43, 'A')}}},
            {.name = "customer", .fields = customer, .is_customer = true},
            key_of(customer, all_scopes),
            key_of(customer, {"orders.read"}),
            admin_of("admin"),
            admin_of("finance"),
            admin_of("support"),
            admin_of("readonly"),
        };
    }
};

TEST_F(EveryCaller, gets_exactly_the_calls_that_the_method_s_option_gives_him) {
    const auto all = callers();
    int checked = 0;
    for (const auto* file : service_files()) {
        for (int i = 0; i < file->service_count(); ++i) {
            for (int j = 0; j < file->service(i)->method_count(); ++j) {
                const auto* method = file->service(i)->method(j);
                // It would end the credentials the walk goes on with; tested on its own.
                if (method->name() == "Logout") continue;
                const auto& rule = method->options().GetExtension(rustbill::access::access);
                const auto name = file->service(i)->full_name().substr(9) + "/" + method->name();
                for (const auto& caller : all) {
                    const auto outcome = call_json(origin, name, "{}", caller.fields);
                    const auto expected = expected_refusal(rule, caller);
                    if (!expected.empty()) {
                        EXPECT_EQ(outcome.code, expected) << name << " by " << caller.name;
                    } else if (!rule.public_()) {
                        EXPECT_NE(outcome.code, "unauthenticated")
                            << name << " by " << caller.name << ": " << outcome.message;
                        EXPECT_NE(outcome.code, "permission_denied")
                            << name << " by " << caller.name << ": " << outcome.message;
                    }
                    EXPECT_NE(outcome.code, "no_answer") << name << " by " << caller.name;
                    EXPECT_NE(outcome.code, "internal")
                        << name << " by " << caller.name << ": " << outcome.message;
                    ++checked;
                }
            }
        }
    }
    EXPECT_GT(checked, 700);
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
