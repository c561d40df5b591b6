#include "plugin/plugin_service.hpp"

#include "core/text.hpp"

#include "plugin/config_schema.hpp"
#include "plugin/limits.hpp"

#include <algorithm>

namespace rb::plugin {

using core::InterfaceChange;
using core::PluginInterface;

namespace {

Error no_such_interface(std::string_view id) {
    return {ErrorCode::not_found, "there is no plugin interface " + std::string(id)};
}

Result<> check_interface_id(std::string_view id) {
    if (!is_plugin_id(id)) {
        return invalid_field("id", "must be lower-case letters, digits, '-' and '_', at most 63");
    }
    // Payments name these two without any interface: the customer's balance, and money that an
    // administrator recorded by hand.
    if (id == "balance" || id == "manual") {
        return invalid_field("id", std::string(id) + " is taken");
    }
    return {};
}

Result<> check_name(std::string_view name) {
    return core::check_text(
        name, {.field = "name", .chars_min = 1, .chars_max = interface_name_chars_max});
}

// The error of the schema names the field within the configuration.
Error of_config(const Error& error) {
    if (error.field == "config") return error;
    auto within = error;
    within.field = "config." + error.field;
    within.message = "config." + error.message;
    return within;
}

}  // namespace

PluginService::PluginService(core::PluginDefinitionStore& definitions,
                             core::PluginInterfaceStore& interfaces, ScriptEngine& engine,
                             ScriptPluginDirectory& directory, const SecretBox& secrets,
                             core::IdSource& ids)
    : definitions_(definitions),
      interfaces_(interfaces),
      engine_(engine),
      directory_(directory),
      secrets_(secrets),
      ids_(ids) {}

Result<std::vector<PluginView>> PluginService::list_plugins() {
    auto definitions = TRY(definitions_.list_definitions());
    std::vector<PluginView> views;
    for (auto& definition : definitions) {
        PluginView view;
        // A row an older release wrote may say something else; then it shows without details.
        const auto manifest = read_manifest(Json::parse(definition.manifest, nullptr, false));
        if (manifest.has_value()) {
            view.capabilities = manifest->capabilities;
            view.grants = manifest->grants.describe();
        }
        view.definition = std::move(definition);
        views.push_back(std::move(view));
    }
    return views;
}

InterfaceState PluginService::state_of(const PluginInterface& interface) const {
    InterfaceState state{.name = interface.name,
                         .enabled = interface.enabled,
                         .schema = Json::parse(interface.config_schema, nullptr, false),
                         .config = Json::parse(interface.config, nullptr, false),
                         .script_source = interface.script_source};
    // What this key cannot open stays sealed: different from anything it may become.
    const auto opened = open_secrets(state.schema, state.config, secrets_, interface.id);
    if (opened.has_value()) state.config = *opened;
    return state;
}

Result<PluginInterface> PluginService::masked(PluginInterface interface) {
    const auto schema = Json::parse(interface.config_schema, nullptr, false);
    auto config = Json::parse(interface.config, nullptr, false);
    if (!schema.is_object() || !config.is_object()) {
        return internal_error("plugin interface " + interface.id + " holds no JSON objects");
    }
    interface.config = mask_secrets(schema, std::move(config)).dump();
    return interface;
}

Result<core::InterfacePage> PluginService::list_interfaces(const core::InterfaceFilter& filter,
                                                           std::uint32_t page,
                                                           std::uint32_t page_size) {
    auto found = TRY(interfaces_.list_interfaces(filter, page, page_size));
    for (auto& interface : found.interfaces) interface = TRY(masked(std::move(interface)));
    return found;
}

Result<PluginInterface> PluginService::get_interface(std::string_view id) {
    auto found = TRY(interfaces_.find_interface(id));
    if (!found) return no_such_interface(id);
    return masked(std::move(*found));
}

core::Operation PluginService::operation(const core::Actor& actor, std::string action,
                                         std::string_view id, core::Changes changes) {
    return {.id = ids_.next_id<core::OperationId>(),
            .by = core::ActorStamp::of(actor),
            .action = std::move(action),
            .object_type = "plugin_interface",
            .object_id = std::string(id),
            .changes = std::move(changes),
            .at = engine_.clock().now()};
}

Result<PluginInterface> PluginService::create_interface(const core::Actor& actor,
                                                        const NewInterface& request) {
    const auto definition = TRY(definitions_.find_definition(request.plugin_id));
    if (!definition) {
        return Error{ErrorCode::not_found, "there is no plugin " + request.plugin_id, "plugin_id"};
    }
    TRY(check_interface_id(request.id));
    TRY(check_name(request.name));
    const auto script =
        TRY(engine_.load("", "", definition->plugin_id + ".rn", definition->script_source));
    const auto& schema = manifest_of(*script).config_schema;
    const auto config = TRY(parse_config(request.config));
    const auto checked = apply_schema(schema, config);
    if (checked.has_error()) return of_config(checked.error());
    PluginInterface row{.id = request.id,
                        .plugin_id = definition->plugin_id,
                        .type = definition->type,
                        .name = request.name,
                        .enabled = request.enabled,
                        .config = seal_secrets(schema, config, secrets_, request.id).dump(),
                        .config_schema = schema.dump(),
                        .script_source = definition->script_source};
    const InterfaceState made_of{.name = row.name,
                                 .enabled = row.enabled,
                                 .schema = schema,
                                 .config = config,
                                 .script_source = row.script_source};
    auto made = TRY(interfaces_.insert_interface(
        row, operation(actor, "plugin_interface.create", row.id, changes_between({}, made_of))));
    directory_.note_change();
    return masked(std::move(made));
}

Result<PluginInterface> PluginService::update_interface(const core::Actor& actor,
                                                        std::string_view id,
                                                        const InterfaceEdit& edit) {
    const auto stored = TRY(interfaces_.find_interface(id));
    if (!stored) return no_such_interface(id);
    InterfaceChange change{.name = edit.name, .enabled = edit.enabled};
    if (edit.name) TRY(check_name(*edit.name));
    const auto before = state_of(*stored);
    auto after = before;
    if (edit.name) after.name = *edit.name;
    if (edit.enabled) after.enabled = *edit.enabled;

    const auto& source = edit.script_source ? *edit.script_source : stored->script_source;
    if (edit.script_source || edit.config) {
        const auto script = TRY(engine_.load("", "", stored->plugin_id + ".rn", source));
        const auto& manifest = manifest_of(*script);
        if (manifest.type != stored->type) {
            return invalid_field("script_source", "is a " + std::string(name_of(manifest.type)) +
                                                      ", not a " +
                                                      std::string(name_of(stored->type)));
        }
        const auto& schema = manifest.config_schema;
        const auto old_config = Json::parse(stored->config, nullptr, false);
        auto config = edit.config ? TRY(parse_config(*edit.config)) : old_config;
        config = keep_secrets(schema, std::move(config), old_config);
        config = drop_former_secrets(schema, std::move(config),
                                     Json::parse(stored->config_schema, nullptr, false));
        const auto opened = TRY(open_secrets(schema, config, secrets_, id));
        const auto checked = apply_schema(schema, opened);
        if (checked.has_error()) return of_config(checked.error());
        change.config = seal_secrets(schema, opened, secrets_, id).dump();
        change.config_schema = schema.dump();
        change.script_source = edit.script_source;
        after.schema = schema;
        after.config = opened;
        after.script_source = source;
    }
    auto updated = TRY(interfaces_.update_interface(
        id, stored->revision, change,
        operation(actor, "plugin_interface.update", id, changes_between(before, after))));
    directory_.note_change();
    engine_.evict(id);
    return masked(std::move(updated));
}

Result<> PluginService::delete_interface(const core::Actor& actor, std::string_view id) {
    const auto stored = TRY(interfaces_.find_interface(id));
    if (!stored) return no_such_interface(id);
    TRY(interfaces_.remove_interface(
        id, stored->revision,
        operation(actor, "plugin_interface.delete", id, changes_between(state_of(*stored), {}))));
    engine_.evict(id);
    return {};
}

Result<core::Health> PluginService::check_health(std::string_view id) {
    return directory_.check_health(id);
}

}  // namespace rb::plugin
