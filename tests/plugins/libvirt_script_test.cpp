// host::libvirt as a script sees it: which URIs it reaches, what each function takes, and where its
// bounds are. No libvirtd is asked: an option that is good ends at a socket where nobody is.
#include "plugin/limits.hpp"

#include "plugins/plugin_stage.hpp"

#include <gtest/gtest.h>

#include <array>

namespace rb::test {
namespace {

using plugin::CallEffect;
using plugin::Json;

const std::string nobody = "test+unix:///default?socket=/nowhere/libvirt-sock";
// libvirt's own hypervisor in this process.
const std::string in_process = "test:///default";

constexpr std::array functions{"hypervisor",      "pool",
                               "volume",          "create_volume",
                               "grow_volume",     "delete_volume",
                               "write_seed",      "domain",
                               "domains",         "define",
                               "start",           "stop",
                               "autostart",       "annotate",
                               "resize",          "set_password",
                               "open_console",    "statistics",
                               "undefine",        "snapshots",
                               "take_snapshot",   "restore_snapshot",
                               "delete_snapshots"};

// A plugin that passes its options on to the function it is told.
std::string source(const std::string& grants) {
    std::string text =
        "pub fn manifest() { #{ id: \"notifier-x\", \"type\": \"Notifier\", name: \"X\", "
        "capabilities: [\"webhook\"], grants: #{ modules: [\"libvirt\"], libvirt_uris: [" +
        grants +
        "] }, config_schema: #{ \"type\": \"object\", properties: #{ uri: #{ \"type\": \"string\" "
        "} } } } }\npub fn send(config, n) { match n.function {\n";
    for (const auto* function : functions) {
        text +=
            "\"" + std::string(function) + "\" => host::libvirt::" + function + "(n.options),\n";
    }
    return text +
           "\"many\" => { for i in 0..n.times { host::libvirt::hypervisor(n.options)?; } Ok(()) }\n"
           "other => Err(other), } }\n";
}

struct LibvirtScript : testing::Test {
    PluginStage stage;

