#include "support/scripted_provider.hpp"

#include <algorithm>

namespace rb::test {
namespace {

using core::InstanceCommand;
using core::ProviderCapability;
using core::ProviderState;

Error refused() {
    return Error{ErrorCode::plugin_refused, "the provider says no"};
}
Error failed() {
    return Error{ErrorCode::plugin_failed, "the provider is down"};
}
Error unknown() {
    return Error{ErrorCode::outcome_unknown, "the provider's answer was lost"};
}

ProviderState state_after(InstanceCommand command, ProviderState before) {
    switch (command) {
        case InstanceCommand::start:
        case InstanceCommand::restart:
        case InstanceCommand::unsuspend:
            return ProviderState::running;
        case InstanceCommand::stop:
            return ProviderState::stopped;
        case InstanceCommand::suspend:
            return ProviderState::suspended;
        case InstanceCommand::terminate:
            return ProviderState::gone;
        default:
            return before;
    }
}

}  // namespace

ScriptedProvider::ScriptedProvider(std::string id)
    : id_(std::move(id)),
      capabilities_(
          {ProviderCapability::open, ProviderCapability::inspect, ProviderCapability::start,
           ProviderCapability::stop, ProviderCapability::restart, ProviderCapability::suspend,
           ProviderCapability::unsuspend, ProviderCapability::terminate, ProviderCapability::list,
           ProviderCapability::sections, ProviderCapability::actions, ProviderCapability::health}) {
}

void ScriptedProvider::script(const std::string& call, std::deque<Script> steps) {
    const std::lock_guard lock(mutex_);
    scripts_[call] = std::move(steps);
}

void ScriptedProvider::accept_next(int polls) {
    const std::lock_guard lock(mutex_);
    accepted_polls_ = polls;
}

void ScriptedProvider::set_state(const std::string& provider_instance_id, ProviderState state) {
    const std::lock_guard lock(mutex_);
    for (auto& [key, server] : servers_) {
        if (server.id == provider_instance_id) server.state = state;
    }
}

void ScriptedProvider::forget(const std::string& provider_instance_id) {
    const std::lock_guard lock(mutex_);
    std::erase_if(servers_,
                  [&](const auto& entry) { return entry.second.id == provider_instance_id; });
}

int ScriptedProvider::calls(const std::string& call) const {
    const std::lock_guard lock(mutex_);
    const auto found = calls_.find(call);
    return found == calls_.end() ? 0 : found->second;
}

int ScriptedProvider::existing() const {
    const std::lock_guard lock(mutex_);
    return static_cast<int>(servers_.size());
}

int ScriptedProvider::opened_with(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    const auto found = openings_.find(key);
    return found == openings_.end() ? 0 : found->second;
}

ProviderState ScriptedProvider::state_of(const std::string& provider_instance_id) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, server] : servers_) {
        if (server.id == provider_instance_id) return server.state;
    }
    return ProviderState::gone;
}

Script ScriptedProvider::next(const std::string& call) {
    ++calls_[call];
    auto& steps = scripts_[call];
    if (steps.empty()) return Script::work;
    const auto step = steps.front();
    steps.pop_front();
    return step;
}

core::InstanceView ScriptedProvider::view_of(const std::string& key, const Server& server) const {
    return {.provider_instance_id = server.id,
            .state = server.state,
            .ip_addresses = {"10.0.0.7"},
            .details = {{"node", "test"}},
            .opened_with_key = key};
}

std::map<std::string, ScriptedProvider::Server>::iterator ScriptedProvider::find(
    const core::InstanceRef& instance) {
    return std::ranges::find_if(servers_, [&](const auto& entry) {
        return instance.provider_instance_id.empty()
                   ? entry.first == instance.opened_with.text
                   : entry.second.id == instance.provider_instance_id;
    });
}

Result<core::OpenOutcome> ScriptedProvider::open(const core::OpenRequest& request) {
    const std::lock_guard lock(mutex_);
    const auto step = next("open");
    if (step == Script::refuse) return refused();
    if (step == Script::fail) return failed();
    if (step == Script::never_arrive) return unknown();
    auto found = servers_.find(request.key.text);
    if (found == servers_.end()) {
        ++openings_[request.key.text];
        found = servers_.emplace(request.key.text, Server{.id = "vm-" + std::to_string(++count_)})
                    .first;
    }
    if (step == Script::lose_answer) return unknown();
    if (accepted_polls_ > 0) {
        found->second.state = ProviderState::opening;
        const auto operation = "op-" + std::to_string(++count_);
        operations_[operation] = {.key = request.key.text,
                                  .state_after = ProviderState::running,
                                  .is_opening = true,
                                  .polls_left = std::exchange(accepted_polls_, 0)};
        return core::OpenOutcome(core::Accepted{.operation = operation});
    }
    return core::OpenOutcome(view_of(found->first, found->second));
}

