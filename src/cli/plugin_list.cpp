#include "store_pg/plugin_interface_store.hpp"

#include "cli/commands.hpp"

#include <ostream>

namespace rb::cli {

namespace {

constexpr std::uint32_t page_size = 100;

Table definitions_table(const std::vector<core::PluginDefinition>& definitions) {
    Table table{.columns = {"plugin_type", "plugin_id", "name", "version", "load_error"}};
    for (const auto& one : definitions) {
        table.rows.push_back({std::string(core::name_of(one.type)), one.plugin_id, one.name,
                              one.version, one.load_error});
    }
    return table;
}

Table interfaces_table() {
    return {.columns = {"id", "plugin_type", "plugin_id", "name", "enabled", "is_healthy"}};
}

Result<> add_interfaces(core::PluginInterfaceStore& store, Table& table) {
    for (std::uint32_t page = 1;; ++page) {
        const auto found = TRY(store.list_interfaces({}, page, page_size));
        for (const auto& one : found.interfaces) {
            table.rows.push_back({one.id, std::string(core::name_of(one.type)), one.plugin_id,
                                  one.name, one.enabled, one.is_healthy});
        }
        if (found.interfaces.size() < page_size) return {};
    }
}

}  // namespace

// As text two tables, as manual 6.8 has them; as JSON {"plugins": […], "interfaces": […]}.
Result<int> run_plugin_list(Backend& backend, std::ostream& out, Format format) {
    auto* pool = TRY(backend.pool());
    store_pg::PgPluginDefinitionStore definition_store(*pool);
    store_pg::PgPluginInterfaceStore interface_store(*pool);
    const auto definitions = definitions_table(TRY(definition_store.list_definitions()));
    auto interfaces = interfaces_table();
    TRY(add_interfaces(interface_store, interfaces));

    print(out, Sections{{"plugins", definitions}, {"interfaces", interfaces}}, format);
    return exit_ok;
}

}  // namespace rb::cli
