// provider-kvm on QEMU with a guest that boots: with KVM where the machine has it, else emulated,
// which is said. Run by tests/plugins/with_peers.py.
#include "plugin/libvirt/libvirt_error.hpp"
#include "plugin/limits.hpp"

#include "plugins/kvm_stage.hpp"
#include "plugins/run_program.hpp"

#include <crypt.h>
#include <gtest/gtest.h>
#include <libvirt/libvirt-qemu.h>

#include <iostream>
#include <iterator>
#include <sstream>

namespace rb::test {
namespace {

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

struct KvmGuest : Kvm {
    void SetUp() override {
        const auto why = environment("RB_LIBVIRT_NO_KVM");
        if (why.empty()) return;
        std::cout << "[ WITHOUT KVM ] guests are emulated here: " << why << '\n';
        RecordProperty("without_kvm", why);
    }
    // An order for a server that is looked at before it has an address.
    InstanceView opened(Provider& kvm, const std::string& key) {
        auto request = order(key);
        request.spec["disk_gb"] = "1";
        return settle(kvm, kvm.open(request));
    }
    // What QEMU itself answers, past libvirt.
    Json ask_qemu(const std::string& name, const std::string& command) {
        const auto text = ask([name, command](auto& connection) -> Result<Json> {
            const auto domain = TRY(plugin::domain_named(connection, {"stage", name}));
            char* answer = nullptr;
            if (virDomainQemuMonitorCommand(domain.get(), command.c_str(), &answer, 0) != 0) {
                return plugin::libvirt_error("asking");
            }
            const plugin::LibvirtText kept(answer);
            return plugin::as_result(std::string(answer));
        });
        return Json::parse(text.get<std::string>());
    }
    // What the agent inside of the guest answers.
    Json ask_agent(const std::string& name, const Json& command) {
        const auto text = ask([name, command](auto& connection) -> Result<Json> {
            const auto domain = TRY(plugin::domain_named(connection, {"stage", name}));
            const plugin::LibvirtText answer(
                virDomainQemuAgentCommand(domain.get(), command.dump().c_str(), 20, 0));
            if (answer == nullptr) return plugin::libvirt_error("asking");
            return plugin::as_result(std::string(answer.get()));
        });
        return text.is_string() ? Json::parse(text.get<std::string>())["return"] : Json();
    }
    [[nodiscard]] Json domain(const std::string& name) {
        return ask([name](auto& connection) {
            return plugin::find_domain(connection, {"stage", name});
        });
    }
    // Whether the agent inside came within its time.
    bool waits_for_agent(const std::string& name) {
        const auto patience = std::chrono::steady_clock::now() + std::chrono::minutes(5);
        while (domain(name)["agent"] != true) {
            if (std::chrono::steady_clock::now() > patience) return false;
            std::this_thread::yield();
        }
        return true;
    }
    std::string file_in_guest(const std::string& name, const std::string& path) {
        const auto handle =
            ask_agent(name, {{"execute", "guest-file-open"}, {"arguments", {{"path", path}}}});
        const auto content =
            ask_agent(name, {{"execute", "guest-file-read"}, {"arguments", {{"handle", handle}}}});
        const auto bytes = plugin::base64_decode(content["buf-b64"].get<std::string>());
        EXPECT_TRUE(bytes.has_value());
        return bytes.has_value() ? *bytes : "";
    }
    // What cloud-init makes of a server's seed; null and why when there is no cloud-init here.
    Json seed_of(const std::string& name, std::string& why) {
        const auto found = ask(
            [pool = pool](auto& connection) { return plugin::describe_pool(connection, pool); });
        const auto read = run_program({"tests/support/read-seed", found["path"].get<std::string>() +
                                                                      "/" + name + "-seed.iso"});
        why = read.status == 77 ? read.errors : "";
        EXPECT_TRUE(read.status == 0 || read.status == 77) << read.errors;
        return read.status == 0 ? Json::parse(read.output) : Json();
    }
    // What a viewer meets at the display that a console's link leads to.
    static std::string knock(const std::string& port, const std::string& password,
                             const std::string& how = "") {
        std::vector<std::string> words{"nsenter",
                                       "--net",
                                       "--target",
                                       environment("RB_LIBVIRT_INSIDE"),
                                       "tests/support/rfb_login.py",
                                       "127.0.0.1",
                                       port,
                                       password};
        if (!how.empty()) words.push_back(how);
        const auto knocked = run_program(words);
        EXPECT_EQ(knocked.status, 0) << knocked.errors;
        return knocked.output;
    }
};

TEST_F(KvmGuest, boots_gets_an_address_reads_its_seed_and_takes_a_password) {
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
    const auto kvm_of_qemu =
        ask_qemu(view.provider_instance_id, R"({"execute":"query-kvm"})")["return"];
    EXPECT_EQ(kvm_of_qemu["enabled"], virt_type() == "kvm") << kvm_of_qemu;
    EXPECT_EQ(ask(names_of_leases), Json::array({"CIDATA"}))
        << "the guest's boot loader tells it the label of the seed beside its disk";

    const auto& name = view.provider_instance_id;
    ASSERT_TRUE(waits_for_agent(name));
    EXPECT_EQ(kvm->inspect(server)->ip_addresses, view.ip_addresses)
        << "it says what the lease says";
    EXPECT_TRUE(file_in_guest(name, "/etc/shadow").starts_with("root:*:"));
    const std::string password = "s3cret pass'\"";
    must(*kvm, server, InstanceCommand::reset_password, {{"password", password}});
    const auto shadow = file_in_guest(name, "/etc/shadow");
    const auto hash = shadow.substr(5, shadow.find(':', 5) - 5);
    EXPECT_TRUE(hash.starts_with("$6$")) << shadow;
    EXPECT_EQ(::crypt(password.c_str(), hash.c_str()), hash) << "set by the agent inside";

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

// A link is "vnc://HOST:PORT?VncPassword=PASSWORD"; ours names the WebSocket's port beside it.
TEST_F(KvmGuest, has_a_console_for_who_got_its_password_and_for_nobody_else) {
    NEEDS_LIBVIRT();
    auto settings = config();
    settings["vnc_listen"] = "127.0.0.1";
    settings["address_wait_seconds"] = 0;
    settings["console_url"] = "{host} {port} {websocket} {password} {name}";
    const auto kvm = stage.provider("provider-kvm", settings.dump());
    const auto name = opened(*kvm, "guest-2").provider_instance_id;
    const InstanceRef server{id, name, {"guest-2"}};
    const auto open = [&] {
        const auto console = kvm->console(server);
        EXPECT_TRUE(console.has_value()) << console.error().message;
        std::istringstream words(console.has_value() ? console->url : "");
        std::vector<std::string> parts{std::istream_iterator<std::string>(words), {}};
        parts.resize(5);
        return parts;
    };
    EXPECT_EQ(knock("5900", "--------"), "RFB 003.008 refused\n")
        << "before anybody asked for a console, nobody comes in";
    const auto first = open();
    EXPECT_EQ(first[0], "127.0.0.1");
    EXPECT_EQ(first[4], name);
    EXPECT_EQ(first[3].size(), plugin::vnc_password_bytes_max);
    const auto accepted = "RFB 003.008 accepted QEMU (" + name + ")\n";
    EXPECT_EQ(knock(first[1], first[3]), accepted);
    EXPECT_EQ(knock(first[2], first[3], "--websocket"), accepted) << "as noVNC comes in";
    EXPECT_EQ(knock(first[1], "--------"), "RFB 003.008 refused\n");
    EXPECT_EQ(knock(first[2], "", "--websocket"), "RFB 003.008 refused\n");
    const auto second = open();
    EXPECT_NE(second[3], first[3]);
    EXPECT_EQ(knock(second[1], first[3]), "RFB 003.008 refused\n") << "its time is over";
    EXPECT_EQ(knock(second[1], second[3]), accepted);
    settings["console_url"] = "";
    settings["console_host"] = "2001:db8::1";
    const auto link = stage.provider("provider-kvm", settings.dump())->console(server);
    ASSERT_TRUE(link.has_value()) << link.error().message;
    EXPECT_TRUE(link->url.starts_with("vnc://[2001:db8::1]:59")) << link->url;
    must(*kvm, server, InstanceCommand::stop);
    EXPECT_EQ(kvm->console(server).error().code, ErrorCode::plugin_refused);
    must(*kvm, server, InstanceCommand::terminate);
}

// The reader is cloud-init: Debian's, in a new system of its own (tests/support/read-seed).
TEST_F(KvmGuest, is_set_up_by_cloud_init_as_its_seed_says) {
    NEEDS_LIBVIRT();
    const std::string key =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJmp1fqJOaIpNDvmxCzL2zVqQ2A0vUu1o0wq6h6TyVfr op@shop";
    auto settings = config();
    settings["address_wait_seconds"] = 0;
    settings["shutdown_seconds"] = 0;
    settings["login"] = "shop";
    settings["ssh_keys"] = {key};
    settings["cloud_init"] =
        "#cloud-config\nhostname: not-this-one\n"
        "write_files: [{path: /srv/vendor, content: by the operator}]\n";
    const auto kvm = stage.provider("provider-kvm", settings.dump());
    const auto name = opened(*kvm, "guest-4").provider_instance_id;
    const InstanceRef server{id, name, {"guest-4"}};
    // What boots meanwhile would only be in the way.
    must(*kvm, server, InstanceCommand::stop);
    std::string why;
    const auto made = seed_of(name, why);
    if (!why.empty()) GTEST_SKIP() << why;
    EXPECT_EQ(made["label"], "CIDATA");
    EXPECT_TRUE(made["datasource"].get<std::string>().starts_with("DataSourceNoCloud [seed="));
    EXPECT_EQ(made["warnings"], Json::array());
    EXPECT_EQ(made["schema"], "valid");
    EXPECT_EQ(made["hostname"], Json::array({"vm-1", "vm-1"})) << "the vendor's stands below";
    EXPECT_EQ(made["instance_id"], name);
    EXPECT_EQ(made["users"], Json({{"root", "/root"}, {"shop", "/home/shop"}}));
    EXPECT_EQ(made["keys"]["shop"], Json::array({key}));
    EXPECT_NE(made["keys"]["root"].dump().find("rather than the user"), std::string::npos)
        << "root is told to come as shop";
    EXPECT_EQ(made["sudoers"].back(), "shop ALL=(ALL) NOPASSWD:ALL");
    EXPECT_EQ(made["shadow"]["shop"], "!") << "no password until one is set";
    EXPECT_EQ(made["shadow"]["root"], "*");
    EXPECT_EQ(made["made"], Json({{"/srv/vendor", "by the operator"}}));

    // As root, without keys, and with a name that no host can have.
    settings.erase("cloud_init");
    settings["login"] = "root";
    settings["ssh_keys"] = Json::array();
    const auto again = stage.provider("provider-kvm", settings.dump());
    must(*again, server, InstanceCommand::rename, {{"name", "新名字 <&>"}});
    must(*again, server, InstanceCommand::reinstall, {{"os", environment("RB_LIBVIRT_IMAGE")}});
    must(*again, server, InstanceCommand::stop);
    const auto anew = seed_of(name, why);
    EXPECT_EQ(anew["warnings"], Json::array());
    EXPECT_EQ(anew["schema"], "valid");
    EXPECT_EQ(anew["hostname"], Json::array({name, name}));
    EXPECT_TRUE(anew["instance_id"].get<std::string>().starts_with(name + "-"))
        << "a new identity, so that cloud-init begins anew";
    EXPECT_EQ(anew["keys"]["root"], Json::array());
    EXPECT_EQ(anew["made"], Json::object());
    must(*again, server, InstanceCommand::terminate);
}

}  // namespace
}  // namespace rb::test
