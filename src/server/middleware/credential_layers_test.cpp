// The three credential layers and the access decision behind them, as one stack.

#include "server/middleware/access_layer.hpp"
#include "server/middleware/api_key_auth_layer.hpp"
#include "server/middleware/jwt_auth_layer.hpp"
#include "server/middleware/session_auth_layer.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace rb::server {
namespace {

using transport::CallContext;
using transport::Response;

const std::string api_key = "rbk_" + std::string(43, 'k');

class SeenActor final : public transport::Terminal {
public:
    Result<Response> run(CallContext& call) override {
        const auto* actor = call.attributes().find<core::Actor>();
        kind = actor == nullptr ? core::ActorKind::anonymous : actor->kind;
        problem = call.attributes().find<CredentialProblem>() != nullptr;
        return Response{};
    }
    core::ActorKind kind = core::ActorKind::system;
    bool problem = false;
};

// Takes "good-<kind>" or the API key above; refuses the rest.
Authenticate accepting(std::string credential, core::ActorKind kind) {
    return [credential = std::move(credential), kind](
               std::string_view given, const core::ClientInfo&) -> Result<core::Actor> {
        if (given != credential) return Error{ErrorCode::unauthenticated, "expired"};
        return core::Actor{.kind = kind};
    };
}

class CredentialLayers : public testing::Test {
protected:
    SeenActor& send(const std::vector<std::pair<std::string, std::string>>& fields,
                    transport::Protocol protocol = transport::Protocol::grpc_web) {
        transport::RequestInfo info{
            .protocol = protocol, .http_method = "POST", .path = "/x", .query = {}, .peer = {}};
        for (const auto& [name, value] : fields) info.fields.add(name, value);
        CallContext call(std::move(info));
        EXPECT_FALSE(transport::Next(layers_, terminal_)(call).has_error());
        return terminal_;
    }

    core::SilentLog log_;
    SessionAuthLayer session_{{.cookie_name = "rustbill_session", .allowed_origins = {}},
                              accepting("good-session", core::ActorKind::admin),
                              log_};
    JwtAuthLayer jwt_{accepting("good-token", core::ActorKind::customer), log_};
    ApiKeyAuthLayer key_{accepting(api_key, core::ActorKind::api_key), log_};
    std::array<transport::Layer*, 3> layers_{&session_, &jwt_, &key_};
    SeenActor terminal_;
};

TEST_F(CredentialLayers, without_a_credential_the_call_passes_as_nobody_s) {
    EXPECT_EQ(send({}).kind, core::ActorKind::anonymous);
    EXPECT_FALSE(terminal_.problem);
}

TEST_F(CredentialLayers, each_takes_its_own_kind_and_passes_the_others) {
    EXPECT_EQ(send({{"cookie", "a=1; rustbill_session=good-session"}}).kind,
              core::ActorKind::admin);
    EXPECT_EQ(send({{"authorization", "Bearer good-token"}}).kind, core::ActorKind::customer);
    EXPECT_EQ(send({{"authorization", "bearer good-token"}}).kind, core::ActorKind::customer);
    EXPECT_EQ(send({{"authorization", "Bearer " + api_key}}).kind, core::ActorKind::api_key);
    EXPECT_EQ(send({{"x-api-key", api_key}}).kind, core::ActorKind::api_key);
    EXPECT_EQ(send({{"authorization", "Basic good-token"}}).kind, core::ActorKind::anonymous);
    EXPECT_EQ(send({{"cookie", "other=good-session"}}).kind, core::ActorKind::anonymous);
}

TEST_F(CredentialLayers, a_bad_credential_leaves_the_caller_nobody) {
    for (const auto& [name, value] :
         std::vector<std::pair<std::string, std::string>>{{"cookie", "rustbill_session=stale"},
                                                          {"authorization", "Bearer stale"},
                                                          {"x-api-key", "rbk_stale"}}) {
        EXPECT_EQ(send({{name, value}}).kind, core::ActorKind::anonymous) << name;
        EXPECT_TRUE(terminal_.problem) << name;
    }
}

TEST_F(CredentialLayers, a_token_stands_over_the_cookie_that_browsers_add) {
    const std::pair<std::string, std::string> cookie{"cookie", "rustbill_session=good-session"};
    EXPECT_EQ(send({cookie, {"authorization", "Bearer good-token"}}).kind,
              core::ActorKind::customer);
    EXPECT_EQ(send({cookie, {"authorization", "Bearer stale"}}).kind, core::ActorKind::anonymous);
}

TEST_F(CredentialLayers, a_session_is_refused_from_another_site_s_page) {
    const std::pair<std::string, std::string> cookie{"cookie", "rustbill_session=good-session"};
    EXPECT_EQ(send({cookie, {"sec-fetch-site", "cross-site"}}).kind, core::ActorKind::anonymous);
    EXPECT_EQ(send({cookie, {"origin", "https://evil.example"}, {"host", "shop.example"}}).kind,
              core::ActorKind::anonymous);
    EXPECT_EQ(send({cookie, {"sec-fetch-site", "same-origin"}}).kind, core::ActorKind::admin);
}

TEST_F(CredentialLayers, plain_http_knows_no_callers) {
    EXPECT_EQ(send({{"authorization", "Bearer good-token"}}, transport::Protocol::http).kind,
              core::ActorKind::anonymous);
}

}  // namespace
}  // namespace rb::server
