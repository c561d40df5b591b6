// host::libvirt: each function takes one object of options with a `uri` that is granted, and
// answers a Result. docs/plugin-guide.md describes them for authors.
//
// A function is a row of the table: the options it knows, whether it changes something, and how it
// makes of them the job that runs with the connection.

#include "plugin/host/call_state.hpp"
#include "plugin/host/host_modules.hpp"
#include "plugin/host/libvirt_options.hpp"
#include "plugin/libvirt/domains.hpp"
#include "plugin/libvirt/guest.hpp"
#include "plugin/libvirt/libvirt_client.hpp"
#include "plugin/libvirt/libvirt_uri.hpp"
#include "plugin/libvirt/seed_image.hpp"
#include "plugin/libvirt/snapshots.hpp"
#include "plugin/libvirt/volumes.hpp"
#include "plugin/limits.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace rb::plugin {

namespace {

using rune::Value;
using rune::Vm;

// What a script keeps of its time to make an answer of what it heard.
constexpr std::chrono::milliseconds time_to_answer{1'000};

struct Function {
    std::string_view name;
    CallEffect effect;
    // Besides `uri`.
    std::initializer_list<std::string_view> options;
    Result<LibvirtJob> (*plan)(const LibvirtOptions& options);
};

// ── Volumes ─────────────────────────────────────────────────────────────────────────────────────

Result<LibvirtJob> plan_hypervisor(const LibvirtOptions&) {
    return LibvirtJob([](virConnect& connection) { return describe_hypervisor(connection); });
}

Result<LibvirtJob> plan_pool(const LibvirtOptions& options) {
    return LibvirtJob([pool = TRY(options.name("pool"))](virConnect& connection) {
        return describe_pool(connection, pool);
    });
}

Result<LibvirtJob> plan_volume(const LibvirtOptions& options) {
    return LibvirtJob([pool = TRY(options.name("pool")), name = TRY(options.name("name"))](
                          virConnect& connection) { return find_volume(connection, pool, name); });
}

Result<LibvirtJob> plan_create_volume(const LibvirtOptions& options) {
    VolumePlan plan;
    plan.pool = TRY(options.name("pool"));
    plan.name = TRY(options.own_name("name"));
    plan.base_pool = TRY(options.name("base_pool"));
    plan.base = TRY(options.name("base"));
    plan.size_bytes = TRY(options.integer("size_bytes", 1, libvirt_volume_bytes_max, 0));
    return LibvirtJob([plan = std::move(plan)](virConnect& connection) {
        return create_volume(connection, plan);
    });
}

Result<LibvirtJob> plan_grow_volume(const LibvirtOptions& options) {
    return LibvirtJob(
        [pool = TRY(options.name("pool")), name = TRY(options.own_name("name")),
         bytes = TRY(options.required_integer("size_bytes", 1, libvirt_volume_bytes_max))](
            virConnect& connection) { return grow_volume(connection, pool, name, bytes); });
}

Result<LibvirtJob> plan_delete_volume(const LibvirtOptions& options) {
    return LibvirtJob([pool = TRY(options.name("pool")),
                       name = TRY(options.own_name("name"))](virConnect& connection) {
        return delete_volume(connection, pool, name);
    });
}

Result<LibvirtJob> plan_write_seed(const LibvirtOptions& options) {
    SeedFiles files;
    files.user_data = options.object("user_data");
    files.meta_data = options.object("meta_data");
    files.network_config = options.object("network_config");
    files.vendor_data = options.content("vendor_data");
    return LibvirtJob([pool = TRY(options.name("pool")), name = TRY(options.own_name("name")),
                       image = TRY(make_seed_image(files))](virConnect& connection) {
        return write_volume(connection, pool, name, image);
    });
}

// ── Domains ─────────────────────────────────────────────────────────────────────────────────────

Result<DomainName> domain_of(const LibvirtOptions& options) {
    return DomainName{options.interface_id(), TRY(options.own_name("name"))};
}

// A function that needs nothing but the name.
template <auto function>
Result<LibvirtJob> plan_named(const LibvirtOptions& options) {
    return LibvirtJob([domain = TRY(domain_of(options))](virConnect& connection) {
        return function(connection, domain);
    });
}

Result<LibvirtJob> plan_list(const LibvirtOptions& options) {
    return LibvirtJob([interface_id = options.interface_id(),
                       after = TRY(options.text("after"))](virConnect& connection) {
        return list_domains(connection, interface_id, after);
    });
}

Result<LibvirtJob> plan_define(const LibvirtOptions& options) {
    DomainPlan plan;
    plan.name = TRY(options.own_name("name"));
    plan.title = TRY(options.text("title"));
    plan.interface_id = options.interface_id();
    plan.metadata = TRY(options.texts("metadata"));
    plan.virt_type = TRY(options.word("virt_type", {"kvm", "qemu"}));
    plan.machine = TRY(options.optional_name("machine"));
    plan.cpu_mode = TRY(options.word("cpu_mode", {"", "host-model", "host-passthrough"}));
    plan.memory_mb = TRY(options.required_integer("memory_mb", 1, libvirt_memory_mb_max));
    plan.vcpus = TRY(options.required_integer("vcpus", 1, libvirt_vcpus_max));
    plan.network = TRY(options.optional_name("network"));
    plan.bridge = TRY(options.optional_name("bridge"));
    if (plan.network.empty() == plan.bridge.empty()) {
        return invalid_field("network", "either it or bridge must be named");
    }
    plan.bandwidth_mbps = TRY(options.integer("bandwidth_mbps", 1, libvirt_bandwidth_mbps_max, 0));
    plan.vnc_listen = TRY(options.address("vnc_listen"));
    return LibvirtJob([plan = std::move(plan), pool = TRY(options.name("pool")),
                       disk = TRY(options.own_name("disk")), seed = TRY(options.own_name("seed"))](
                          virConnect& connection) -> Result<Json> {
        auto whole = plan;
        whole.disks = {{.path = TRY(volume_path(connection, pool, disk)), .format = "qcow2"},
                       {.path = TRY(volume_path(connection, pool, seed)),
                        .format = "raw",
                        .is_read_only = true}};
        return define_domain(connection, whole);
    });
}

Result<LibvirtJob> plan_stop(const LibvirtOptions& options) {
    const auto grace = TRY(options.integer("grace_seconds", 0, libvirt_grace_max.count(), 0));
    return LibvirtJob([domain = TRY(domain_of(options)), grace](virConnect& connection) {
        return stop_domain(connection, domain, std::chrono::seconds(grace));
    });
}

Result<LibvirtJob> plan_autostart(const LibvirtOptions& options) {
    return LibvirtJob([domain = TRY(domain_of(options)),
                       is_on = options.boolean("enabled")](virConnect& connection) {
        return set_autostart(connection, domain, is_on);
    });
}

Result<LibvirtJob> plan_annotate(const LibvirtOptions& options) {
    return LibvirtJob([domain = TRY(domain_of(options)), title = TRY(options.text("title")),
                       metadata = TRY(options.texts("metadata"))](virConnect& connection) {
        return annotate_domain(connection, domain, title, metadata);
    });
}

Result<LibvirtJob> plan_resize(const LibvirtOptions& options) {
    DomainSizes sizes;
    sizes.memory_mb = TRY(options.integer("memory_mb", 1, libvirt_memory_mb_max, 0));
    sizes.vcpus = TRY(options.integer("vcpus", 1, libvirt_vcpus_max, 0));
    sizes.bandwidth_mbps = TRY(options.integer("bandwidth_mbps", 1, libvirt_bandwidth_mbps_max, 0));
    return LibvirtJob([domain = TRY(domain_of(options)), sizes](virConnect& connection) {
        return resize_domain(connection, domain, sizes);
    });
}

Result<LibvirtJob> plan_set_password(const LibvirtOptions& options) {
    return LibvirtJob([domain = TRY(domain_of(options)), user = TRY(options.name("user")),
                       password = TRY(options.required_text("password"))](virConnect& connection) {
        return set_password(connection, domain, user, password);
    });
}

Result<LibvirtJob> plan_open_console(const LibvirtOptions& options) {
    return LibvirtJob([domain = TRY(domain_of(options)),
                       password = TRY(options.vnc_password("password")),
                       valid_to = TRY(options.utc_time("valid_to"))](virConnect& connection) {
        return open_console(connection, domain, password, valid_to);
    });
}

// ── Snapshots ───────────────────────────────────────────────────────────────────────────────────

template <auto function>
Result<LibvirtJob> plan_snapshot(const LibvirtOptions& options) {
    return LibvirtJob([domain = TRY(domain_of(options)),
                       snapshot = TRY(options.snapshot_name("snapshot"))](virConnect& connection) {
        return function(connection, domain, snapshot);
    });
}

// ── The functions ───────────────────────────────────────────────────────────────────────────────

constexpr auto none = CallEffect::none;
constexpr auto changes = CallEffect::changes;

const std::array functions{
    Function{"hypervisor", none, {}, plan_hypervisor},
    Function{"pool", none, {"pool"}, plan_pool},
    Function{"volume", none, {"pool", "name"}, plan_volume},
    Function{"create_volume",
             changes,
             {"pool", "name", "base_pool", "base", "size_bytes"},
             plan_create_volume},
    Function{"grow_volume", changes, {"pool", "name", "size_bytes"}, plan_grow_volume},
    Function{"delete_volume", changes, {"pool", "name"}, plan_delete_volume},
    Function{"write_seed",
             changes,
             {"pool", "name", "user_data", "meta_data", "network_config", "vendor_data"},
             plan_write_seed},
    Function{"domain", none, {"name"}, plan_named<find_domain>},
    Function{"domains", none, {"after"}, plan_list},
    Function{"define",
             changes,
             {"name", "title", "metadata", "virt_type", "machine", "cpu_mode", "memory_mb", "vcpus",
              "pool", "disk", "seed", "network", "bridge", "bandwidth_mbps", "vnc_listen"},
             plan_define},
    Function{"start", changes, {"name"}, plan_named<start_domain>},
    Function{"stop", changes, {"name", "grace_seconds"}, plan_stop},
    Function{"autostart", changes, {"name", "enabled"}, plan_autostart},
    Function{"annotate", changes, {"name", "title", "metadata"}, plan_annotate},
    Function{"resize", changes, {"name", "memory_mb", "vcpus", "bandwidth_mbps"}, plan_resize},
    Function{"set_password", changes, {"name", "user", "password"}, plan_set_password},
    Function{"open_console", changes, {"name", "password", "valid_to"}, plan_open_console},
    Function{"statistics", none, {"name"}, plan_named<domain_statistics>},
    Function{"undefine", changes, {"name"}, plan_named<undefine_domain>},
    Function{"snapshots", none, {"name"}, plan_named<list_snapshots>},
    Function{"take_snapshot", changes, {"name", "snapshot"}, plan_snapshot<take_snapshot>},
    Function{"restore_snapshot", changes, {"name", "snapshot"}, plan_snapshot<restore_snapshot>},
    Function{"delete_snapshots", changes, {"name"}, plan_named<delete_snapshots>},
};

std::string_view kind_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::outcome_unknown:
            return "unknown";
        case ErrorCode::unsupported:
            return "unsupported";
        case ErrorCode::plugin_refused:
        case ErrorCode::not_found:
        case ErrorCode::invalid_argument:
        case ErrorCode::too_large:
            return "refused";
        default:
            return "failed";
    }
}

