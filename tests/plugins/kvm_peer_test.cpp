// provider-kvm against libvirt itself. Run by tests/plugins/with_peers.py on libvirt's test driver,
// by its socket (KvmDomain) and over TLS (KvmTls). Guests that boot are in kvm_guest_test.cpp.
#include "plugins/kvm_stage.hpp"

#include <gtest/gtest.h>

namespace rb::test {
namespace {

struct KvmDomain : Kvm {};

struct KvmTls : Kvm {
    // A client with these certificates; the server's own is for localhost.
    static std::string uri_of(const std::string& who, const std::string& host = "localhost") {
        const auto address = environment("RB_LIBVIRT_TLS");
        return "test+tls://" + host + address.substr(address.find(':')) +
               "/default?pkipath=" + environment("RB_LIBVIRT_PKI") + "/" + who;
    }
    std::string health_at(const std::string& at) {
        auto settings = config();
        settings["uri"] = at;
        const auto health = stage.provider("provider-kvm", settings.dump())->health();
        EXPECT_TRUE(health.has_value()) << health.error().message;
        return health->is_healthy ? "healthy" : health->message;
    }
};

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

TEST_F(KvmTls, is_the_same_domain_to_an_interface_that_comes_over_tls) {
    NEEDS_LIBVIRT();
    auto settings = config();
    settings["uri"] = uri_of("member");
    const auto kvm = stage.provider("provider-kvm", settings.dump());
    const auto view = settle(*kvm, kvm->open(order("tls-1")));
    EXPECT_EQ(view.state, ProviderState::running);
    const InstanceRef server{id, view.provider_instance_id, {"tls-1"}};
    const auto here = stage.provider("provider-kvm", config().dump());
    EXPECT_EQ(here->inspect(server)->state, ProviderState::running) << "by the socket of the same";
    must(*kvm, server, InstanceCommand::terminate);
    EXPECT_EQ(here->inspect(server)->state, ProviderState::gone);
}

TEST_F(KvmTls, takes_neither_a_server_nor_a_client_that_it_does_not_know) {
    NEEDS_LIBVIRT();
    EXPECT_EQ(health_at(uri_of("member")).find("Failed to verify"), std::string::npos);
    for (const auto& at : {uri_of("misled"), uri_of("member", "127.0.0.1")}) {
        EXPECT_NE(health_at(at).find("Failed to verify peer's certificate"), std::string::npos)
            << at;
    }
    EXPECT_NE(health_at(uri_of("stranger")).find("libvirt at "), std::string::npos)
        << "the server hangs up";
    EXPECT_NE(health_at(uri_of("nobody")).find("No such file"), std::string::npos);
}

// libvirt divides options at ';' as well as at '&': the rule of URIs is all that keeps a server's
// certificate looked at.
TEST_F(KvmTls, cannot_be_told_to_look_at_no_certificate) {
    NEEDS_LIBVIRT();
    const auto blind = uri_of("member", "127.0.0.1") + ";no_verify=1";
    const auto past_the_rule = stage.libvirt.run(
        blind, [](auto& connection) { return plugin::describe_hypervisor(connection); },
        std::chrono::seconds(20));
    EXPECT_TRUE(past_the_rule.has_value())
        << "libvirt itself would: " + past_the_rule.error().message;
    EXPECT_NE(health_at(blind).find("uri: must not hold encoded characters or ';'"),
              std::string::npos)
        << health_at(blind);
    EXPECT_NE(health_at(uri_of("member", "127.0.0.1") + "&no_verify=1")
                  .find("uri: has an option that its transport does not take"),
              std::string::npos);
}

}  // namespace
}  // namespace rb::test
