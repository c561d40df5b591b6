// The stores of plugin definitions and interfaces (tables `plugins`, `plugin_interfaces`). The
// contract is the ports' (core/plugin/plugin_store.hpp). Each call borrows a connection of its own.

#pragma once

#include "core/plugin/plugin_store.hpp"

#include "store_pg/pool.hpp"

namespace rb::store_pg {

class PgPluginDefinitionStore final : public core::PluginDefinitionStore {
public:
    // `pool` must outlive the store.
    explicit PgPluginDefinitionStore(Pool& pool) : pool_(pool) {}

    Result<std::vector<core::PluginDefinition>> list_definitions() override;
    Result<std::optional<core::PluginDefinition>> find_definition(
        std::string_view plugin_id) override;
    Result<bool> save_definition(const core::PluginDefinition& definition) override;
    Result<> save_load_error(std::string_view plugin_id, std::string_view message) override;

private:
    Pool& pool_;
};

class PgPluginInterfaceStore final : public core::PluginInterfaceStore {
public:
    // `pool` must outlive the store.
    explicit PgPluginInterfaceStore(Pool& pool) : pool_(pool) {}

    Result<core::PluginInterface> insert_interface(const core::PluginInterface& interface,
                                                   const core::Operation& operation) override;
    Result<std::optional<core::PluginInterface>> find_interface(std::string_view id) override;
    Result<core::InterfacePage> list_interfaces(const core::InterfaceFilter& filter,
                                                std::uint32_t page,
                                                std::uint32_t page_size) override;
    Result<core::PluginInterface> update_interface(std::string_view id,
                                                   std::int64_t expected_revision,
                                                   const core::InterfaceChange& change,
                                                   const core::Operation& operation) override;
    Result<> remove_interface(std::string_view id, std::int64_t expected_revision,
                              const core::Operation& operation) override;
    Result<> save_health(std::string_view id, bool is_healthy, std::string_view message,
                         core::Timestamp checked_at) override;
    Result<std::vector<core::InterfaceVersion>> versions() override;
    Result<std::optional<core::InterfaceVersion>> version_of(std::string_view id) override;

private:
    Pool& pool_;
};

}  // namespace rb::store_pg
