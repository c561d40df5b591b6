#include "store_pg/plugin_interface_store.hpp"
#include "store_pg/plugin_kv_store.hpp"

#include "support/test_database.hpp"
#include "support/twins.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace rb::store_pg {
namespace {

using core::PluginDefinition;
using core::PluginInterface;
using core::Timestamp;

Timestamp at(int seconds) {
    return Timestamp(std::chrono::seconds(1'800'000'000 + seconds));
}

// One of its own for each write.
core::Operation operation() {
    static test::CountingIds ids;
    return {.id = ids.next_id<core::OperationId>(),
            .by = core::ActorStamp::command_line(),
            .action = "plugin_interface.test",
            .object_type = "plugin_interface",
            .object_id = "x",
            .at = at(0)};
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

    // Of "x"; 0 when it is gone.
    std::int64_t revision() {
        const auto found = *interfaces.find_interface("x");
        return found ? found->revision : 0;
    }
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
    ASSERT_TRUE(interfaces.insert_interface(interface("plain", "one"), operation()));
    ASSERT_TRUE(interfaces.insert_interface(interface("edited", "mine"), operation()));
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
    const auto first = *interfaces.insert_interface(interface("x", "one"), operation());
    const auto second =
        interfaces.update_interface("x", first.revision, {.name = "Y"}, operation());
    ASSERT_TRUE(second.has_value());
    EXPECT_EQ(second->name, "Y");
    EXPECT_EQ(second->script_source, "one");
    EXPECT_EQ(second->revision, first.revision + 1);
    EXPECT_EQ(interfaces.update_interface("x", first.revision, {.enabled = true}, operation())
                  .error()
                  .code,
              ErrorCode::conflict);
    EXPECT_EQ(interfaces.update_interface("no", 1, {.enabled = true}, operation()).error().code,
              ErrorCode::not_found);
    EXPECT_EQ(interfaces.insert_interface(interface("x", "one"), operation()).error().code,
              ErrorCode::already_exists);
}

TEST_F(PluginStores, every_edit_changes_the_version_even_one_made_by_hand) {
    ASSERT_TRUE(interfaces.insert_interface(interface("x", "one"), operation()));
    const auto before = *interfaces.version_of("x");
    db.run("UPDATE plugin_interfaces SET script_source = 'two' WHERE id = 'x'");
    const auto after = *interfaces.version_of("x");
    EXPECT_NE(before->fingerprint, after->fingerprint);
    EXPECT_FALSE(after->enabled);
    EXPECT_EQ(interfaces.versions()->at(0).fingerprint, after->fingerprint);
    EXPECT_FALSE(interfaces.version_of("no")->has_value());
}

TEST_F(PluginStores, health_is_no_new_version) {
    ASSERT_TRUE(interfaces.insert_interface(interface("x", "one"), operation()));
    const auto before = *interfaces.version_of("x");
    ASSERT_TRUE(interfaces.save_health("x", true, "fine", at(0)));
    EXPECT_EQ(interfaces.version_of("x")->value().fingerprint, before->fingerprint);
    EXPECT_TRUE((*interfaces.find_interface("x"))->is_healthy);
    EXPECT_EQ((*interfaces.find_interface("x"))->health_checked_at, at(0));
}

TEST_F(PluginStores, lists_by_type_and_page) {
    for (const auto* id : {"c", "a", "b"}) {
        ASSERT_TRUE(interfaces.insert_interface(interface(id, "one"), operation()));
    }
    const auto page = *interfaces.list_interfaces({core::PluginType::gateway}, 2, 2);
    EXPECT_EQ(page.total, 3U);
    ASSERT_EQ(page.interfaces.size(), 1U);
    EXPECT_EQ(page.interfaces[0].id, "c");
    EXPECT_EQ(interfaces.list_interfaces({core::PluginType::notifier}, 1, 2)->total, 0U);
}

TEST_F(PluginStores, an_interface_that_was_changed_meanwhile_stays) {
    ASSERT_TRUE(interfaces.insert_interface(interface("x", "one"), operation()));
    const auto seen = revision();
    ASSERT_TRUE(interfaces.update_interface("x", seen, {.name = "Y"}, operation()));
    EXPECT_EQ(interfaces.remove_interface("x", seen, operation()).error().code,
              ErrorCode::conflict);
    EXPECT_EQ(db.value("SELECT count(*) FROM operation_logs"), "2");
    EXPECT_TRUE(interfaces.remove_interface("x", revision(), operation()).has_value());
}

TEST_F(PluginStores, an_interface_that_products_name_stays) {
    ASSERT_TRUE(interfaces.insert_interface(interface("x", "one"), operation()));
    db.run(
        "INSERT INTO products (id, name, price, provider_id, billing_cycles) "
        "VALUES (gen_random_uuid(), 'P', 1, 'x', '{\"monthly\": \"1.00\"}')");
    EXPECT_EQ(interfaces.remove_interface("x", revision(), operation()).error().code,
              ErrorCode::failed_precondition);
    db.run("DELETE FROM products");
    EXPECT_TRUE(interfaces.remove_interface("x", revision(), operation()).has_value());
    EXPECT_EQ(interfaces.remove_interface("x", revision(), operation()).error().code,
              ErrorCode::not_found);
}

TEST_F(PluginStores, kv_behaves_as_its_twin_in_memory) {
    ASSERT_TRUE(interfaces.insert_interface(interface("x", "one"), operation()));
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

// The figures the triggers keep, against a count of the table.
struct PluginKvBounds : PluginStores {
    void SetUp() override {
        ASSERT_TRUE(interfaces.insert_interface(interface("x", "one"), operation()));
    }
    std::string kept() {
        return db.value(
            "SELECT keys || ' ' || bytes FROM plugin_kv_usage WHERE interface_id = 'x'");
    }
    // As though it kept so much besides what it does: the figures are what a write is measured by.
    void raise_to(std::int64_t keys, std::int64_t bytes) {
        db.run("UPDATE plugin_kv_usage SET keys = " + std::to_string(keys) +
               ", bytes = " + std::to_string(bytes) + " WHERE interface_id = 'x'");
    }
    std::string counted() {
        return db.value(
            "SELECT count(*) || ' ' || COALESCE(sum(octet_length(key) + octet_length(value)), 0) "
            "FROM plugin_kv WHERE interface_id = 'x'");
    }
};

TEST_F(PluginKvBounds, every_way_a_row_may_change_is_counted) {
    ASSERT_TRUE(kv.put("x", "k", "äöü"));
    EXPECT_EQ(kept(), "1 7") << "bytes, not characters";
    ASSERT_TRUE(kv.put("x", "k", "v"));
    EXPECT_EQ(kept(), "1 2");
    ASSERT_TRUE(kv.compare_and_set("x", "k", 2, "longer"));
    ASSERT_TRUE(kv.compare_and_set("x", "new", 0, "n"));
    EXPECT_FALSE(kv.compare_and_set("x", "k", 1, "too late")->has_value());
    EXPECT_FALSE(*kv.remove("x", "none"));
    EXPECT_EQ(kept(), "2 11");
    ASSERT_TRUE(*kv.remove("x", "k"));
    EXPECT_EQ(kept(), "1 4");
    // By hand, several rows at once, and from one interface to another.
    ASSERT_TRUE(interfaces.insert_interface(interface("y", "one"), operation()));
    db.run(
        "INSERT INTO plugin_kv (interface_id, key, value) VALUES ('x', 'a', '1'), ('y', 'a', '')");
    db.run("UPDATE plugin_kv SET interface_id = 'x', key = 'b' WHERE interface_id = 'y'");
    EXPECT_EQ(kept(), counted());
    EXPECT_EQ(kept(), "3 7");
    EXPECT_EQ(db.value("SELECT keys || ' ' || bytes FROM plugin_kv_usage WHERE interface_id = 'y'"),
              "0 0");
    ASSERT_TRUE(interfaces.remove_interface("x", revision(), operation()));
    EXPECT_EQ(db.value("SELECT count(*) FROM plugin_kv_usage"), "1")
        << "it goes with its interface";
}

TEST_F(PluginKvBounds, so_many_keys_and_no_more) {
    ASSERT_TRUE(kv.put("x", "k1", ""));
    ASSERT_TRUE(kv.put("x", "k2", ""));
    raise_to(core::plugin_kv_keys_max - 1, 4);
    EXPECT_TRUE(kv.put("x", "last", "").has_value());
    const auto refused = kv.put("x", "more", "").error();
    EXPECT_EQ(refused.code, ErrorCode::too_large);
    EXPECT_EQ(refused.message, core::plugin_kv_keys_full);
    EXPECT_EQ(refused.field, "key");
    EXPECT_EQ(kv.compare_and_set("x", "more", 0, "").error().code, ErrorCode::too_large);
    EXPECT_FALSE(kv.get("x", "more")->has_value()) << "nothing was written";
    EXPECT_EQ(*kv.put("x", "k1", "v"), 2) << "what is there may change";
    ASSERT_TRUE(interfaces.insert_interface(interface("y", "one"), operation()));
    EXPECT_TRUE(kv.put("y", "more", "").has_value()) << "each interface has bounds of its own";
    EXPECT_TRUE(*kv.remove("x", "k2"));
    EXPECT_TRUE(kv.put("x", "more", "").has_value());
    EXPECT_EQ(kv.put("x", "k2", "").error().code, ErrorCode::too_large);
}

TEST_F(PluginKvBounds, so_many_bytes_and_no_more) {
    ASSERT_TRUE(kv.put("x", "k", ""));
    constexpr std::int64_t room = 100;
    raise_to(1, core::plugin_kv_bytes_max - room);
    const std::string rest(room - 4, 'v');
    const auto refused = kv.put("x", "last", rest + "v").error();
    EXPECT_EQ(refused.code, ErrorCode::too_large);
    EXPECT_EQ(refused.message, core::plugin_kv_bytes_full);
    EXPECT_EQ(refused.field, "value");
    EXPECT_EQ(*kv.put("x", "last", rest), 1);
    EXPECT_EQ(kv.compare_and_set("x", "last", 1, rest + "v").error().code, ErrorCode::too_large);
    EXPECT_EQ(*kv.put("x", "last", std::string(room - 4, 'w')), 2) << "as much as before";
    EXPECT_EQ(*kv.put("x", "last", ""), 3) << "and less";
    EXPECT_EQ(*kv.put("x", "k", std::string(room - 4, 'v')), 2) << "which leaves room";
}

// Counted once for the statement: row by row, each would have to pass all that went before.
TEST_F(PluginKvBounds, go_with_an_interface_of_many_keys) {
    db.run(
        "INSERT INTO plugin_kv (interface_id, key, value) SELECT 'x', 'k' || i, 'v' "
        "FROM generate_series(1, 20000) AS i");
    EXPECT_EQ(kept(), counted());
    ASSERT_TRUE(interfaces.remove_interface("x", revision(), operation()));
    EXPECT_EQ(db.value("SELECT count(*) FROM plugin_kv_usage"), "0");
}

// Many writers at once, of new keys, of the same key, and of removals.
TEST_F(PluginKvBounds, hold_when_many_write_at_once) {
    constexpr auto room = 20;
    ASSERT_TRUE(kv.put("x", "k1", ""));
    raise_to(core::plugin_kv_keys_max - room, 2);
    std::atomic<int> written = 0;
    std::atomic<int> refused = 0;
    std::vector<std::thread> writers;
    for (int writer = 0; writer < 4; ++writer) {
        writers.emplace_back([&, writer] {
            for (int i = 0; i < 10; ++i) {
                const auto key = std::to_string(writer) + "-" + std::to_string(i);
                const auto outcome = kv.put("x", key, "v");
                if (outcome.has_value()) ++written;
                if (outcome.has_error() && outcome.error().code == ErrorCode::too_large) ++refused;
                EXPECT_TRUE(kv.put("x", "k1", key).has_value());
            }
        });
    }
    for (auto& writer : writers) writer.join();
    EXPECT_EQ(written, room);
    EXPECT_EQ(refused, 40 - room);
    EXPECT_EQ(db.value("SELECT count(*) FROM plugin_kv WHERE key <> 'k1'"), std::to_string(room));
    EXPECT_EQ(db.value("SELECT keys FROM plugin_kv_usage"),
              std::to_string(core::plugin_kv_keys_max));
    EXPECT_EQ(db.value("SELECT bytes = (SELECT sum(octet_length(key) + octet_length(value)) FROM "
                       "plugin_kv) FROM plugin_kv_usage"),
              "t");
}

}  // namespace
}  // namespace rb::store_pg
