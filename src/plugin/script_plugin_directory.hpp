// The PluginDirectory over scripts: enabled rows of plugin_interfaces, compiled, configured, behind
// the typed ports.
//
// Every find looks at the interface's version in the database first (one indexed row), so an edit
// saved on any server is live at the next call on every server. refresh() is for the listener on
// the channel `rustbill_plugins`: it drops at once what is outdated and frees its memory.

#pragma once

#include "core/plugin/plugin_directory.hpp"
#include "core/plugin/plugin_store.hpp"

#include "plugin/script_engine.hpp"
#include "plugin/secret_box.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rb::plugin {

class ScriptPluginDirectory final : public core::PluginDirectory {
public:
    // All must outlive the directory.
    ScriptPluginDirectory(ScriptEngine& engine, core::PluginInterfaceStore& interfaces,
                          const SecretBox& secrets, core::Clock& clock, core::Log& log);
    ~ScriptPluginDirectory() override;

    Result<std::shared_ptr<core::Provider>> find_provider(std::string_view id) override;
    Result<std::shared_ptr<core::Provider>> find_provider(
        const core::InterfaceVersion& version) override;
    Result<std::shared_ptr<core::Gateway>> find_gateway(std::string_view id) override;
    Result<core::CallbackGateway> find_gateway_for_callback(std::string_view id) override;
    // Interfaces that cannot be used are left out, with a WARN record.
    std::vector<std::shared_ptr<core::Provider>> providers() override;
    std::vector<std::shared_ptr<core::Gateway>> gateways() override;
    core::Notifiers notifiers() override;
    [[nodiscard]] bool may_notify() const override;
    bool is_healthy(std::string_view id) override;

    // An interface was added or changed through this server: until the next refresh() a notifier
    // may be among the enabled ones.
    void note_change() { may_notify_ = true; }
    // Drops every cached interface whose version is no longer the database's.
    // ERRORS: unavailable
    Result<> refresh();

    // Asks the interface how it is, enabled or not, and records the answer; a healthy provider is
    // asked for its template too, by which orders are checked from then on. A plugin that cannot be
    // asked (does not compile, does not answer) is unhealthy, with the reason.
    // ERRORS: not_found, unavailable
    Result<core::Health> check_health(std::string_view id);
    // The same for all enabled interfaces; for a worker, every health_check_interval (limits.hpp).
    // Answers how many were asked.
    std::size_t check_all();

private:
    struct Entry;
    Result<std::shared_ptr<Entry>> entry_for(const core::InterfaceVersion& version);
    Result<std::shared_ptr<Entry>> build(const core::PluginInterface& row,
                                         const std::string& fingerprint);
    // Adds those that can be used. Answers why notifiers are missing, when that was asked for.
    template <typename Port>
    std::optional<Error> add_all(std::shared_ptr<Port> Entry::*port,
                                 std::vector<std::shared_ptr<Port>>& ports);
    template <typename Port>
    std::vector<std::shared_ptr<Port>> all(std::shared_ptr<Port> Entry::*port);
    template <typename Port>
    Result<std::shared_ptr<Port>> find(std::string_view id, std::string_view kind,
                                       std::shared_ptr<Port> Entry::*port);
    template <typename Port>
    Result<std::shared_ptr<Port>> find_version(const core::InterfaceVersion& version,
                                               std::string_view kind,
                                               std::shared_ptr<Port> Entry::*port);

    void learn_template(std::string_view id, const Entry& entry);

    ScriptEngine& engine_;
    core::PluginInterfaceStore& interfaces_;
    const SecretBox& secrets_;
    core::Clock& clock_;
    core::Log& log_;

    void remember_notifiers(const std::vector<core::InterfaceVersion>& versions);

    // Unknown counts as yes.
    std::atomic<bool> may_notify_{true};
    std::mutex mutex_;
    // Guarded by mutex_.
    std::map<std::string, std::shared_ptr<Entry>, std::less<>> entries_;
    std::map<std::string, bool, std::less<>> health_;
};

}  // namespace rb::plugin
