#include "plugin/script_capabilities.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace rb::plugin {

namespace {

using core::GatewayCapability;
using core::InstanceCommand;
using core::PluginType;
using core::ProviderCapability;

struct ProviderWord {
    ProviderCapability capability;
    std::string_view word;
    std::string_view function;
};

// Commands share one function; actions are described and run by two.
constexpr std::array<ProviderWord, 22> provider_words{{
    {ProviderCapability::open, "open", "open"},
    {ProviderCapability::inspect, "inspect", "inspect"},
    {ProviderCapability::start, "start", "perform"},
    {ProviderCapability::stop, "stop", "perform"},
    {ProviderCapability::restart, "restart", "perform"},
    {ProviderCapability::suspend, "suspend", "perform"},
    {ProviderCapability::unsuspend, "unsuspend", "perform"},
    {ProviderCapability::resize, "resize", "perform"},
    {ProviderCapability::reinstall, "reinstall", "perform"},
    {ProviderCapability::reset_password, "reset_password", "perform"},
    {ProviderCapability::rename, "rename", "perform"},
    {ProviderCapability::take_snapshot, "take_snapshot", "perform"},
    {ProviderCapability::restore_snapshot, "restore_snapshot", "perform"},
    {ProviderCapability::list_snapshots, "list_snapshots", "describe"},
    {ProviderCapability::console, "console", "console"},
    {ProviderCapability::metrics, "metrics", "metrics"},
    {ProviderCapability::terminate, "terminate", "perform"},
    {ProviderCapability::list, "list", "list"},
    {ProviderCapability::sections, "sections", "describe"},
    {ProviderCapability::actions, "actions", "run_action"},
    {ProviderCapability::catalogue, "catalogue", "catalogue"},
    {ProviderCapability::health, "health", "health"},
}};

struct GatewayWord {
    GatewayCapability capability;
    std::string_view word;
    std::string_view function;
};

// What needs no function is a promise about how the gateway is used.
constexpr std::array<GatewayWord, 6> gateway_words{{
    {GatewayCapability::create_payment, "create_payment", "create_payment"},
    {GatewayCapability::callback, "callback", "read_callback"},
    {GatewayCapability::query, "query", "query"},
    {GatewayCapability::refund, "refund", "refund"},
    {GatewayCapability::manual_confirmation, "manual_confirmation", ""},
    {GatewayCapability::health, "health", "health"},
}};

constexpr std::array<std::pair<InstanceCommand, ProviderCapability>, 12> commands{{
    {InstanceCommand::start, ProviderCapability::start},
    {InstanceCommand::stop, ProviderCapability::stop},
    {InstanceCommand::restart, ProviderCapability::restart},
    {InstanceCommand::suspend, ProviderCapability::suspend},
    {InstanceCommand::unsuspend, ProviderCapability::unsuspend},
    {InstanceCommand::resize, ProviderCapability::resize},
    {InstanceCommand::reinstall, ProviderCapability::reinstall},
    {InstanceCommand::reset_password, ProviderCapability::reset_password},
    {InstanceCommand::rename, ProviderCapability::rename},
    {InstanceCommand::take_snapshot, ProviderCapability::take_snapshot},
    {InstanceCommand::restore_snapshot, ProviderCapability::restore_snapshot},
    {InstanceCommand::terminate, ProviderCapability::terminate},
}};

// A notifier sends by its nature; what it declares is its channel.
constexpr std::array<std::string_view, 3> notifier_words{"email", "webhook", "health"};

void add(std::vector<std::string>& functions, std::string_view name) {
    if (!name.empty() && std::ranges::find(functions, name) == functions.end()) {
        functions.emplace_back(name);
    }
}

bool is_provider(PluginType type) {
    return type == PluginType::upstream_provider || type == PluginType::first_party_provider;
}

}  // namespace

bool is_capability_of(PluginType type, std::string_view word) {
    if (type == PluginType::notifier) {
        return std::ranges::find(notifier_words, word) != notifier_words.end();
    }
    if (type == PluginType::gateway) return gateway_capability(word).has_value();
    return provider_capability(word).has_value();
}

std::optional<ProviderCapability> provider_capability(std::string_view word) {
    for (const auto& entry : provider_words) {
        if (entry.word == word) return entry.capability;
    }
    return std::nullopt;
}

std::optional<GatewayCapability> gateway_capability(std::string_view word) {
    for (const auto& entry : gateway_words) {
        if (entry.word == word) return entry.capability;
    }
    return std::nullopt;
}

std::string_view word_of(ProviderCapability capability) {
    for (const auto& entry : provider_words) {
        if (entry.capability == capability) return entry.word;
    }
    return {};
}

std::string_view word_of(GatewayCapability capability) {
    for (const auto& entry : gateway_words) {
        if (entry.capability == capability) return entry.word;
    }
    return {};
}

std::string_view word_of(InstanceCommand command) {
    return word_of(capability_of(command));
}

ProviderCapability capability_of(InstanceCommand command) {
    for (const auto& [known, capability] : commands) {
        if (known == command) return capability;
    }
    ASSERT(false);
    return ProviderCapability::start;
}

std::vector<std::string> needed_functions(PluginType type,
                                          const std::vector<std::string>& capabilities) {
    std::vector<std::string> functions;
    if (type == PluginType::notifier) add(functions, "send");
    for (const auto& word : capabilities) {
        if (type == PluginType::notifier && word == "health") add(functions, "health");
        for (const auto& entry : gateway_words) {
            if (type == PluginType::gateway && entry.word == word) add(functions, entry.function);
        }
        for (const auto& entry : provider_words) {
            if (is_provider(type) && entry.word == word) add(functions, entry.function);
        }
        if (is_provider(type) && word == "open") {
            add(functions, "probe");
            add(functions, "spec_template");
        }
        if (is_provider(type) && word == "actions") add(functions, "describe");
    }
    return functions;
}

}  // namespace rb::plugin
