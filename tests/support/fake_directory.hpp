// A plugin directory that a test fills by hand.

#pragma once

#include "core/plugin/plugin_directory.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace rb::test {

// Filled before the threads of a test start; then only read.
class FakeDirectory final : public core::PluginDirectory {
public:
    void add(std::shared_ptr<core::Provider> provider) {
        providers_[provider->id()] = std::move(provider);
    }
    void add(std::shared_ptr<core::Gateway> gateway) {
        gateways_[gateway->id()] = std::move(gateway);
    }
    void add(std::shared_ptr<core::Notifier> notifier) {
        notifiers_.push_back(std::move(notifier));
    }

    Result<std::shared_ptr<core::Provider>> find_provider(std::string_view id) override {
        const auto found = providers_.find(id);
        if (found == providers_.end())
            return Error{ErrorCode::not_found, "no such provider", "provider_id"};
        return found->second;
    }
    Result<std::shared_ptr<core::Provider>> find_provider(
        const core::InterfaceVersion& version) override {
        return find_provider(version.id);
    }
    Result<std::shared_ptr<core::Gateway>> find_gateway(std::string_view id) override {
        const auto found = gateways_.find(id);
        if (found == gateways_.end())
            return Error{ErrorCode::not_found, "no such gateway", "gateway_id"};
        return found->second;
    }
    Result<core::CallbackGateway> find_gateway_for_callback(std::string_view id) override {
        return core::CallbackGateway{.gateway = TRY(find_gateway(id)), .is_enabled = true};
    }
    std::vector<std::shared_ptr<core::Provider>> providers() override { return values(providers_); }
    std::vector<std::shared_ptr<core::Gateway>> gateways() override { return values(gateways_); }
    core::Notifiers notifiers() override {
        return {.usable = notifiers_, .failure = notifier_failure};
    }
    [[nodiscard]] bool may_notify() const override { return !notifiers_.empty(); }
    bool is_healthy(std::string_view) override { return true; }

    // What an enabled notifier beside those that were added fails with.
    std::optional<Error> notifier_failure;

private:
    template <typename Plugin>
    static std::vector<std::shared_ptr<Plugin>> values(
        const std::map<std::string, std::shared_ptr<Plugin>, std::less<>>& plugins) {
        std::vector<std::shared_ptr<Plugin>> all;
        for (const auto& [id, plugin] : plugins) all.push_back(plugin);
        return all;
    }

    std::map<std::string, std::shared_ptr<core::Provider>, std::less<>> providers_;
    std::map<std::string, std::shared_ptr<core::Gateway>, std::less<>> gateways_;
    std::vector<std::shared_ptr<core::Notifier>> notifiers_;
};

}  // namespace rb::test
