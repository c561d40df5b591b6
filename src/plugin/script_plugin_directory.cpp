#include "plugin/script_plugin_directory.hpp"

#include "plugin/config_schema.hpp"
#include "plugin/config_secrets.hpp"
#include "plugin/script_gateway.hpp"
#include "plugin/script_notifier.hpp"
#include "plugin/script_provider.hpp"

#include <algorithm>
#include <type_traits>

namespace rb::plugin {

using core::Gateway;
using core::Health;
using core::InterfaceVersion;
using core::Notifier;
using core::Notifiers;
using core::PluginInterface;
using core::PluginType;
using core::Provider;

namespace {

constexpr std::string_view directory_log_target = "rustbill_server::plugin";

Error failed(const PluginInterface& row, const std::string& why) {
    return {ErrorCode::plugin_failed, "plugin interface " + row.id + ": " + why};
}

Error no_such(std::string_view kind, std::string_view id) {
    return {ErrorCode::not_found,
            "there is no enabled " + std::string(kind) + " " + std::string(id)};
}

}  // namespace

// One version of one interface: exactly one of the three ports is set.
struct ScriptPluginDirectory::Entry {
    std::string fingerprint;
    std::shared_ptr<Provider> provider;
    std::shared_ptr<Gateway> gateway;
    std::shared_ptr<Notifier> notifier;
    // The provider again.
    std::shared_ptr<ScriptProvider> script_provider;

    Result<Health> health() const {
        if (provider) return provider->health();
        if (gateway) return gateway->health();
        return notifier->health();
    }
};

ScriptPluginDirectory::ScriptPluginDirectory(ScriptEngine& engine,
                                             core::PluginInterfaceStore& interfaces,
                                             const SecretBox& secrets, core::Clock& clock,
                                             core::Log& log)
    : engine_(engine), interfaces_(interfaces), secrets_(secrets), clock_(clock), log_(log) {}

ScriptPluginDirectory::~ScriptPluginDirectory() = default;

Result<std::shared_ptr<ScriptPluginDirectory::Entry>> ScriptPluginDirectory::build(
    const PluginInterface& row, const std::string& fingerprint) {
    auto script = engine_.load(row.id, fingerprint, row.plugin_id + ".rn", row.script_source);
    if (script.has_error()) return failed(row, script.error().message);
    const auto& manifest = manifest_of(**script);
    if (manifest.type != row.type) {
        return failed(row, "its script is a " + std::string(name_of(manifest.type)));
    }
    const auto stored = Json::parse(row.config, nullptr, false);
    if (!stored.is_object()) return failed(row, "config is not a JSON object");
    auto opened = open_secrets(manifest.config_schema, stored, secrets_, row.id);
    if (opened.has_error()) return failed(row, "config: " + opened.error().message);
    auto config = apply_schema(manifest.config_schema, *opened);
    if (config.has_error()) return failed(row, "config." + config.error().message);

    PortOptions options{.engine = &engine_,
                        .script = std::move(*script),
                        .interface_id = row.id,
                        .interface_name = row.name,
                        .config = std::move(*config)};
    auto entry = std::make_shared<Entry>();
    entry->fingerprint = fingerprint;
    if (row.type == PluginType::gateway) {
        entry->gateway = std::make_shared<ScriptGateway>(std::move(options));
    } else if (row.type == PluginType::notifier) {
        entry->notifier = std::make_shared<ScriptNotifier>(std::move(options));
    } else {
        entry->script_provider = std::make_shared<ScriptProvider>(std::move(options));
        entry->provider = entry->script_provider;
    }
    return entry;
}

Result<std::shared_ptr<ScriptPluginDirectory::Entry>> ScriptPluginDirectory::entry_for(
    const InterfaceVersion& version) {
    {
        const std::lock_guard lock(mutex_);
        const auto found = entries_.find(version.id);
        if (found != entries_.end() && found->second->fingerprint == version.fingerprint) {
            return found->second;
        }
    }
    const auto row = TRY(interfaces_.find_interface(version.id));
    if (!row) return Error{ErrorCode::not_found, "there is no plugin interface " + version.id};
    // The row may be newer than the version that was asked for; then the next call builds it anew.
    auto entry = TRY(build(*row, version.fingerprint));
    const std::lock_guard lock(mutex_);
    entries_.insert_or_assign(version.id, entry);
    if (!health_.contains(version.id)) health_.emplace(version.id, row->is_healthy);
    return entry;
}

template <typename Port>
Result<std::shared_ptr<Port>> ScriptPluginDirectory::find_version(
    const InterfaceVersion& version, std::string_view kind, std::shared_ptr<Port> Entry::*port) {
    if (!version.enabled) return no_such(kind, version.id);
    auto entry = TRY(entry_for(version));
    if ((*entry).*port == nullptr) return no_such(kind, version.id);
    return (*entry).*port;
}

template <typename Port>
Result<std::shared_ptr<Port>> ScriptPluginDirectory::find(std::string_view id,
                                                          std::string_view kind,
                                                          std::shared_ptr<Port> Entry::*port) {
    const auto version = TRY(interfaces_.version_of(id));
    if (!version) return no_such(kind, id);
    return find_version(*version, kind, port);
}

template <typename Port>
std::optional<Error> ScriptPluginDirectory::add_all(std::shared_ptr<Port> Entry::*port,
                                                    std::vector<std::shared_ptr<Port>>& ports) {
    const auto versions = interfaces_.versions();
    if (versions.has_error()) {
        log_.warn(directory_log_target, "plugin interfaces cannot be read",
                  {{"error", versions.error().message}});
        return versions.error();
    }
    std::optional<Error> failure;
    for (const auto& version : *versions) {
        if (!version.enabled) continue;
        const auto entry = entry_for(version);
        if (entry.has_error()) {
            log_.warn(directory_log_target, "plugin interface cannot be used",
                      {{"interface", version.id}, {"error", entry.error().message}});
            const bool is_notifier = version.type == PluginType::notifier;
            if (is_notifier && std::is_same_v<Port, Notifier>) failure = entry.error();
        } else if ((**entry).*port != nullptr) {
            ports.push_back((**entry).*port);
        }
    }
    return failure;
}

template <typename Port>
std::vector<std::shared_ptr<Port>> ScriptPluginDirectory::all(std::shared_ptr<Port> Entry::*port) {
    std::vector<std::shared_ptr<Port>> ports;
    (void)add_all(port, ports);
    return ports;
}

Result<std::shared_ptr<Provider>> ScriptPluginDirectory::find_provider(std::string_view id) {
    return find(id, "provider", &Entry::provider);
}

Result<std::shared_ptr<Provider>> ScriptPluginDirectory::find_provider(
    const InterfaceVersion& version) {
    return find_version(version, "provider", &Entry::provider);
}

Result<std::shared_ptr<Gateway>> ScriptPluginDirectory::find_gateway(std::string_view id) {
    return find(id, "gateway", &Entry::gateway);
}

Result<core::CallbackGateway> ScriptPluginDirectory::find_gateway_for_callback(
    std::string_view id) {
    const auto version = TRY(interfaces_.version_of(id));
    // The stored type first: a script of another kind that does not compile is no gateway either.
    if (!version || version->type != PluginType::gateway) return no_such("gateway", id);
    const auto entry = TRY(entry_for(*version));
    if (entry->gateway == nullptr) return no_such("gateway", id);
    return core::CallbackGateway{.gateway = entry->gateway, .is_enabled = version->enabled};
}

std::vector<std::shared_ptr<Provider>> ScriptPluginDirectory::providers() {
    return all(&Entry::provider);
}

std::vector<std::shared_ptr<Gateway>> ScriptPluginDirectory::gateways() {
    return all(&Entry::gateway);
}

Notifiers ScriptPluginDirectory::notifiers() {
    Notifiers found;
    found.failure = add_all(&Entry::notifier, found.usable);
    return found;
}

bool ScriptPluginDirectory::may_notify() const {
    return may_notify_.load(std::memory_order_relaxed);
}

void ScriptPluginDirectory::remember_notifiers(const std::vector<InterfaceVersion>& versions) {
    may_notify_ = std::ranges::any_of(versions, [](const InterfaceVersion& version) {
        return version.enabled && version.type == PluginType::notifier;
    });
}

bool ScriptPluginDirectory::is_healthy(std::string_view id) {
    {
        const std::lock_guard lock(mutex_);
        const auto found = health_.find(id);
        if (found != health_.end()) return found->second;
    }
    const auto row = interfaces_.find_interface(id);
    return row.has_value() && *row && (*row)->is_healthy;
}

Result<> ScriptPluginDirectory::refresh() {
    const auto versions = TRY(interfaces_.versions());
    remember_notifiers(versions);
    std::vector<std::string> outdated;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [id, entry] : entries_) {
            const auto now = std::ranges::find(versions, id, &InterfaceVersion::id);
            if (now == versions.end() || now->fingerprint != entry->fingerprint) {
                outdated.push_back(id);
            }
        }
        for (const auto& id : outdated) entries_.erase(id);
    }
    for (const auto& id : outdated) engine_.evict(id);
    return {};
}

