#include "server/http/health_routes.hpp"

#include <gtest/gtest.h>

namespace rb::server {
namespace {

class Health : public testing::Test {
protected:
    Health() {
        add_health_routes(routes_, readiness_, [this]() -> Result<> {
            if (!database_answers_) return Error{ErrorCode::unavailable, "down"};
            return {};
        });
    }
    int get(const std::string& path) {
        transport::CallContext call({.http_method = "GET", .path = path, .query = {}, .peer = {}});
        return routes_.find("GET", path)->handler(call)->http_status;
    }
    transport::HttpRoutes routes_;
    Readiness readiness_;
    bool database_answers_ = true;
};

TEST_F(Health, lives_whatever_else_is_wrong) {
    database_answers_ = false;
    EXPECT_EQ(get("/health"), 200);
    readiness_.set_draining();
    EXPECT_EQ(get("/health"), 200);
}

TEST_F(Health, answers_on_the_io_thread_with_an_empty_body) {
    const auto* route = routes_.find("GET", "/health");
    EXPECT_EQ(route->execution, transport::Execution::io_thread);
    transport::CallContext call({.http_method = "GET", .path = "/health", .query = {}, .peer = {}});
    EXPECT_EQ(route->handler(call)->body, "");
}

TEST_F(Health, is_ready_between_start_and_drain_while_the_database_answers) {
    EXPECT_EQ(get("/ready"), 503);
    readiness_.set_ready();
    EXPECT_EQ(get("/ready"), 200);
    database_answers_ = false;
    EXPECT_EQ(get("/ready"), 503);
    database_answers_ = true;
    EXPECT_EQ(get("/ready"), 200);
    readiness_.set_draining();
    EXPECT_EQ(get("/ready"), 503);
}

}  // namespace
}  // namespace rb::server
