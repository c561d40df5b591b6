// A provider in memory that does as it is told. It keeps its servers by the key they were opened
// with, so that a test can count what exists there: none twice, none forgotten. Thread-safe.

#pragma once

#include "core/plugin/provider.hpp"

#include "support/scripted_gateway.hpp"

#include <deque>
#include <map>
#include <mutex>
#include <string>

namespace rb::test {

class ScriptedProvider final : public core::Provider {
public:
    explicit ScriptedProvider(std::string id = "provider-test");

    // For the next calls of that name ("open", "perform", "inspect", "probe"), in order.
    void script(const std::string& call, std::deque<Script> steps);
    // The next opening (or command) is accepted and done after so many polls.
    void accept_next(int polls);
    void set_template(std::vector<core::SpecField> fields) { template_ = std::move(fields); }
    // Somebody changes a server behind our back.
    void set_state(const std::string& provider_instance_id, core::ProviderState state);
    void forget(const std::string& provider_instance_id);

    [[nodiscard]] int calls(const std::string& call) const;
    // Servers that exist: opened and not terminated.
    [[nodiscard]] int existing() const;
    [[nodiscard]] int opened_with(const std::string& key) const;
    [[nodiscard]] core::ProviderState state_of(const std::string& provider_instance_id) const;

    [[nodiscard]] const std::string& id() const override { return id_; }
    [[nodiscard]] const std::string& name() const override { return id_; }
    [[nodiscard]] const std::string& type() const override { return type_; }
    [[nodiscard]] const std::set<core::ProviderCapability>& capabilities() const override {
        return capabilities_;
    }
    [[nodiscard]] bool is_sandbox() const override { return true; }
    Result<std::vector<core::SpecField>> spec_template() override { return template_; }
    Result<core::OpenOutcome> open(const core::OpenRequest& request) override;
    Result<std::optional<core::InstanceView>> probe(const core::IdempotencyKey& key) override;
    Result<core::InstanceView> inspect(const core::InstanceRef& instance) override;
    Result<core::CommandOutcome> perform(const core::CommandRequest& request) override;
    Result<std::variant<core::InstanceView, core::Done, core::Accepted>> poll(
        const core::InstanceRef& instance, const std::string& operation) override;
    Result<core::InstanceDescription> describe(const core::InstanceRef& instance) override;
    Result<std::string> run_action(const core::InstanceRef& instance, const std::string& action,
                                   const core::StringMap& arguments) override;
    Result<core::ConsoleAccess> console(const core::InstanceRef& instance) override;
    Result<core::StringMap> metrics(const core::InstanceRef& instance) override;
    Result<core::InstancePage> list(const std::string& cursor) override;
    Result<std::vector<core::CatalogueItem>> catalogue() override;
    Result<core::Health> health() override {
        return core::Health{.is_healthy = true, .message = {}};
    }

private:
    struct Server {
        std::string id;
        core::ProviderState state = core::ProviderState::running;
    };
    struct Operation {
        std::string key;  // of the server
        core::ProviderState state_after;
        bool is_opening = false;
        int polls_left = 0;
    };
    Script next(const std::string& call);
    core::InstanceView view_of(const std::string& key, const Server& server) const;
    std::map<std::string, Server>::iterator find(const core::InstanceRef& instance);

    const std::string id_;
    const std::string type_ = "FirstPartyProvider";
    std::set<core::ProviderCapability> capabilities_;
    std::vector<core::SpecField> template_;
    mutable std::mutex mutex_;
    std::map<std::string, std::deque<Script>> scripts_;
    std::map<std::string, int> calls_;
    std::map<std::string, Server> servers_;  // by the key they were opened with
    std::map<std::string, int> openings_;
    std::map<std::string, Operation> operations_;
    int accepted_polls_ = 0;
    int count_ = 0;
};

}  // namespace rb::test
