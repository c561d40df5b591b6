#include "store_pg/plugin_interface_store.hpp"
#include "store_pg/plugin_kv_store.hpp"

#include "support/test_database.hpp"

#include <gtest/gtest.h>

namespace rb::store_pg {
namespace {

using core::PluginDefinition;
using core::PluginInterface;
using core::Timestamp;

Timestamp at(int seconds) {
    return Timestamp(std::chrono::seconds(1'800'000'000 + seconds));
}

PluginDefinition definition(const std::string& source, std::optional<Timestamp> mtime) {
    return {.plugin_id = "gateway-x",
            .type = core::PluginType::gateway,
            .name = "X",
            .script_source = source,
            .source_hash = std::string(32, '\x01'),
            .file_mtime = mtime};
}

PluginInterface interface(const std::string& id, const std::string& source) {
    return {.id = id,
            .plugin_id = "gateway-x",
            .type = core::PluginType::gateway,
            .name = "X",
            .script_source = source};
}

struct PluginStores : testing::Test {
    test::TestDatabase db;
    PgPluginDefinitionStore definitions{db.pool()};
    PgPluginInterfaceStore interfaces{db.pool()};
    PgPluginKvStore kv{db.pool()};
};

TEST_F(PluginStores, a_newer_file_beats_an_older_row_and_not_the_other_way) {
    EXPECT_TRUE(*definitions.save_definition(definition("two", at(2))));
    EXPECT_FALSE(*definitions.save_definition(definition("one", at(1))));
    EXPECT_EQ((*definitions.find_definition("gateway-x"))->script_source, "two");
    EXPECT_TRUE(*definitions.save_definition(definition("three", at(3))));
    EXPECT_EQ((*definitions.find_definition("gateway-x"))->script_source, "three");
    EXPECT_EQ(definitions.list_definitions()->size(), 1U);
}

TEST_F(PluginStores, interfaces_follow_a_new_source_unless_somebody_edited_theirs) {
    ASSERT_TRUE(definitions.save_definition(definition("one", at(1))));
    ASSERT_TRUE(interfaces.insert_interface(interface("plain", "one")));
    ASSERT_TRUE(interfaces.insert_interface(interface("edited", "mine")));
    ASSERT_TRUE(definitions.save_definition(definition("two", at(2))));
    EXPECT_EQ((*interfaces.find_interface("plain"))->script_source, "two");
    EXPECT_EQ((*interfaces.find_interface("plain"))->revision, 2);
    EXPECT_EQ((*interfaces.find_interface("edited"))->script_source, "mine");
}

TEST_F(PluginStores, a_load_error_leaves_the_source) {
    ASSERT_TRUE(definitions.save_definition(definition("one", at(1))));
    ASSERT_TRUE(definitions.save_load_error("gateway-x", "does not compile"));
    const auto row = *definitions.find_definition("gateway-x");
    EXPECT_EQ(row->load_error, "does not compile");
    EXPECT_EQ(row->script_source, "one");
    ASSERT_TRUE(definitions.save_definition(definition("two", at(2))));
    EXPECT_EQ((*definitions.find_definition("gateway-x"))->load_error, "");
}

TEST_F(PluginStores, an_update_from_an_old_revision_is_a_conflict) {
    const auto first = *interfaces.insert_interface(interface("x", "one"));
    const auto second = interfaces.update_interface("x", first.revision, {.name = "Y"});
    ASSERT_TRUE(second.has_value());
    EXPECT_EQ(second->name, "Y");
    EXPECT_EQ(second->script_source, "one");
    EXPECT_EQ(second->revision, first.revision + 1);
    EXPECT_EQ(interfaces.update_interface("x", first.revision, {.enabled = true}).error().code,
              ErrorCode::conflict);
    EXPECT_EQ(interfaces.update_interface("no", 1, {.enabled = true}).error().code,
              ErrorCode::not_found);
    EXPECT_EQ(interfaces.insert_interface(interface("x", "one")).error().code,
              ErrorCode::already_exists);
}

TEST_F(PluginStores, every_edit_changes_the_version_even_one_made_by_hand) {
    ASSERT_TRUE(interfaces.insert_interface(interface("x", "one")));
    const auto before = *interfaces.version_of("x");
    db.run("UPDATE plugin_interfaces SET script_source = 'two' WHERE id = 'x'");
    const auto after = *interfaces.version_of("x");
    EXPECT_NE(before->fingerprint, after->fingerprint);
    EXPECT_FALSE(after->enabled);
    EXPECT_EQ(interfaces.versions()->at(0).fingerprint, after->fingerprint);
    EXPECT_FALSE(interfaces.version_of("no")->has_value());
}

TEST_F(PluginStores, health_is_no_new_version) {
    ASSERT_TRUE(interfaces.insert_interface(interface("x", "one")));
    const auto before = *interfaces.version_of("x");
    ASSERT_TRUE(interfaces.save_health("x", true, "fine", at(0)));
    EXPECT_EQ(interfaces.version_of("x")->value().fingerprint, before->fingerprint);
    EXPECT_TRUE((*interfaces.find_interface("x"))->is_healthy);
    EXPECT_EQ((*interfaces.find_interface("x"))->health_checked_at, at(0));
}

TEST_F(PluginStores, lists_by_type_and_page) {
    for (const auto* id : {"c", "a", "b"}) {
        ASSERT_TRUE(interfaces.insert_interface(interface(id, "one")));
    }
    const auto page = *interfaces.list_interfaces({core::PluginType::gateway}, 2, 2);
    EXPECT_EQ(page.total, 3U);
    ASSERT_EQ(page.interfaces.size(), 1U);
    EXPECT_EQ(page.interfaces[0].id, "c");
    EXPECT_EQ(interfaces.list_interfaces({core::PluginType::notifier}, 1, 2)->total, 0U);
}

TEST_F(PluginStores, an_interface_that_products_name_stays) {
    ASSERT_TRUE(interfaces.insert_interface(interface("x", "one")));
    db.run(
        "INSERT INTO products (id, name, price, provider_id, billing_cycles) "
        "VALUES (gen_random_uuid(), 'P', 1, 'x', '{\"monthly\": \"1.00\"}')");
    EXPECT_EQ(interfaces.remove_interface("x").error().code, ErrorCode::failed_precondition);
    db.run("DELETE FROM products");
    EXPECT_TRUE(interfaces.remove_interface("x").has_value());
    EXPECT_EQ(interfaces.remove_interface("x").error().code, ErrorCode::not_found);
}

TEST_F(PluginStores, kv_behaves_as_its_twin_in_memory) {
    ASSERT_TRUE(interfaces.insert_interface(interface("x", "one")));
    EXPECT_EQ(**kv.compare_and_set("x", "k", 0, "a"), 1);
    EXPECT_FALSE(kv.compare_and_set("x", "k", 0, "b")->has_value());
    EXPECT_EQ(**kv.compare_and_set("x", "k", 1, "c"), 2);
    EXPECT_FALSE(kv.compare_and_set("x", "k", 1, "d")->has_value());
    EXPECT_EQ((*kv.get("x", "k"))->value, "c");
    EXPECT_EQ(*kv.put("x", "k", "e"), 3);
    for (const auto* key : {"s/3", "s/1", "t/1", "s/2"}) ASSERT_TRUE(kv.put("x", key, "v"));
    const auto page = *kv.list("x", "s/", "s/1", 10);
    ASSERT_EQ(page.size(), 2U);
    EXPECT_EQ(page[0].key, "s/2");
    EXPECT_TRUE(*kv.remove("x", "k"));
    EXPECT_FALSE(*kv.remove("x", "k"));
    EXPECT_EQ(kv.put("x", std::string(257, 'k'), "").error().field, "key");
    EXPECT_EQ(kv.put("nobody", "k", "v").error().code, ErrorCode::failed_precondition);
}

}  // namespace
}  // namespace rb::store_pg
