// provider-kvm against libvirt itself. Run by tests/plugins/with_peers.py: on libvirt's test driver
// (KvmDomain) and on QEMU with a guest that boots (KvmGuest).
#include "plugin/crypto/digest.hpp"
#include "plugin/encoding/text_encoding.hpp"
#include "plugin/json.hpp"
#include "plugin/libvirt/domains.hpp"
#include "plugin/libvirt/volumes.hpp"

#include "plugins/plugin_stage.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <thread>

namespace rb::test {
namespace {

using namespace core;
using plugin::Json;

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

#define NEEDS_LIBVIRT()                               \
    if (environment("RB_LIBVIRT_URI").empty())        \
    GTEST_SKIP() << "no peer: RB_LIBVIRT_URI is not " \
                    "set"

std::string name_of(const std::string& key) {
    return "rb-" +
           plugin::hex_encode(plugin::digest(plugin::HashAlgorithm::sha256, key)).substr(0, 24);
}

struct Kvm : testing::Test {
    SystemStageClock clock;
    StageLog log;
    plugin::CurlHttpClient curl{log};
    PluginStage stage{curl, clock};
    std::string uri = environment("RB_LIBVIRT_URI");
    std::string pool = environment("RB_LIBVIRT_POOL");
    InstanceId id = InstanceId(*Uuid::parse("018f0000-0000-7000-8000-000000000001"));