Value failure(Vm& vm, const Error& error, CallEffect effect) {
    auto kind = kind_of(error.code);
    if (kind == "unknown" && effect == CallEffect::none) kind = "failed";
    // An internal error keeps its reason for the log; here it is the only one there is.
    return make_failure(vm, kind, error.code == ErrorCode::internal ? error.detail : error.message);
}

// Why a script may not ask there; empty when it may. What an administrator granted by way of the
// configuration is still held to the rules of URIs.
std::string why_not(const CallState& state, const std::string& uri) {
    if (uri.empty()) return "uri: is missing";
    if (std::ranges::find(state.libvirt_uris, uri) == state.libvirt_uris.end()) {
        // A script may hand over a text of any length.
        return "uri: " + (uri.size() > libvirt_uri_bytes_max ? "a text that is no URI" : uri) +
               " is not granted to this plugin (grants.libvirt_uris)";
    }
    const auto checked = check_libvirt_uri(uri);
    return checked.has_error() ? checked.error().message : std::string();
}

Value call(Vm& vm, const Function& function, const Json& options) {
    auto& state = call_state(vm);
    const auto full_name = "libvirt::" + std::string(function.name);
    if (!options.is_object()) rune::panic(full_name + ": needs an object of options");
    for (const auto& [key, value] : options.items()) {
        if (key != "uri" && std::ranges::find(function.options, key) == function.options.end()) {
            rune::panic(full_name + ": no option `" + key + "`");
        }
    }
    const auto uri = text_option(options, "uri");
    if (auto why = why_not(state, uri); !why.empty()) {
        return make_failure(vm, "refused", full_name + ": " + why);
    }
    if (++state.libvirt_calls > libvirt_calls_per_script_call_max) {
        return make_failure(vm, "failed",
                            "more than " + std::to_string(libvirt_calls_per_script_call_max) +
                                " calls of libvirt in one call");
    }
    auto job = function.plan(LibvirtOptions(options, state.interface_id));
    if (job.has_error()) return failure(vm, job.error(), function.effect);

    const auto left = std::max(state.time_left() - time_to_answer, std::chrono::milliseconds(1));
    const auto answer =
        state.world->libvirt.run(uri, std::move(*job), std::min(left, libvirt_call_timeout_max));
    const bool happened = answer.has_value();
    if (function.effect == CallEffect::changes &&
        (happened || answer.error().code == ErrorCode::outcome_unknown)) {
        state.may_have_acted = true;
    }
    if (!happened) return failure(vm, answer.error(), function.effect);
    return vm.make_ok(rune::from_json(vm, *answer));
}

}  // namespace

rune::Module libvirt_module() {
    rune::Module module("host::libvirt");
    for (const auto& function : functions) {
        module.function(std::string(function.name), [&function](Vm& vm, const Json& options) {
            return call(vm, function, options);
        });
    }
    return module;
}

}  // namespace rb::plugin
