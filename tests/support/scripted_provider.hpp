// A provider of the outside world's twin: keeps its servers in memory, and does on request what
// real providers do on bad days: refuse, be unreachable, do the work and lose the answer, take the
// work and finish it later, lose a server.
//
// Thread-safe, so that several workers may be let loose on it. Counts what it made per key, which
// is how a test proves that nothing was opened twice.

#pragma once

#include "core/plugin/provider.hpp"

#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace rb::test {

enum class BadDay {
    refuse,       // a definite no
    unreachable,  // nothing happened
    lose_answer,  // it happened, and nobody hears of it
    accept,       // it will have happened after one poll
    fail_later,   // taken on, and it will have failed when it is asked about
    stall,        // there is a server in the making, for ever
};

class ScriptedProvider final : public core::Provider {
public:
    explicit ScriptedProvider(std::string id = "scripted");

    // The next call of that kind has such a day; further ones queue up behind it.
    void on_open(BadDay day);
    void on_command(core::InstanceCommand command, BadDay day);
    // An action can be refused or lose its answer.
    void on_action(BadDay day);
    // All calls fail as unreachable until told otherwise.
    void set_reachable(bool reachable);
    void remove_capability(core::ProviderCapability capability);
    void set_spec_template(std::vector<core::SpecField> fields);
    void set_catalogue(std::vector<core::CatalogueItem> items);
    // What stalls turns out to have failed, and its server is broken.
    void fail_stalled();
    // Somebody changes or deletes it behind our back.
    void set_state(const std::string& provider_instance_id, core::ProviderState state);

    [[nodiscard]] std::size_t server_count() const;
    [[nodiscard]] int opened_count(const std::string& key) const;
    [[nodiscard]] core::ProviderState state_of(const std::string& provider_instance_id) const;
    [[nodiscard]] int commands_seen(core::InstanceCommand command) const;

    [[nodiscard]] const std::string& id() const override { return id_; }
    [[nodiscard]] const std::string& name() const override { return id_; }
    [[nodiscard]] const std::string& type() const override { return type_; }
    [[nodiscard]] const std::set<core::ProviderCapability>& capabilities() const override {
        return capabilities_;
    }
    [[nodiscard]] bool is_sandbox() const override { return true; }

    Result<std::vector<core::SpecField>> spec_template() override;
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
    Result<core::Health> health() override;

private:
    struct Server {
        std::string id;
        std::string key;
        core::ProviderState state = core::ProviderState::running;
        std::string address;
    };
    core::InstanceView view_of(const Server& server) const;
    Server& make(const std::string& key);
    Server* find(const core::InstanceRef& instance);
    void carry_out(Server& server, core::InstanceCommand command);

    const std::string id_;
    const std::string type_ = "FirstPartyProvider";
    std::set<core::ProviderCapability> capabilities_;

    mutable std::mutex mutex_;
    // State below is protected by mutex_.
    bool reachable_ = true;
    std::vector<core::SpecField> template_;
    std::vector<core::CatalogueItem> catalogue_;
    bool stalled_failed_ = false;
    std::map<std::string, Server> servers_;  // by key
    std::map<std::string, int> opened_;      // by key, never forgotten
    std::deque<BadDay> open_days_;
    std::deque<BadDay> action_days_;
    std::map<core::InstanceCommand, std::deque<BadDay>> command_days_;
    std::map<core::InstanceCommand, int> commands_;
    struct Operation {
        std::string key;
        std::optional<core::InstanceCommand> command;
    };
    std::map<std::string, Operation> operations_;
};

}  // namespace rb::test