    [[nodiscard]] Json config() const {
        return {{"uri", uri},
                {"pool", pool},
                {"image", environment("RB_LIBVIRT_IMAGE")},
                {"virt_type", "qemu"},
                {"shutdown_seconds", 5}};
    }
    [[nodiscard]] OpenRequest order(const std::string& key) const {
        return {.key = {key},
                .instance = id,
                .order = {},
                .name = "vm-1",
                .spec = {{"cpu_cores", "1"}, {"memory_gb", "1"}}};
    }
    // Asks the hypervisor itself.
    Json ask(plugin::LibvirtJob job) {
        auto answer = stage.libvirt.run(uri, std::move(job), std::chrono::seconds(20));
        EXPECT_TRUE(answer.has_value()) << answer.error().message;
        return answer.has_value() ? *answer : Json();
    }
    // The volumes of that server.
    std::vector<std::string> volumes_of(const std::string& name) {
        std::vector<std::string> found;
        const auto all = ask(
            [pool = pool](auto& connection) { return plugin::describe_pool(connection, pool); });
        for (const auto& volume : all["volumes"]) {
            auto text = volume["name"].get<std::string>();
            if (text.starts_with(name)) found.push_back(std::move(text));
        }
        return found;
    }
    Result<CommandOutcome> perform(Provider& kvm, const InstanceRef& server,
                                   InstanceCommand command, StringMap arguments = {}) {
        return kvm.perform({.command = command,
                            .instance = server,
                            .key = {"k"},
                            .arguments = std::move(arguments)});
    }
    void must(Provider& kvm, const InstanceRef& server, InstanceCommand command,
              StringMap arguments = {}) {
        const auto done = perform(kvm, server, command, std::move(arguments));
        ASSERT_TRUE(done.has_value()) << done.error().message;
        EXPECT_TRUE(std::holds_alternative<Done>(*done));
    }
    // Polls until the opening is done; the address wait of the configuration bounds it.
    InstanceView settle(Provider& kvm, const Result<OpenOutcome>& outcome) {
        EXPECT_TRUE(outcome.has_value()) << outcome.error().message;
        if (outcome.has_error()) return {};
        if (const auto* view = std::get_if<InstanceView>(&*outcome)) return *view;
        const auto operation = std::get<Accepted>(*outcome).operation;
        for (;;) {
            const auto polled = kvm.poll({id, "", {}}, operation);
            EXPECT_TRUE(polled.has_value()) << polled.error().message;
            if (polled.has_error()) return {};
            if (const auto* view = std::get_if<InstanceView>(&*polled)) return *view;
            std::this_thread::yield();
        }
    }
};

// The names under which guests asked for their addresses.
Result<Json> names_of_leases(virConnect& connection) {
    auto* network = virNetworkLookupByName(&connection, "default");
    virNetworkDHCPLeasePtr* leases = nullptr;
    const int count = virNetworkGetDHCPLeases(network, nullptr, &leases, 0);
    Json names = Json::array();
    for (int i = 0; i < count; ++i) {
        names.push_back(leases[i]->hostname == nullptr ? "" : leases[i]->hostname);
        virNetworkDHCPLeaseFree(leases[i]);
    }
    std::free(leases);
    virNetworkFree(network);
    return plugin::as_result(std::move(names));
}

struct KvmDomain : Kvm {};
struct KvmGuest : Kvm {};

TEST_F(KvmDomain, lives_from_order_to_termination) {
    NEEDS_LIBVIRT();
    const auto kvm = stage.provider("provider-kvm", config().dump());
    const auto health = kvm->health();
    ASSERT_TRUE(health.has_value()) << health.error().message;
    ASSERT_TRUE(health->is_healthy) << health->message;
    const auto unseen = kvm->probe({"key-1"});
    ASSERT_TRUE(unseen.has_value()) << unseen.error().message;
    EXPECT_FALSE(unseen->has_value());

    const auto view = settle(*kvm, kvm->open(order("key-1")));
    EXPECT_EQ(view.state, ProviderState::running);
    EXPECT_EQ(view.provider_instance_id, name_of("key-1"));
    EXPECT_FALSE(view.ip_addresses.empty());
    EXPECT_EQ(view.opened_with_key, "key-1");
    const auto& name = view.provider_instance_id;
    const InstanceRef server{id, name, {"key-1"}};
    EXPECT_EQ(volumes_of(name), (std::vector<std::string>{name + "-seed.iso", name + ".qcow2"}));

    // The same key again is the same server, and a lost answer is found.
    EXPECT_EQ(settle(*kvm, kvm->open(order("key-1"))).provider_instance_id, name);
    EXPECT_EQ((*kvm->probe({"key-1"}))->provider_instance_id, name);
    EXPECT_EQ(kvm->list("")->instances.size(), 1U);

    const auto state = [&] { return kvm->inspect(server)->state; };
    must(*kvm, server, InstanceCommand::stop);
    EXPECT_EQ(state(), ProviderState::stopped);
    must(*kvm, server, InstanceCommand::stop);
    must(*kvm, server, InstanceCommand::start);
    EXPECT_EQ(state(), ProviderState::running);
    must(*kvm, server, InstanceCommand::restart);
    must(*kvm, server, InstanceCommand::suspend);
    EXPECT_EQ(state(), ProviderState::suspended);
    must(*kvm, server, InstanceCommand::unsuspend);
    EXPECT_EQ(state(), ProviderState::running);
    must(*kvm, server, InstanceCommand::terminate);
    EXPECT_EQ(state(), ProviderState::gone);
    EXPECT_TRUE(volumes_of(name).empty());
    must(*kvm, server, InstanceCommand::terminate);
    EXPECT_TRUE(kvm->list("")->instances.empty());
}

TEST_F(KvmDomain, changes_its_sizes_its_name_its_password_and_its_system) {
    NEEDS_LIBVIRT();
    const auto kvm = stage.provider("provider-kvm", config().dump());
    const auto name = settle(*kvm, kvm->open(order("key-2"))).provider_instance_id;
    const InstanceRef server{id, name, {"key-2"}};
    const auto domain = [&] {
        return ask([name](auto& connection) {
            return plugin::find_domain(connection, {"stage", name});
        });
    };
    must(*kvm, server, InstanceCommand::resize, {{"cpu_cores", "2"}, {"memory_gb", "3"}});
    EXPECT_EQ(domain()["vcpus"], 2);
    EXPECT_EQ(domain()["memory_mb"], 3072);
    EXPECT_EQ(domain()["state"], "running");
    EXPECT_EQ(perform(*kvm, server, InstanceCommand::resize, {{"disk_gb", "1"}}).error().code,
              ErrorCode::plugin_refused)
        << "a disk does not shrink";
    EXPECT_EQ(perform(*kvm, server, InstanceCommand::resize, {{"disk_gb", "9"}}).error().code,
              ErrorCode::unsupported)
        << "libvirt's test driver cannot grow a volume";
    EXPECT_EQ(domain()["state"], "running");

    must(*kvm, server, InstanceCommand::rename, {{"name", "新名字 <&>"}});
    EXPECT_EQ(domain()["title"], "新名字 <&>");
    must(*kvm, server, InstanceCommand::reset_password, {{"password", "s3cret pass"}});
    must(*kvm, server, InstanceCommand::reinstall, {{"os", environment("RB_LIBVIRT_IMAGE")}});
    EXPECT_EQ(domain()["metadata"]["phase"], "open");
    EXPECT_NE(domain()["metadata"]["seed"], name) << "cloud-init sets it up anew";
    EXPECT_EQ(perform(*kvm, server, InstanceCommand::reinstall, {{"os", "none"}}).error().code,
              ErrorCode::plugin_refused);
    EXPECT_EQ(kvm->inspect(server)->state, ProviderState::running);
    must(*kvm, server, InstanceCommand::terminate);
}

TEST_F(KvmDomain, goes_back_to_a_snapshot_and_keeps_the_sizes_it_has_now) {
    NEEDS_LIBVIRT();
    auto settings = config();
    settings["snapshots_max"] = 1;
    settings["console_url"] = "https://ui.example/{name}";
    const auto kvm = stage.provider("provider-kvm", settings.dump());
    const auto name = settle(*kvm, kvm->open(order("key-3"))).provider_instance_id;
    const InstanceRef server{id, name, {"key-3"}};
    must(*kvm, server, InstanceCommand::take_snapshot, {{"snapshot", "升级前"}});
    must(*kvm, server, InstanceCommand::take_snapshot, {{"snapshot", "升级前"}});
    EXPECT_EQ(
        perform(*kvm, server, InstanceCommand::take_snapshot, {{"snapshot", "two"}}).error().code,
        ErrorCode::plugin_refused)
        << "snapshots_max";
    EXPECT_TRUE(
        perform(*kvm, server, InstanceCommand::take_snapshot, {{"snapshot", "../x"}}).has_error());
    must(*kvm, server, InstanceCommand::resize, {{"memory_gb", "2"}});
    must(*kvm, server, InstanceCommand::restore_snapshot, {{"snapshot", "升级前"}});
    EXPECT_EQ(
        perform(*kvm, server, InstanceCommand::restore_snapshot, {{"snapshot", "no"}}).error().code,
        ErrorCode::plugin_refused);
    const auto described = kvm->describe(server);
    ASSERT_TRUE(described.has_value()) << described.error().message;
    EXPECT_EQ(described->sections.at(1).fields.at(0).key, "升级前");
    EXPECT_EQ(described->actions.at(0).id, "force_stop");
    must(*kvm, server, InstanceCommand::restart);
    EXPECT_EQ(ask([name](auto& connection) {
                  return plugin::find_domain(connection, {"stage", name});
              })["memory_mb"],
              2048);
    EXPECT_EQ(*kvm->run_action(server, "delete_snapshots", {}), "1 snapshots deleted");
    EXPECT_EQ(kvm->describe(server)->sections.size(), 1U);
    EXPECT_EQ(*kvm->run_action(server, "force_stop", {}), "switched off");
    EXPECT_EQ(kvm->inspect(server)->state, ProviderState::stopped);
    EXPECT_EQ(kvm->run_action(server, "other", {}).error().code, ErrorCode::plugin_refused);
    EXPECT_EQ(kvm->console(server)->url, "https://ui.example/" + name);
    const auto figures = kvm->metrics(server);
    ASSERT_TRUE(figures.has_value()) << figures.error().message;
    EXPECT_TRUE(figures->contains("cpu_seconds"));
    must(*kvm, server, InstanceCommand::terminate);
}

// A process that died between two steps of an opening left its domain defined and no more.
TEST_F(KvmDomain, that_was_half_opened_is_finished_by_the_next_look) {
    NEEDS_LIBVIRT();
    const auto kvm = stage.provider("provider-kvm", config().dump());
    plugin::DomainPlan plan;
    plan.name = name_of("key-4");
    plan.interface_id = "stage";
    plan.metadata = {
        {"key", "key-4"},   {"name", "vm-1"},     {"os", environment("RB_LIBVIRT_IMAGE")},
        {"disk_gb", ""},    {"pool", pool},       {"seed", plan.name},
        {"opened_at", "0"}, {"phase", "opening"}, {"suspended", "false"}};
    plan.virt_type = "qemu";
    plan.memory_mb = 512;
    plan.vcpus = 1;
    plan.disks = {{.path = "/default-pool/" + plan.name + ".qcow2", .format = "qcow2"}};
    plan.network = "default";
    ask([plan](auto& connection) { return plugin::define_domain(connection, plan); });
    const auto found = kvm->probe({"key-4"});
    ASSERT_TRUE(found.has_value()) << found.error().message;
    ASSERT_TRUE(found->has_value());
    EXPECT_EQ((*found)->state, ProviderState::running);
    EXPECT_EQ(volumes_of(plan.name).size(), 2U);
    must(*kvm, {id, "", {"key-4"}}, InstanceCommand::terminate);

    // And one that cannot be finished leaves nothing.
    plan.metadata["os"] = "no-such-image";
    ask([plan](auto& connection) { return plugin::define_domain(connection, plan); });
    const auto none = kvm->probe({"key-4"});
    ASSERT_TRUE(none.has_value()) << none.error().message;
    EXPECT_FALSE(none->has_value());
    EXPECT_TRUE(volumes_of(plan.name).empty());
    EXPECT_EQ(kvm->inspect({id, plan.name, {}})->state, ProviderState::gone);
}

TEST_F(KvmDomain, is_refused_for_an_unknown_image_and_leaves_nothing) {
    NEEDS_LIBVIRT();
    const auto kvm = stage.provider("provider-kvm", config().dump());
    auto request = order("key-5");
    request.spec["os"] = "no-such-image";
    EXPECT_EQ(kvm->open(request).error().code, ErrorCode::plugin_refused);
    request.spec = {{"cpu_cores", "1"}, {"memory_gb", "1"}, {"disk_gb", "1"}};
    EXPECT_EQ(kvm->open(request).error().code, ErrorCode::plugin_refused)
        << "a disk smaller than its image";
    EXPECT_FALSE(kvm->probe({"key-5"})->has_value());
    EXPECT_TRUE(volumes_of(name_of("key-5")).empty());
    const auto fields = kvm->spec_template();
    ASSERT_TRUE(fields.has_value()) << fields.error().message;
    EXPECT_EQ(fields->back().options, std::vector<std::string>{environment("RB_LIBVIRT_IMAGE")});
}

TEST_F(KvmDomain, that_is_not_the_interfaces_own_does_not_exist_for_it) {
    NEEDS_LIBVIRT();
    const auto kvm = stage.provider("provider-kvm", config().dump());
    const InstanceRef foreign{id, "test", {"key-6"}};  // the test driver's own domain
    EXPECT_TRUE(kvm->inspect(foreign).has_error())
        << "a name that is not of ours is not even asked";
    const InstanceRef unknown{id, "rb-unknown", {"key-6"}};
    EXPECT_EQ(kvm->inspect(unknown)->state, ProviderState::gone);
    EXPECT_EQ(perform(*kvm, unknown, InstanceCommand::start).error().code,
              ErrorCode::plugin_refused);
    must(*kvm, unknown, InstanceCommand::terminate);
    plugin::DomainPlan plan;
    plan.name = name_of("key-7");
    plan.interface_id = "another";
    plan.metadata = {{"key", "key-7"}};
    plan.virt_type = "qemu";
    plan.memory_mb = 64;
    plan.vcpus = 1;
    plan.network = "default";
    ask([plan](auto& connection) { return plugin::define_domain(connection, plan); });
    EXPECT_FALSE(kvm->probe({"key-7"})->has_value());
    EXPECT_EQ(kvm->open(order("key-7")).error().code, ErrorCode::plugin_refused);
    EXPECT_EQ(perform(*kvm, {id, plan.name, {}}, InstanceCommand::start).error().code,
              ErrorCode::plugin_refused);
    EXPECT_TRUE(kvm->list("")->instances.empty());
    ask([plan](auto& connection) {
        return plugin::undefine_domain(connection, {"another", plan.name});
    });
}

TEST_F(KvmGuest, boots_gets_an_address_and_reads_its_seed) {
    NEEDS_LIBVIRT();
    auto settings = config();
    settings["vnc_listen"] = "127.0.0.1";
    settings["address_wait_seconds"] = 300;
    const auto kvm = stage.provider("provider-kvm", settings.dump());
    auto request = order("guest-1");
    request.spec["disk_gb"] = "1";
    const auto view = settle(*kvm, kvm->open(request));
    ASSERT_EQ(view.state, ProviderState::running);
    ASSERT_FALSE(view.ip_addresses.empty()) << "no address within five minutes";
    const InstanceRef server{id, view.provider_instance_id, {"guest-1"}};
    EXPECT_EQ(ask(names_of_leases), Json::array({"CIDATA"}))
        << "the guest's boot loader tells it the label of the seed beside its disk";

    const auto console = kvm->console(server);
    ASSERT_TRUE(console.has_value()) << console.error().message;
    EXPECT_TRUE(console->url.starts_with("vnc://127.0.0.1:59")) << console->url;
    EXPECT_TRUE(console->expires_at.has_value());
    const auto figures = kvm->metrics(server);
    ASSERT_TRUE(figures.has_value()) << figures.error().message;
    EXPECT_NE(figures->at("disk_read_bytes"), "0");
    EXPECT_NE(figures->at("network_sent_bytes"), "0");

    must(*kvm, server, InstanceCommand::take_snapshot, {{"snapshot", "booted"}});
    must(*kvm, server, InstanceCommand::restore_snapshot, {{"snapshot", "booted"}});
    EXPECT_EQ(kvm->inspect(server)->state, ProviderState::running);
    must(*kvm, server, InstanceCommand::resize, {{"disk_gb", "2"}, {"cpu_cores", "2"}});
    EXPECT_EQ(kvm->inspect(server)->state, ProviderState::running);
    const auto disk = ask([pool = pool, name = view.provider_instance_id](auto& connection) {
        return plugin::find_volume(connection, pool, name + ".qcow2");
    });
    EXPECT_EQ(disk["capacity_bytes"], std::int64_t{2} << 30);
    must(*kvm, server, InstanceCommand::terminate);
    EXPECT_TRUE(volumes_of(view.provider_instance_id).empty());
}

}  // namespace
}  // namespace rb::test
