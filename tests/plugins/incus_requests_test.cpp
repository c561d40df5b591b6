// What provider-incus asks of Incus, where no Incus of the machine can show it: virtual machines, a
// cluster's members, images of another server. The peer answers as Incus does.
#include "plugin/json.hpp"

#include "plugins/http_peer.hpp"
#include "plugins/plugin_stage.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>

namespace rb::test {
namespace {

using namespace core;
using plugin::Json;

struct IncusRequests : testing::Test {
    // Read by the peer's thread.
    std::atomic<bool> is_clustered = false;
    std::string key;
    HttpPeer peer{[this](const PeerRequest& request) { return answer(request); }};
    PluginStage stage;

    static PeerAnswer sync(const Json& metadata) {
        return {.body =
                    Json{{"type", "sync"}, {"status_code", 200}, {"metadata", metadata}}.dump()};
    }
    PeerAnswer answer(const PeerRequest& request) {
        const auto path = request.target.substr(0, request.target.find('?'));
        if (path == "/1.0") {
            return sync({{"auth", "trusted"},
                         {"environment", {{"server_clustered", is_clustered.load()}}}});
        }
        if (path == "/1.0/cluster/members") {
            return sync(Json::array({{{"server_name", "north"}}, {{"server_name", "east"}}}));
        }
        if (path == "/1.0/images") {
            return sync(Json::array(
                {{{"type", "container"}, {"aliases", {{{"name", "alpine"}}}}},
                 {{"type", "virtual-machine"}, {"aliases", {{{"name", "debian/12"}}}}}}));
        }
        if (path == "/1.0/profiles/default") {
            return sync({{"devices",
                          {{"root", {{"type", "disk"}, {"path", "/"}, {"pool", "default"}}},
                           {"eth0", {{"type", "nic"}, {"network", "incusbr0"}}}}}});
        }
        if (path == "/1.0/instances" && request.method == "POST") {
            key = Json::parse(request.body)["config"]["user.rustbill.key"];
            return {.status = 202, .body = R"({"type":"async","metadata":{"id":"op-1"}})"};
        }
        if (path == "/1.0/operations/op-1/wait") {
            return sync({{"id", "op-1"}, {"status_code", 200}, {"metadata", nullptr}});
        }
        return sync({{"name", path.substr(path.rfind('/') + 1)},
                     {"status", "Running"},
                     {"type", "virtual-machine"},
                     {"created_at", "2020-01-01T00:00:00Z"},
                     {"config", {{"user.rustbill.key", key}}},
                     {"state", nullptr}});
    }
    std::shared_ptr<Provider> incus(const Json& extra = Json::object()) {
        Json config{
            {"endpoint", peer.url()}, {"instance_type", "virtual-machine"}, {"image", "debian/12"}};
        config.update(extra);
        return stage.provider("provider-incus", config.dump());
    }
    static OpenRequest order(StringMap spec) {
        return {.key = {"k-1"},
                .instance = InstanceId(*Uuid::parse("018f0000-0000-7000-8000-000000000001")),
                .order = {},
                .name = "vm-1",
                .spec = std::move(spec)};
    }
    // The request that creates, of the last opening.
    PeerRequest created() const {
        for (const auto& request : peer.requests()) {
            if (request.method == "POST") return request;
        }
        ADD_FAILURE() << "nothing was created";
        return {};
    }
};

TEST_F(IncusRequests, a_virtual_machine_is_created_with_its_sizes_on_the_profiles_devices) {
    const auto opened = incus({{"secure_boot", false}})
                            ->open(order({{"cpu_cores", "2"},
                                          {"memory_gb", "4"},
                                          {"disk_gb", "20"},
                                          {"bandwidth_mbps", "100"}}));
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    EXPECT_EQ(std::get<InstanceView>(*opened).state, ProviderState::running);
    const auto request = created();
    EXPECT_EQ(request.target, "/1.0/instances");
    const auto body = Json::parse(request.body);
    EXPECT_EQ(body["type"], "virtual-machine");
    EXPECT_EQ(body["source"].dump(), R"({"type":"image","alias":"debian/12"})");
    EXPECT_EQ(body["description"], "vm-1");
    EXPECT_EQ(body["start"], true);
    EXPECT_EQ(body["profiles"].dump(), R"(["default"])");
    EXPECT_EQ(body["config"]["limits.cpu"], "2");
    EXPECT_EQ(body["config"]["limits.memory"], "4GiB");
    EXPECT_EQ(body["config"]["security.secureboot"], "false");
    EXPECT_EQ(body["devices"]["root"].dump(),
              R"({"type":"disk","path":"/","pool":"default","size":"20GiB"})");
    EXPECT_EQ(body["devices"]["eth0"].dump(),
              R"({"type":"nic","network":"incusbr0","limits.max":"100Mbit"})");
}

TEST_F(IncusRequests, only_images_of_its_kind_are_offered) {
    EXPECT_EQ(incus()->spec_template()->back().options, std::vector<std::string>{"debian/12"});
    EXPECT_EQ(incus({{"instance_type", "container"}})->spec_template()->back().options,
              std::vector<std::string>{"alpine"});
}

TEST_F(IncusRequests, a_region_is_a_member_of_the_cluster_and_nothing_without_one) {
    const auto regions = [&] {
        std::vector<std::string> options;
        for (const auto& field : *incus()->spec_template()) {
            if (field.key == "region") options = field.options;
        }
        return options;
    };
    EXPECT_TRUE(regions().empty());
    ASSERT_TRUE(incus()->open(order({{"region", "here"}})));
    EXPECT_EQ(created().target, "/1.0/instances");
    is_clustered = true;
    EXPECT_EQ(regions(), (std::vector<std::string>{"east", "north"}));
    ASSERT_TRUE(incus()->open(order({{"region", "north"}})));
    const auto requests = peer.requests();
    EXPECT_TRUE(std::ranges::any_of(requests, [](const PeerRequest& request) {
        return request.method == "POST" && request.target == "/1.0/instances?target=north";
    }));
}

TEST_F(IncusRequests, an_image_server_is_named_to_incus) {
    ASSERT_TRUE(incus({{"image_server", "https://images.example"}})->open(order({})));
    EXPECT_EQ(Json::parse(created().body)["source"].dump(),
              R"({"type":"image","alias":"debian/12","mode":"pull","protocol":"simplestreams",)"
              R"("server":"https://images.example"})");
}

}  // namespace
}  // namespace rb::test