Result<std::optional<core::InstanceView>> ScriptedProvider::probe(const core::IdempotencyKey& key) {
    const std::lock_guard lock(mutex_);
    if (next("probe") != Script::work) return failed();
    const auto found = servers_.find(key.text);
    if (found == servers_.end()) return std::optional<core::InstanceView>();
    return std::optional(view_of(found->first, found->second));
}

Result<core::InstanceView> ScriptedProvider::inspect(const core::InstanceRef& instance) {
    const std::lock_guard lock(mutex_);
    if (next("inspect") != Script::work) return failed();
    const auto found = find(instance);
    if (found == servers_.end()) {
        return core::InstanceView{.provider_instance_id = instance.provider_instance_id,
                                  .state = ProviderState::gone,
                                  .ip_addresses = {},
                                  .details = {},
                                  .opened_with_key = {}};
    }
    return view_of(found->first, found->second);
}

Result<core::CommandOutcome> ScriptedProvider::perform(const core::CommandRequest& request) {
    const std::lock_guard lock(mutex_);
    const auto step = next("perform");
    if (step == Script::refuse) return refused();
    if (step == Script::fail) return failed();
    if (step == Script::never_arrive) return unknown();
    const auto found = find(request.instance);
    if (found == servers_.end()) {
        if (request.command == InstanceCommand::terminate) {
            return core::CommandOutcome(core::Done{});
        }
        return refused();
    }
    const auto after = state_after(request.command, found->second.state);
    if (accepted_polls_ > 0) {
        const auto operation = "op-" + std::to_string(++count_);
        operations_[operation] = {.key = found->first,
                                  .state_after = after,
                                  .is_opening = false,
                                  .polls_left = std::exchange(accepted_polls_, 0)};
        return core::CommandOutcome(core::Accepted{.operation = operation});
    }
    if (after == ProviderState::gone) {
        servers_.erase(found);
    } else {
        found->second.state = after;
    }
    if (step == Script::lose_answer) return unknown();
    return core::CommandOutcome(core::Done{});
}

Result<std::variant<core::InstanceView, core::Done, core::Accepted>> ScriptedProvider::poll(
    const core::InstanceRef&, const std::string& operation) {
    using Answer = std::variant<core::InstanceView, core::Done, core::Accepted>;
    const std::lock_guard lock(mutex_);
    if (next("poll") != Script::work) return failed();
    const auto found = operations_.find(operation);
    if (found == operations_.end()) return refused();
    auto& pending = found->second;
    if (--pending.polls_left > 0) return Answer(core::Accepted{.operation = operation});
    const auto server = servers_.find(pending.key);
    const bool is_opening = pending.is_opening;
    const auto after = pending.state_after;
    operations_.erase(found);
    if (server == servers_.end()) return refused();
    if (after == ProviderState::gone) {
        servers_.erase(server);
        return Answer(core::Done{});
    }
    server->second.state = after;
    if (is_opening) return Answer(view_of(server->first, server->second));
    return Answer(core::Done{});
}

Result<core::InstanceDescription> ScriptedProvider::describe(const core::InstanceRef& instance) {
    const std::lock_guard lock(mutex_);
    if (next("describe") != Script::work) return failed();
    return core::InstanceDescription{
        .sections = {{.title = "Server",
                      .fields = {{.key = "id",
                                  .value = instance.provider_instance_id,
                                  .value_type = "text"}},
                      .content_html = {}}},
        .actions = {
            {.id = "beep", .label = "Beep", .style = {}, .confirmation = {}, .enabled = true}}};
}

Result<std::string> ScriptedProvider::run_action(const core::InstanceRef&,
                                                 const std::string& action,
                                                 const core::StringMap&) {
    const std::lock_guard lock(mutex_);
    if (next("run_action") != Script::work) return failed();
    return action + " done";
}

Result<core::ConsoleAccess> ScriptedProvider::console(const core::InstanceRef&) {
    return Error{ErrorCode::unsupported, "no console"};
}

Result<core::StringMap> ScriptedProvider::metrics(const core::InstanceRef&) {
    return Error{ErrorCode::unsupported, "no metrics"};
}

Result<core::InstancePage> ScriptedProvider::list(const std::string&) {
    const std::lock_guard lock(mutex_);
    core::InstancePage page;
    for (const auto& [key, server] : servers_) page.instances.push_back(view_of(key, server));
    return page;
}

Result<std::vector<core::CatalogueItem>> ScriptedProvider::catalogue() {
    return Error{ErrorCode::unsupported, "no catalogue"};
}

}  // namespace rb::test
