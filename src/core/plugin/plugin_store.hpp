// Where plugin definitions and interfaces are kept. Each call is one transaction of its own.
//
// Thread-safe. ERRORS beyond those named: unavailable (the database does not answer).

#pragma once

#include "base/result.hpp"

#include "core/operation_log/operation_log.hpp"
#include "core/plugin/plugin_interface.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rb::core {

class PluginDefinitionStore {
public:
    virtual ~PluginDefinitionStore() = default;

    // Sorted by type and id.
    virtual Result<std::vector<PluginDefinition>> list_definitions() = 0;
    virtual Result<std::optional<PluginDefinition>> find_definition(std::string_view plugin_id) = 0;
    // Inserts or replaces the row of this plugin_id, unless the stored row comes from a newer file;
    // answers whether it was written. Interfaces that still run the replaced source (nobody edited
    // them) follow to the new one.
    virtual Result<bool> save_definition(const PluginDefinition& definition) = 0;
    // Notes why the file of that name does not load; source and manifest of the row stay. Does
    // nothing when there is no such row.
    virtual Result<> save_load_error(std::string_view plugin_id, std::string_view message) = 0;
};

struct InterfaceFilter {
    std::optional<PluginType> type = {};
};

struct InterfacePage {
    std::vector<PluginInterface> interfaces = {};
    std::uint64_t total = 0;
};

// What an update changes; what is absent stays.
struct InterfaceChange {
    std::optional<std::string> name = {};
    std::optional<bool> enabled = {};
    std::optional<std::string> config = {};
    std::optional<std::string> config_schema = {};
    std::optional<std::string> script_source = {};
};

class PluginInterfaceStore {
public:
    virtual ~PluginInterfaceStore() = default;

    // What writes appends its operation to the operation log in the same transaction.
    // ERRORS: already_exists  the id is taken
    virtual Result<PluginInterface> insert_interface(const PluginInterface& interface,
                                                     const Operation& operation) = 0;
    virtual Result<std::optional<PluginInterface>> find_interface(std::string_view id) = 0;
    // Sorted by id. REQUIRES: page >= 1, page_size >= 1
    virtual Result<InterfacePage> list_interfaces(const InterfaceFilter& filter, std::uint32_t page,
                                                  std::uint32_t page_size) = 0;
    // `expected_revision`: the revision the change was made from.
    // ERRORS: not_found
    //         conflict   somebody else changed it meanwhile
    virtual Result<PluginInterface> update_interface(std::string_view id,
                                                     std::int64_t expected_revision,
                                                     const InterfaceChange& change,
                                                     const Operation& operation) = 0;
    // ERRORS: not_found
    //         conflict             somebody else changed it meanwhile
    //         failed_precondition  products, orders or payments still name it
    virtual Result<> remove_interface(std::string_view id, std::int64_t expected_revision,
                                      const Operation& operation) = 0;
    virtual Result<> save_health(std::string_view id, bool is_healthy, std::string_view message,
                                 Timestamp checked_at) = 0;

    // The versions of all interfaces, or of one: cheap, asked before calls.
    virtual Result<std::vector<InterfaceVersion>> versions() = 0;
    virtual Result<std::optional<InterfaceVersion>> version_of(std::string_view id) = 0;
};

}  // namespace rb::core