Result<Health> ScriptPluginDirectory::check_health(std::string_view id) {
    const auto version = TRY(interfaces_.version_of(id));
    if (!version) {
        return Error{ErrorCode::not_found, "there is no plugin interface " + std::string(id)};
    }
    const auto entry = entry_for(*version);
    const auto answer = entry.has_error() ? Result<Health>(entry.error()) : (*entry)->health();
    const auto health = answer.has_error()
                            ? Health{.is_healthy = false, .message = answer.error().message}
                            : *answer;
    {
        const std::lock_guard lock(mutex_);
        auto& known = health_[version->id];
        if (known != health.is_healthy) {
            log_.info(directory_log_target, "plugin health changed",
                      {{"interface", version->id},
                       {"healthy", health.is_healthy},
                       {"message", health.message}});
        }
        known = health.is_healthy;
    }
    if (health.is_healthy && (*entry)->script_provider) learn_template(id, **entry);
    TRY(interfaces_.save_health(id, health.is_healthy, health.message, clock_.now()));
    return health;
}

// Here and not at a checkout, which must not wait for a provider.
void ScriptPluginDirectory::learn_template(std::string_view id, const Entry& entry) {
    const auto learned = entry.script_provider->refresh_spec_template();
    if (!learned.has_error()) return;
    log_.warn(directory_log_target, "a provider's spec template could not be read",
              {{"interface", id}, {"error", learned.error().message}});
}

std::size_t ScriptPluginDirectory::check_all() {
    const auto versions = interfaces_.versions();
    if (versions.has_error()) return 0;
    remember_notifiers(*versions);
    std::size_t asked = 0;
    for (const auto& version : *versions) {
        if (version.enabled && check_health(version.id).has_value()) ++asked;
    }
    return asked;
}

}  // namespace rb::plugin
