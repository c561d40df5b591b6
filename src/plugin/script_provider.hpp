// Provider over a script: inputs become objects, answers are read strictly. docs/plugin-guide.md
// describes each function for authors; the port's own header says what callers may rely on.

#pragma once

#include "core/plugin/provider.hpp"

#include "plugin/script_port.hpp"

#include <mutex>

namespace rb::plugin {

class ScriptProvider final : public core::Provider {
public:
    explicit ScriptProvider(PortOptions options);

    [[nodiscard]] const std::string& id() const override { return port_.id(); }
    [[nodiscard]] const std::string& name() const override { return port_.name(); }
    [[nodiscard]] const std::string& type() const override { return type_; }
    [[nodiscard]] const std::set<core::ProviderCapability>& capabilities() const override {
        return capabilities_;
    }
    [[nodiscard]] bool is_sandbox() const override { return port_.manifest().is_sandbox; }

    // What the script said last, however long ago; asks it only while it has never answered.
    Result<std::vector<core::SpecField>> spec_template() override;
    // Asks the script anew; what it said before stays when it cannot answer.
    Result<> refresh_spec_template();
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
    Result<core::Health> health() override { return port_.health(); }

private:
    Result<> need(core::ProviderCapability capability) const;
    Result<std::vector<core::SpecField>> ask_spec_template() const;

    ScriptPort port_;
    std::string type_;
    std::set<core::ProviderCapability> capabilities_;

    std::mutex mutex_;
    // Guarded by mutex_. Nothing kept: never asked, or asked without success.
    std::optional<std::vector<core::SpecField>> spec_template_;
};

}  // namespace rb::plugin
