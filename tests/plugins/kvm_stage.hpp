// provider-kvm on a stage, before a libvirt that tests/plugins/with_peers.py started and named in
// the environment.

#pragma once

#include "plugin/crypto/digest.hpp"
#include "plugin/encoding/text_encoding.hpp"
#include "plugin/json.hpp"
#include "plugin/libvirt/domains.hpp"
#include "plugin/libvirt/volumes.hpp"

#include "plugins/plugin_stage.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace rb::test {

using namespace core;
using plugin::Json;

inline std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

#define NEEDS_LIBVIRT()                               \
    if (environment("RB_LIBVIRT_URI").empty())        \
    GTEST_SKIP() << "no peer: RB_LIBVIRT_URI is not " \
                    "set"

inline std::string name_of(const std::string& key) {
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

    // The test driver takes either; QEMU runs guests with KVM where the machine has it.
    [[nodiscard]] static std::string virt_type() {
        const auto told = environment("RB_LIBVIRT_VIRT_TYPE");
        return told.empty() ? "qemu" : told;
    }
    [[nodiscard]] Json config() const {
        return {{"uri", uri},
                {"pool", pool},
                {"image", environment("RB_LIBVIRT_IMAGE")},
                {"virt_type", virt_type()},
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

}  // namespace rb::test
