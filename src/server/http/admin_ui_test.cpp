#include "server/http/admin_ui.hpp"

#include <gtest/gtest.h>

#include <array>

namespace rb::server {
namespace {

using transport::CallContext;
using transport::Response;

constexpr std::array<EmbeddedFile, 3> files = {{
    {"assets/app.js", "run();"},
    {"index.html", "<!doctype html>"},
    {"style.css", "body {}"},
}};

class AdminUi : public testing::Test {
protected:
    AdminUi() { add_admin_ui(routes_, files, "9.8.7"); }

    Result<Response> get(const std::string& path, const std::string& etag = {}) {
        transport::RequestInfo info{.http_method = "GET", .path = path, .query = {}, .peer = {}};
        if (!etag.empty()) info.fields.add("if-none-match", etag);
        call_ = std::make_unique<CallContext>(std::move(info));
        const auto* route = routes_.find("GET", path);
        if (route == nullptr) return Error{ErrorCode::not_found, "no route"};
        EXPECT_EQ(route->execution, transport::Execution::io_thread);
        return route->handler(*call_);
    }
    std::string header(std::string_view name) {
        return std::string(call_->response_headers().find(name).value_or(""));
    }

    transport::HttpRoutes routes_;
    std::unique_ptr<CallContext> call_;
};

TEST_F(AdminUi, answers_files_with_their_type) {
    const auto script = get("/admin/assets/app.js");
    ASSERT_FALSE(script.has_error());
    EXPECT_EQ(script->static_body, "run();");
    EXPECT_EQ(script->content_type, "text/javascript; charset=utf-8");
    EXPECT_EQ(get("/admin/style.css")->content_type, "text/css; charset=utf-8");
}

TEST_F(AdminUi, answers_the_page_for_every_address_of_the_application) {
    for (const auto* path : {"/admin/", "/admin/orders", "/admin/orders/0192"}) {
        const auto page = get(path);
        ASSERT_FALSE(page.has_error()) << path;
        EXPECT_EQ(page->static_body, "<!doctype html>");
        EXPECT_EQ(page->content_type, "text/html; charset=utf-8");
    }
}

TEST_F(AdminUi, does_not_answer_the_page_in_place_of_a_missing_asset) {
    EXPECT_EQ(get("/admin/assets/old.js").error().code, ErrorCode::not_found);
    EXPECT_EQ(get("/admin/../config.toml").error().code, ErrorCode::not_found);
}

TEST_F(AdminUi, without_the_slash_leads_to_the_page) {
    EXPECT_EQ(get("/admin")->http_status, 308);
    EXPECT_EQ(header("location"), "/admin/");
}

TEST_F(AdminUi, answers_304_to_who_has_the_file) {
    ASSERT_FALSE(get("/admin/style.css").has_error());
    const auto etag = header("etag");
    ASSERT_FALSE(etag.empty());
    const auto again = get("/admin/style.css", etag);
    EXPECT_EQ(again->http_status, 304);
    EXPECT_TRUE(again->static_body.empty());
    EXPECT_EQ(get("/admin/style.css", "\"other\"")->http_status, 200);
}

TEST_F(AdminUi, lets_only_our_own_scripts_run) {
    ASSERT_FALSE(get("/admin/").has_error());
    const auto policy = header("content-security-policy");
    EXPECT_NE(policy.find("script-src 'self';"), std::string::npos);
    EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos);
    EXPECT_EQ(policy.find("unsafe"), std::string::npos);
    EXPECT_EQ(header("x-content-type-options"), "nosniff");
}

TEST_F(AdminUi, tells_the_version) {
    EXPECT_EQ(get("/admin/version.json")->body, "{\"version\":\"9.8.7\"}");
}

TEST(AdminFiles, are_those_of_the_tree_and_hold_nothing_the_policy_forbids) {
    const auto embedded = admin_files();
    ASSERT_EQ(embedded.size(), 3U);
    for (const auto& file : embedded) {
        EXPECT_FALSE(file.content.empty()) << file.path;
        EXPECT_EQ(file.content.find(" onclick="), std::string_view::npos) << file.path;
        EXPECT_EQ(file.content.find("style=\""), std::string_view::npos) << file.path;
        EXPECT_EQ(file.content.find("innerHTML"), std::string_view::npos) << file.path;
    }
    EXPECT_TRUE(embedded[1].content.starts_with("<!doctype html>"));
    EXPECT_TRUE(embedded[1].content.ends_with("</html>\n"));
}

}  // namespace
}  // namespace rb::server