    // What became of the call: "ok", or the error's kind and message.
    std::string call(const std::string& grants, const Json& config, const Json& argument) {
        const auto loaded = stage.engine.load("", "", "x.rn", source(grants));
        if (loaded.has_error()) return "not loaded: " + loaded.error().message;
        const auto answer = stage.engine.call({.script = *loaded,
                                               .interface_id = "x",
                                               .config = config,
                                               .function = "send",
                                               .arguments = {argument},
                                               .effect = CallEffect::changes});
        if (answer.has_value()) return "ok";
        const auto& error = answer.error();
        return std::string(reason_of(error.code)) + " " + error.message;
    }
    std::string asked_at(const std::string& uri, const std::string& function = "hypervisor",
                         const std::string& grants = "\"config:uri\"",
                         const std::string& configured = nobody) {
        Json options = {{"uri", uri}};
        return call(grants, {{"uri", configured}}, {{"function", function}, {"options", options}});
    }
    // A function with these options and a granted URI: "taken" when libvirt would have been asked.
    std::string take(const std::string& function, Json options) {
        options["uri"] = nobody;
        const auto outcome = call("\"config:uri\"", {{"uri", nobody}},
                                  {{"function", function}, {"options", options}});
        return outcome.find("libvirt at " + nobody) == std::string::npos ? outcome : "taken";
    }
};

std::string not_granted(const std::string& function, const std::string& uri) {
    return "plugin_refused notifier-x.send: libvirt::" + function + ": uri: " + uri +
           " is not granted to this plugin (grants.libvirt_uris)";
}

TEST_F(LibvirtScript, reaches_the_uri_it_is_granted_and_no_other) {
    EXPECT_EQ(asked_at(in_process, "hypervisor", "\"config:uri\"", in_process), "ok");
    EXPECT_EQ(asked_at(in_process, "hypervisor", "\"test:///default\""), "ok");
    for (const auto* uri :
         {"test:///default", "qemu:///system", "qemu:///session", "xen:///system", "lxc:///system",
          "esx://host/?no_verify=1", "qemu+ssh://root@host/system", "default",
          "test+unix:///default?socket=/nowhere/libvirt-sock2",
          "test+unix:///default?socket=/nowhere/libvirt-soc",
          "TEST+unix:///default?socket=/nowhere/libvirt-sock"}) {
        EXPECT_EQ(asked_at(uri), not_granted("hypervisor", uri));
    }
    EXPECT_EQ(asked_at(in_process, "hypervisor", ""), not_granted("hypervisor", in_process))
        << "the module alone reaches nothing";
    EXPECT_EQ(asked_at(""), "plugin_refused notifier-x.send: libvirt::hypervisor: uri: is missing");
    EXPECT_EQ(asked_at("", "hypervisor", "\"config:uri\"", ""),
              "plugin_refused notifier-x.send: libvirt::hypervisor: uri: is missing")
        << "a field that is not filled in grants nothing";
    EXPECT_EQ(asked_at(std::string(plugin::libvirt_uri_bytes_max + 1, 'x')),
              not_granted("hypervisor", "a text that is no URI"));
}

TEST_F(LibvirtScript, is_held_to_its_grants_by_every_function) {
    for (const auto* function : functions) {
        EXPECT_EQ(asked_at(in_process, function), not_granted(function, in_process));
    }
}

// Whatever an administrator configures: nothing that runs a program, reads a file, or speaks in
// clear.
TEST_F(LibvirtScript, never_reaches_other_drivers_and_transports) {
    const std::string said = "plugin_refused notifier-x.send: libvirt::hypervisor: uri: ";
    const std::array<std::pair<std::string, std::string>, 13> rules{{
        {"xen:///system", "must be of the driver qemu or test"},
        {"lxc:///system", "must be of the driver qemu or test"},
        {"esx://host/", "must be of the driver qemu or test"},
        {"default", "must be of the driver qemu or test"},
        {"qemu+ssh://host/system", "must be local, or of the transport unix or tls"},
        {"qemu+tcp://host/system", "must be local, or of the transport unix or tls"},
        {"qemu+ext:///system?command=/bin/true", "must be local, or of the transport unix or tls"},
        {"qemu:///session", "must end in /system for qemu, /default for test"},
        {"test:///etc/passwd", "must end in /system for qemu, /default for test"},
        {"qemu+tls://root@host/system", "must not hold a user or a fragment"},
        {"qemu+unix:///system?command=/bin/true", "has an option that its transport does not take"},
        {"qemu+tls://host/system?pkipath=/x;no_verify=1",
         "must not hold encoded characters or ';'"},
        {"test+unix:///default?socket=/x%3bsocket=/y", "must not hold encoded characters or ';'"},
    }};
    for (const auto& [uri, rule] : rules) {
        EXPECT_EQ(asked_at(uri, "hypervisor", "\"config:uri\"", uri), said + rule) << uri;
        const auto literal = asked_at(uri, "hypervisor", "\"" + uri + "\"");
        EXPECT_TRUE(literal.starts_with(
            "not loaded: script_source: manifest: grants.libvirt_uris: " + uri + " uri: " + rule))
            << literal;
    }
    const std::string base = "test+unix:///default?socket=/";
    const auto longest = base + std::string(plugin::libvirt_uri_bytes_max - base.size(), 'a');
    EXPECT_NE(asked_at(longest, "hypervisor", "\"config:uri\"", longest)
                  .find("plugin_failed notifier-x.send: libvirt at " + longest),
              std::string::npos);
    EXPECT_EQ(asked_at(longest + "a", "hypervisor", "\"config:uri\"", longest + "a"),
              said + "must be at most 1024 bytes");
}

TEST_F(LibvirtScript, bounds_the_calls_of_one_call) {
    const auto times = [&](int count) {
        return call("\"config:uri\"", {{"uri", in_process}},
                    {{"function", "many"}, {"times", count}, {"options", {{"uri", in_process}}}});
    };
    EXPECT_EQ(times(plugin::libvirt_calls_per_script_call_max), "ok");
    EXPECT_EQ(times(plugin::libvirt_calls_per_script_call_max + 1),
              "plugin_failed notifier-x.send: more than 50 calls of libvirt in one call");
}

TEST_F(LibvirtScript, panics_over_an_option_nobody_knows) {
    const auto outcome = take("start", {{"name", "rb-1"}, {"force", true}});
    EXPECT_NE(outcome.find("libvirt::start: no option `force`"), std::string::npos) << outcome;
    const auto no_object =
        call("\"config:uri\"", {{"uri", nobody}}, {{"function", "start"}, {"options", "rb-1"}});
    EXPECT_NE(no_object.find("libvirt::start: needs an object of options"), std::string::npos)
        << no_object;
}

// Good options of a function, and for each field what lies at its bound and what behind it.
struct Bound {
    std::string field;
    Json at;
    Json past;
    std::string rule;
};

std::string range(std::int64_t least, std::int64_t most) {
    return "must be " + std::to_string(least) + " to " + std::to_string(most);
}

const std::string letters_100(plugin::libvirt_name_bytes_max, 'a');
const std::string own_100 = "rb-" + std::string(plugin::libvirt_name_bytes_max - 3, 'a');
const std::string name_rule =
    "must be letters, digits, '.', '_', '-', '+' and ':', at most 100, not '.' or '-' first";
const std::string own_rule = "must begin with rb-";

struct LibvirtBounds : LibvirtScript {
    void expect(const std::string& function, const Json& good, const std::vector<Bound>& bounds) {
        EXPECT_EQ(take(function, good), "taken") << function;
        for (const auto& [field, at, past, rule] : bounds) {
            Json options = good;
            options[field] = at;
            EXPECT_EQ(take(function, options), "taken") << function << " " << field;
            if (past.is_null()) {
                options.erase(field);
            } else {
                options[field] = past;
            }
            auto said = "plugin_refused notifier-x.send: " + field;
            said += ": " + rule;
            EXPECT_EQ(take(function, options), said) << function;
        }
    }
};

TEST_F(LibvirtBounds, of_volumes) {
    const auto size = range(1, plugin::libvirt_volume_bytes_max);
    const std::vector<Bound> names{{"pool", letters_100, letters_100 + "a", name_rule},
                                   {"pool", "default", "../pool", name_rule},
                                   {"name", own_100, own_100 + "a", name_rule},
                                   {"name", "rb-1", "debian.qcow2", own_rule}};
    expect("pool", {{"pool", "p"}}, {{"pool", letters_100, letters_100 + "a", name_rule}});
    expect("volume", {{"pool", "p"}, {"name", "debian.qcow2"}},
           {{"name", letters_100, "/etc/passwd", name_rule}});
    expect("delete_volume", {{"pool", "p"}, {"name", "rb-1"}}, names);
    auto sized = names;
    sized.push_back({"size_bytes", 1, 0, size});
    sized.push_back({"size_bytes", plugin::libvirt_volume_bytes_max,
                     plugin::libvirt_volume_bytes_max + 1, size});
    const Json overlay = {{"pool", "p"},
                          {"name", "rb-1"},
                          {"base_pool", "p"},
                          {"base", "debian.qcow2"},
                          {"size_bytes", 1}};
    expect("create_volume", overlay, sized);
    expect("create_volume", overlay,
           {{"base_pool", letters_100, Json(), name_rule},
            {"base", letters_100, "../debian.qcow2", name_rule}});
    sized.push_back({"size_bytes", 1, Json(), "is missing"});
    expect("grow_volume", {{"pool", "p"}, {"name", "rb-1"}, {"size_bytes", 1}}, sized);
}

TEST_F(LibvirtBounds, of_a_seed) {
    const Json seed = {{"pool", "p"},
                       {"name", "rb-1"},
                       {"user_data", Json::object()},
                       {"meta_data", Json::object()}};
    const auto overhead = std::string("#cloud-config\n{}{}").size();
    const std::string most(plugin::seed_files_bytes_max - overhead, 'a');
    expect("write_seed", seed,
           {{"name", own_100, own_100 + "a", name_rule},
            {"user_data", {{"k", "新\n"}}, {{"k", "\x7f"}}, "must not hold control characters"},
            {"user_data", Json::object(), Json(), "must be an object"},
            {"meta_data", Json::object(), Json(), "must be an object"},
            {"vendor_data", most, "\x01", "must be UTF-8 without control characters"}});
    auto past = seed;
    past["vendor_data"] = most + "a";
    EXPECT_EQ(take("write_seed", past),
              "plugin_refused notifier-x.send: the files of a cloud-init seed exceed 1 MiB");
}

TEST_F(LibvirtBounds, of_a_domain) {
    const Json domain = {{"name", "rb-1"}, {"virt_type", "kvm"},  {"memory_mb", 512},
                         {"vcpus", 1},     {"pool", "p"},         {"disk", "rb-1.qcow2"},
                         {"seed", "rb-s"}, {"network", "default"}};
    Json entries = Json::object();
    for (std::size_t i = 0; i < plugin::libvirt_metadata_entries_max; ++i) {
        entries["k" + std::to_string(i)] = std::string(plugin::libvirt_text_bytes_max, 'v');
    }
    auto more_entries = entries;
    more_entries["more"] = "";
    const std::string text(plugin::libvirt_text_bytes_max, 't');
    const auto memory = range(1, plugin::libvirt_memory_mb_max);
    const auto vcpus = range(1, plugin::libvirt_vcpus_max);
    const auto mbps = range(1, plugin::libvirt_bandwidth_mbps_max);
    const std::vector<Bound> sizes{
        {"memory_mb", 1, 0, memory},
        {"memory_mb", plugin::libvirt_memory_mb_max, plugin::libvirt_memory_mb_max + 1, memory},
        {"vcpus", 1, 0, vcpus},
        {"vcpus", plugin::libvirt_vcpus_max, plugin::libvirt_vcpus_max + 1, vcpus},
        {"bandwidth_mbps", 1, 0, mbps},
        {"bandwidth_mbps", plugin::libvirt_bandwidth_mbps_max,
         plugin::libvirt_bandwidth_mbps_max + 1, mbps}};
    expect("resize", {{"name", "rb-1"}}, sizes);
    expect("define", domain, sizes);
    expect("define", domain,
           {{"memory_mb", 1, Json(), "is missing"},
            {"vcpus", 1, Json(), "is missing"},
            {"name", own_100, own_100 + "a", name_rule},
            {"name", "rb-1", "another", own_rule},
            {"disk", own_100, "debian.qcow2", own_rule},
            {"seed", own_100, "../seed", name_rule},
            {"pool", letters_100, letters_100 + "a", name_rule},
            {"title", text, text + "t", "must be at most 4096 bytes"},
            {"title", "<&>", "a\nb", "must be UTF-8 without control characters"},
            {"metadata", entries, more_entries, "must have at most 50 entries"},
            {"virt_type", "qemu", "xen", "must be one of kvm qemu"},
            {"virt_type", "kvm", Json(), "must be one of kvm qemu"},
            {"cpu_mode", "host-model", "custom", "must be one of host-model host-passthrough"},
            {"machine", letters_100, "q35,accel=tcg", name_rule},
            {"network", letters_100, letters_100 + "a", name_rule},
            {"network", "default", Json(), "either it or bridge must be named"},
            {"vnc_listen", "::1", "0.0.0.0,password=off",
             "must be an address or the name of a host, at most 100 bytes"}});
    auto both = domain;
    both["bridge"] = "br0";
    EXPECT_EQ(take("define", both),
              "plugin_refused notifier-x.send: network: either it or bridge must be named");
    both.erase("network");
    EXPECT_EQ(take("define", both), "taken");
    both["bridge"] = "br/0";
    EXPECT_EQ(take("define", both), "plugin_refused notifier-x.send: bridge: " + name_rule);
    expect("annotate", {{"name", "rb-1"}, {"title", "t"}, {"metadata", Json::object()}},
           {{"title", text, text + "t", "must be at most 4096 bytes"},
            {"metadata", entries, more_entries, "must have at most 50 entries"}});
    expect("domains", Json::object(), {{"after", text, text + "t", "must be at most 4096 bytes"}});
}

TEST_F(LibvirtBounds, of_what_is_done_to_a_domain) {
    for (const auto* function : {"domain", "start", "stop", "autostart", "statistics", "undefine",
                                 "snapshots", "delete_snapshots"}) {
        expect(function, {{"name", "rb-1"}},
               {{"name", own_100, own_100 + "a", name_rule}, {"name", "rb-1", "web", own_rule}});
    }
    const auto grace = plugin::libvirt_grace_max.count();
    expect("stop", {{"name", "rb-1"}},
           {{"grace_seconds", 0, -1, range(0, grace)},
            {"grace_seconds", grace, grace + 1, range(0, grace)}});
    const std::string snapshot_rule = "must be at most 100 bytes, without '/' and not '.' first";
    for (const auto* function : {"take_snapshot", "restore_snapshot"}) {
        expect(function, {{"name", "rb-1"}, {"snapshot", "升级前"}},
               {{"snapshot", letters_100, letters_100 + "a", snapshot_rule},
                {"snapshot", "a", "../a", snapshot_rule},
                {"snapshot", "a", Json(), "is missing"}});
    }
    const std::string text(plugin::libvirt_text_bytes_max, 'p');
    expect("set_password", {{"name", "rb-1"}, {"user", "root"}, {"password", "secret"}},
           {{"user", letters_100, "root x", name_rule},
            {"password", text, text + "p", "must be at most 4096 bytes"},
            {"password", "a b", Json(), "is missing"}});
    expect("open_console",
           {{"name", "rb-1"}, {"password", "12345678"}, {"valid_to", "2026-01-31T12:00:00"}},
           {{"password", "12345678", "123456789",
             "must be at most 8 bytes, which is what VNC compares"},
            {"password", "1", Json(), "is missing"},
            {"valid_to", "2026-01-31T12:00:01", "tomorrow",
             "must be a time of the form 2026-01-31T12:00:00"}});
}

}  // namespace
}  // namespace rb::test
