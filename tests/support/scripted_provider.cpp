#include "support/scripted_provider.hpp"

#include <algorithm>

namespace rb::test {

using namespace core;

namespace {

Error provider_refused() {
    return {ErrorCode::plugin_refused, "the provider says no: insufficient balance ¥3"};
}
Error unreachable() {
    return {ErrorCode::plugin_failed, "the provider is unreachable"};
}
Error lost() {
    return {ErrorCode::outcome_unknown, "the answer was lost"};
}

std::optional<BadDay> take(std::deque<BadDay>& days) {
    if (days.empty()) return std::nullopt;
    const auto day = days.front();
    days.pop_front();
    return day;
}

}  // namespace

ScriptedProvider::ScriptedProvider(std::string id) : id_(std::move(id)) {
    using C = ProviderCapability;
    capabilities_ = {C::open,      C::inspect,   C::start, C::stop,     C::restart, C::suspend,
                     C::unsuspend, C::terminate, C::list,  C::sections, C::actions, C::health};
}

void ScriptedProvider::on_open(BadDay day) {
    const std::scoped_lock lock(mutex_);
    open_days_.push_back(day);
}

void ScriptedProvider::on_action(BadDay day) {
    const std::scoped_lock lock(mutex_);
    action_days_.push_back(day);
}

void ScriptedProvider::on_command(InstanceCommand command, BadDay day) {
    const std::scoped_lock lock(mutex_);
    command_days_[command].push_back(day);
}

void ScriptedProvider::set_reachable(bool reachable) {
    const std::scoped_lock lock(mutex_);
    reachable_ = reachable;
}

void ScriptedProvider::remove_capability(ProviderCapability capability) {
    capabilities_.erase(capability);
}

void ScriptedProvider::set_spec_template(std::vector<SpecField> fields) {
    const std::scoped_lock lock(mutex_);
    template_ = std::move(fields);
}

void ScriptedProvider::set_catalogue(std::vector<CatalogueItem> items) {
    const std::scoped_lock lock(mutex_);
    catalogue_ = std::move(items);
}

void ScriptedProvider::fail_stalled() {
    const std::scoped_lock lock(mutex_);
    stalled_failed_ = true;
    for (auto& [key, server] : servers_) server.state = ProviderState::failed;
}

void ScriptedProvider::set_state(const std::string& provider_instance_id, ProviderState state) {
    const std::scoped_lock lock(mutex_);
    for (auto server = servers_.begin(); server != servers_.end(); ++server) {
        if (server->second.id != provider_instance_id) continue;
        if (state == ProviderState::gone) {
            servers_.erase(server);
        } else {
            server->second.state = state;
        }
        return;
    }
}

std::size_t ScriptedProvider::server_count() const {
    const std::scoped_lock lock(mutex_);
    return servers_.size();
}

int ScriptedProvider::opened_count(const std::string& key) const {
    const std::scoped_lock lock(mutex_);
    const auto found = opened_.find(key);
    return found == opened_.end() ? 0 : found->second;
}

ProviderState ScriptedProvider::state_of(const std::string& provider_instance_id) const {
    const std::scoped_lock lock(mutex_);
    for (const auto& [key, server] : servers_) {
        if (server.id == provider_instance_id) return server.state;
    }
    return ProviderState::gone;
}

int ScriptedProvider::commands_seen(InstanceCommand command) const {
    const std::scoped_lock lock(mutex_);
    const auto found = commands_.find(command);
    return found == commands_.end() ? 0 : found->second;
}

InstanceView ScriptedProvider::view_of(const Server& server) const {
    return {.provider_instance_id = server.id,
            .state = server.state,
            .ip_addresses = {server.address},
            .details = {{"node", "twin"}},
            .opened_with_key = server.key};
}

ScriptedProvider::Server& ScriptedProvider::make(const std::string& key) {
    ++opened_[key];
    const auto number = std::to_string(opened_.size());
    return servers_[key] = {.id = id_ + "-" + number, .key = key, .address = "192.0.2." + number};
}

ScriptedProvider::Server* ScriptedProvider::find(const InstanceRef& instance) {
    for (auto& [key, server] : servers_) {
        if (server.id == instance.provider_instance_id) return &server;
    }
    return nullptr;
}

Result<std::vector<SpecField>> ScriptedProvider::spec_template() {
    const std::scoped_lock lock(mutex_);
    if (!reachable_) return unreachable();
    return template_;
}

Result<OpenOutcome> ScriptedProvider::open(const OpenRequest& request) {
    const std::scoped_lock lock(mutex_);
    if (!reachable_) return unreachable();
    const auto day = take(open_days_);
    if (day == BadDay::refuse) return provider_refused();
    if (day == BadDay::unreachable) return unreachable();
    if (day == BadDay::accept) {
        const auto operation = "open-" + request.key.text;
        operations_[operation] = {request.key.text, std::nullopt};
        return OpenOutcome(Accepted{operation});
    }
    if (day == BadDay::stall) {
        make(request.key.text).state = ProviderState::opening;
        operations_["stalled"] = {request.key.text, std::nullopt};
        return OpenOutcome(Accepted{"stalled"});
    }
    // Deliberately not idempotent: a caller that opens twice is caught by opened_count().
    auto& server = make(request.key.text);
    if (day == BadDay::lose_answer) return lost();
    return OpenOutcome(view_of(server));
}

Result<std::optional<InstanceView>> ScriptedProvider::probe(const IdempotencyKey& key) {
    const std::scoped_lock lock(mutex_);
    if (!reachable_) return unreachable();
    const auto found = servers_.find(key.text);
    if (found == servers_.end()) return std::optional<InstanceView>();
    return std::optional(view_of(found->second));
}

Result<InstanceView> ScriptedProvider::inspect(const InstanceRef& instance) {
    const std::scoped_lock lock(mutex_);
    if (!reachable_) return unreachable();
    if (const auto* server = find(instance)) return view_of(*server);
    return InstanceView{.provider_instance_id = instance.provider_instance_id,
                        .state = ProviderState::gone,
                        .ip_addresses = {},
                        .details = {},
                        .opened_with_key = {}};
}

void ScriptedProvider::carry_out(Server& server, InstanceCommand command) {
    switch (command) {
        case InstanceCommand::start:
        case InstanceCommand::restart:
        case InstanceCommand::unsuspend:
            server.state = ProviderState::running;
            break;
        case InstanceCommand::stop:
            server.state = ProviderState::stopped;
            break;
        case InstanceCommand::suspend:
            server.state = ProviderState::suspended;
            break;
        case InstanceCommand::terminate:
            servers_.erase(std::string(server.key));
            break;
        default:
            break;
    }
}

Result<CommandOutcome> ScriptedProvider::perform(const CommandRequest& request) {
    const std::scoped_lock lock(mutex_);
    if (!reachable_) return unreachable();
    const auto day = take(command_days_[request.command]);
    if (day == BadDay::refuse) return provider_refused();
    if (day == BadDay::unreachable) return unreachable();
    ++commands_[request.command];
    auto* server = find(request.instance);
    if (!server) return CommandOutcome(Done{});
    if (day == BadDay::accept) {
        operations_[request.key.text] = {server->key, request.command};
        return CommandOutcome(Accepted{request.key.text});
    }
    // The twin refuses to know an operation that it does not remember.
    if (day == BadDay::fail_later) return CommandOutcome(Accepted{request.key.text});
    carry_out(*server, request.command);
    if (day == BadDay::lose_answer) return lost();
    return CommandOutcome(Done{});
}

Result<std::variant<InstanceView, Done, Accepted>> ScriptedProvider::poll(
    const InstanceRef&, const std::string& operation) {
    using Answer = std::variant<InstanceView, Done, Accepted>;
    const std::scoped_lock lock(mutex_);
    if (!reachable_) return unreachable();
    const auto found = operations_.find(operation);
    if (found == operations_.end()) return provider_refused();
    if (operation == "stalled") {
        if (stalled_failed_) return provider_refused();
        return Answer(Accepted{operation});
    }
    const auto work = found->second;
    operations_.erase(found);
    if (!work.command) return Answer(view_of(make(work.key)));
    if (const auto server = servers_.find(work.key); server != servers_.end()) {
        carry_out(server->second, *work.command);
    }
    return Answer(Done{});
}

Result<InstanceDescription> ScriptedProvider::describe(const InstanceRef& instance) {
    const std::scoped_lock lock(mutex_);
    if (!reachable_) return unreachable();
    InstanceDescription description;
    description.sections.push_back({.title = "Twin",
                                    .fields = {{"id", instance.provider_instance_id, "text"}},
                                    .content_html = {}});
    description.actions.push_back(
        {.id = "ping", .label = "Ping", .style = {}, .confirmation = {}, .enabled = true});
    return description;
}

Result<std::string> ScriptedProvider::run_action(const InstanceRef&, const std::string& action,
                                                 const StringMap&) {
    const std::scoped_lock lock(mutex_);
    const auto day = take(action_days_);
    if (day == BadDay::refuse) return provider_refused();
    if (day == BadDay::lose_answer) return lost();
    return action + " done";
}

Result<ConsoleAccess> ScriptedProvider::console(const InstanceRef&) {
    return Error{ErrorCode::unsupported, "the twin has no console"};
}

Result<StringMap> ScriptedProvider::metrics(const InstanceRef&) {
    return Error{ErrorCode::unsupported, "the twin has no metrics"};
}

Result<InstancePage> ScriptedProvider::list(const std::string&) {
    const std::scoped_lock lock(mutex_);
    if (!reachable_) return unreachable();
    InstancePage page;
    for (const auto& [key, server] : servers_) page.instances.push_back(view_of(server));
    return page;
}

Result<std::vector<CatalogueItem>> ScriptedProvider::catalogue() {
    const std::scoped_lock lock(mutex_);
    if (!reachable_) return Error{ErrorCode::plugin_failed, "the twin is unreachable"};
    return catalogue_;
}

Result<Health> ScriptedProvider::health() {
    const std::scoped_lock lock(mutex_);
    return Health{reachable_, reachable_ ? "" : "unreachable"};
}

}  // namespace rb::test
