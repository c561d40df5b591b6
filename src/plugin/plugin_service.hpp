// What an administrator does with plugins: the use cases behind rustbill.integration.PluginService.
//
// Configurations are checked against the plugin's JSON Schema; the error names the field and the
// rule. Secret fields (`"secret": true` or `"writeOnly": true` in the schema) are stored sealed and
// leave as "********"; one that is left out of an update, or sent back as "********", keeps its
// value. The caller has checked the permission the RPC declares. Who changed what is in the
// operation log, of secrets only that they changed.
//
// Thread-safe.

#pragma once

#include "base/result.hpp"

#include "core/identity/actor.hpp"
#include "core/plugin/plugin_store.hpp"
#include "core/ports/id_source.hpp"

#include "plugin/config_secrets.hpp"
#include "plugin/interface_changes.hpp"
#include "plugin/script_engine.hpp"
#include "plugin/script_plugin_directory.hpp"
#include "plugin/secret_box.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rb::plugin {

struct PluginView {
    core::PluginDefinition definition;
    std::vector<std::string> capabilities;
    // For people ("module http", "host api.example.com").
    std::vector<std::string> grants;
};

struct NewInterface {
    std::string plugin_id = {};
    std::string id = {};
    std::string name = {};
    // JSON text; empty means {}.
    std::string config = {};
    bool enabled = false;
};

struct InterfaceEdit {
    std::optional<std::string> name = {};
    std::optional<std::string> config = {};
    std::optional<bool> enabled = {};
    std::optional<std::string> script_source = {};
};

class PluginService {
public:
    // All must outlive the service.
    PluginService(core::PluginDefinitionStore& definitions, core::PluginInterfaceStore& interfaces,
                  ScriptEngine& engine, ScriptPluginDirectory& directory, const SecretBox& secrets,
                  core::IdSource& ids);

    Result<std::vector<PluginView>> list_plugins();
    // Configurations in all answers are masked.
    Result<core::InterfacePage> list_interfaces(const core::InterfaceFilter& filter,
                                                std::uint32_t page, std::uint32_t page_size);
    // ERRORS: not_found
    Result<core::PluginInterface> get_interface(std::string_view id);
    // ERRORS: not_found         there is no such plugin
    //         already_exists    the id is taken
    //         invalid_argument  id, name or a configuration field breaks a rule
    Result<core::PluginInterface> create_interface(const core::Actor& actor,
                                                   const NewInterface& request);
    // ERRORS: not_found
    //         invalid_argument  a configuration field breaks a rule, or the script does not compile
    //         conflict          it was changed meanwhile
    Result<core::PluginInterface> update_interface(const core::Actor& actor, std::string_view id,
                                                   const InterfaceEdit& edit);
    // ERRORS: not_found, conflict (it was changed meanwhile), failed_precondition (still named by
    //         products, orders or payments)
    Result<> delete_interface(const core::Actor& actor, std::string_view id);
    // ERRORS: not_found
    Result<core::Health> check_health(std::string_view id);

private:
    Result<core::PluginInterface> masked(core::PluginInterface interface);
    [[nodiscard]] InterfaceState state_of(const core::PluginInterface& interface) const;
    core::Operation operation(const core::Actor& actor, std::string action, std::string_view id,
                              core::Changes changes);

    core::PluginDefinitionStore& definitions_;
    core::PluginInterfaceStore& interfaces_;
    ScriptEngine& engine_;
    ScriptPluginDirectory& directory_;
    const SecretBox& secrets_;
    core::IdSource& ids_;
};

}  // namespace rb::plugin
