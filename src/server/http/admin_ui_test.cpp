#include "server/http/admin_ui.hpp"

#include <gtest/gtest.h>

#include <array>
#include <regex>
#include <set>
#include <string>

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

TEST(AdminFiles, hold_nothing_the_policy_forbids) {
    for (const auto& file : admin_files()) {
        EXPECT_FALSE(file.content.empty()) << file.path;
        EXPECT_EQ(file.content.find(" onclick="), std::string_view::npos) << file.path;
        EXPECT_EQ(file.content.find("style=\""), std::string_view::npos) << file.path;
        EXPECT_EQ(file.content.find("innerHTML"), std::string_view::npos) << file.path;
    }
}

// They are listed by hand where they are built in; a page that lacks one of them is blank.
TEST(AdminFiles, are_all_there_that_the_page_and_its_scripts_name) {
    std::set<std::string, std::less<>> there;
    std::set<std::string, std::less<>> named{"index.html"};
    const std::regex reference(R"re((?:from "\./|="/admin/)([\w.-]+)")re");
    for (const auto& file : admin_files()) {
        there.emplace(file.path);
        const std::string content(file.content);
        for (std::sregex_iterator found(content.begin(), content.end(), reference), end;
             found != end; ++found) {
            named.insert((*found)[1]);
        }
        if (file.path != "index.html") continue;
        EXPECT_TRUE(file.content.starts_with("<!doctype html>"));
        EXPECT_TRUE(file.content.ends_with("</html>\n"));
    }
    EXPECT_EQ(there, named);
    EXPECT_TRUE(named.contains("sign_in.js"));
}

}  // namespace
}  // namespace rb::server
