// From a file in plugins_dir to a running port: the scanner, the administrator's service and the
// directory, over a real PostgreSQL, with two servers on it.
#include "plugin/limits.hpp"
#include "plugin/plugin_scanner.hpp"
#include "plugin/plugin_service.hpp"
#include "plugin/script_plugin_directory.hpp"
#include "store_pg/plugin_interface_store.hpp"
#include "store_pg/plugin_kv_store.hpp"

#include "plugins/plugin_stage.hpp"
#include "support/test_database.hpp"
#include "support/twins.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace rb::test {
namespace {

using namespace core;
using plugin::Json;
namespace fs = std::filesystem;

std::string notifier(const std::string& answer, const std::string& extra = "") {
    return "pub fn manifest() { #{ id: \"notifier-x\", \"type\": \"Notifier\", name: \"X\", "
           "capabilities: [\"webhook\", \"health\"], config_schema: #{ \"type\": \"object\", "
           "required: [\"token\"], properties: #{ token: #{ \"type\": \"string\", secret: true, "
           "minLength: 4 }, port: #{ \"type\": \"integer\", format: \"port\", \"default\": 25 } } "
           "} } }\n"
           "pub fn health(config) { #{ healthy: true, message: `" +
           answer +
           // A part of the secret, since the whole would be blanked.
           " ${config.token[0..3]} ${config.port}` } }\n"
           "pub fn send(config, n) { () }\n" +
           extra;
}

// One server: its own engine and directory over the shared database.
struct Node {
    explicit Node(TestDatabase& db)
        : definitions(db.pool()), interfaces(db.pool()), kv(db.pool()) {}

    StageLog log;
    StageClock clock;
    StageRandom random;
    store_pg::PgPluginDefinitionStore definitions;
    store_pg::PgPluginInterfaceStore interfaces;
    store_pg::PgPluginKvStore kv;
    plugin::CurlHttpClient http{log};
    plugin::LibvirtClient libvirt{log};
    plugin::ScriptEngine engine{{log, clock, random, kv, http, libvirt}};
    plugin::SecretBox secrets{"a master secret of some length", random};
    plugin::ScriptPluginDirectory directory{engine, interfaces, secrets, clock, log};
    CountingIds ids;
    plugin::PluginService service{definitions, interfaces, engine, directory, secrets, ids};
};

struct Directory : testing::Test {
    const core::Actor boss{.kind = core::ActorKind::admin, .request_id = "request-1"};
    TestDatabase db;
    Node one{db};
    Node two{db};
    fs::path folder = fs::temp_directory_path() / ("rb-plugins-" + std::to_string(getpid()));
    plugin::PluginScanner scanner{folder, one.engine, one.definitions, one.log};
    int writes = 0;

    void SetUp() override { fs::create_directories(folder); }
    void TearDown() override { fs::remove_all(folder); }

    // Each write is newer than the one before, whatever the file system's clock can tell apart.
    void write(const std::string& name, const std::string& text) {
        std::ofstream(folder / name) << text;
        fs::last_write_time(folder / name,
                            fs::file_time_type::clock::now() + std::chrono::seconds(++writes));
    }
    Result<PluginInterface> create(const std::string& config = R"({"token":"hunter2"})") {
        return one.service.create_interface(
            boss,
            {.plugin_id = "notifier-x", .id = "x", .name = "X", .config = config, .enabled = true});
    }
    static std::string says(Node& node) {
        const auto notifiers = node.directory.notifiers().usable;
        if (notifiers.size() != 1) return std::to_string(notifiers.size()) + " notifiers";
        const auto health = notifiers[0]->health();
        return health.has_value() ? health->message : health.error().message;
    }
};

TEST_F(Directory, an_edit_is_live_at_the_next_call_on_every_server) {
    write("notifier-x.rn", notifier("first"));
    ASSERT_EQ(scanner.scan()->saved, 1U);
    const auto created = create();
    ASSERT_TRUE(created.has_value()) << created.error().message;
    EXPECT_EQ(says(one), "first hun 25");
    EXPECT_EQ(says(two), "first hun 25");
    const auto old = one.directory.notifiers().usable.at(0);

    const auto edited =
        one.service.update_interface(boss, "x", {.script_source = notifier("second")});
    ASSERT_TRUE(edited.has_value()) << edited.error().message;
    EXPECT_EQ(says(one), "second hun 25");
    EXPECT_EQ(says(two), "second hun 25");
    EXPECT_EQ(old->health()->message, "first hun 25") << "who holds the old one ends with it";

    db.run(
        "UPDATE plugin_interfaces SET script_source = replace(script_source, 'second', 'third')");
    EXPECT_EQ(says(two), "third hun 25") << "edited by hand";
    ASSERT_TRUE(one.service.update_interface(boss, "x", {.enabled = false}));
    EXPECT_EQ(says(two), "0 notifiers");
    ASSERT_TRUE(two.directory.refresh());
}

TEST_F(Directory, a_script_that_does_not_compile_is_refused_or_left_out) {
    write("notifier-x.rn", notifier("first"));
    ASSERT_TRUE(scanner.scan());
    ASSERT_TRUE(create());
    const auto refused =
        one.service.update_interface(boss, "x", {.script_source = "pub fn manifest( {"});
    EXPECT_EQ(refused.error().field, "script_source");
    EXPECT_NE(refused.error().message.find("notifier-x.rn:1"), std::string::npos)
        << refused.error().message;
    EXPECT_EQ(says(two), "first hun 25");
    EXPECT_FALSE(two.directory.notifiers().failure.has_value());
    db.run("UPDATE plugin_interfaces SET script_source = 'broken'");
    EXPECT_EQ(says(two), "0 notifiers");
    // Not to be taken for a shop that has nobody to tell anything by.
    const auto failure = two.directory.notifiers().failure;
    ASSERT_TRUE(failure.has_value());
    EXPECT_EQ(failure->code, ErrorCode::plugin_failed);
    EXPECT_TRUE(two.log.holds("warn plugin interface cannot be used"));
    EXPECT_FALSE(two.directory.check_health("x")->is_healthy);
    EXPECT_FALSE(two.directory.is_healthy("x"));
}

TEST_F(Directory,
       a_gateway_is_found_for_its_callbacks_when_it_is_disabled_too_and_nothing_else_is) {
    write("notifier-x.rn", notifier("first"));
    write("gateway-x.rn",
          "pub fn manifest() { #{ id: \"gateway-x\", \"type\": \"Gateway\", name: \"X\", "
          "capabilities: [\"create_payment\"], config_schema: #{ \"type\": \"object\", "
          "properties: #{} } } }\npub fn create_payment(config, request) { #{} }\n");
    ASSERT_EQ(scanner.scan()->saved, 2U);
    ASSERT_TRUE(create());
    ASSERT_TRUE(one.service.create_interface(
        boss,
        {.plugin_id = "gateway-x", .id = "pay", .name = "P", .config = "{}", .enabled = true}));
    const auto enabled = two.directory.find_gateway_for_callback("pay");
    ASSERT_TRUE(enabled.has_value()) << enabled.error().message;
    EXPECT_TRUE(enabled->is_enabled);

    ASSERT_TRUE(one.service.update_interface(boss, "pay", {.enabled = false}));
    EXPECT_EQ(two.directory.find_gateway("pay").error().code, ErrorCode::not_found);
    const auto disabled = two.directory.find_gateway_for_callback("pay");
    ASSERT_TRUE(disabled.has_value()) << disabled.error().message;
    EXPECT_FALSE(disabled->is_enabled);
    EXPECT_EQ(disabled->gateway->id(), "pay");

    for (const auto* id : {"x", "nobody", ""}) {
        EXPECT_EQ(two.directory.find_gateway_for_callback(id).error().code, ErrorCode::not_found)
            << id;
    }
    db.run("UPDATE plugin_interfaces SET script_source = 'broken'");
    EXPECT_EQ(two.directory.find_gateway_for_callback("pay").error().code,
              ErrorCode::plugin_failed);
    EXPECT_EQ(two.directory.find_gateway_for_callback("x").error().code, ErrorCode::not_found);
}

TEST_F(Directory, secrets_are_stored_sealed_shown_masked_and_kept) {
    write("notifier-x.rn", notifier("first"));
    ASSERT_TRUE(scanner.scan());
    const auto created = *create();
    EXPECT_EQ(Json::parse(created.config)["token"], "********");
    const auto stored = db.value("SELECT config->>'token' FROM plugin_interfaces");
    EXPECT_TRUE(stored.starts_with("sealed:v1:")) << stored;
    EXPECT_EQ(
        db.value("SELECT count(*) FROM plugin_interfaces WHERE config::text LIKE '%hunter2%'"),
        "0");
    for (const auto* config : {R"({"port":26})", R"({"port":26,"token":"********"})"}) {
        ASSERT_TRUE(one.service.update_interface(boss, "x", {.config = config}));
        EXPECT_EQ(says(two), "first hun 26") << config;
    }
    ASSERT_TRUE(one.service.update_interface(boss, "x", {.config = R"({"token":"changed"})"}));
    EXPECT_EQ(says(two), "first cha 25");
    EXPECT_EQ(Json::parse(one.service.get_interface("x")->config)["token"], "********");
    const auto page = *one.service.list_interfaces({}, 1, 10);
    EXPECT_EQ(Json::parse(page.interfaces.at(0).config)["token"], "********");
}

TEST_F(Directory, who_changed_what_is_in_the_operation_log_and_no_secret) {
    write("notifier-x.rn", notifier("first"));
    ASSERT_TRUE(scanner.scan());
    const auto last = [&] {
        return db.value(
            "SELECT concat_ws(' ', action, actor_kind, object_id, request_id, changes) "
            "FROM operation_logs ORDER BY id DESC LIMIT 1");
    };
    ASSERT_TRUE(create());
    EXPECT_TRUE(last().starts_with("plugin_interface.create admin x request-1 ")) << last();
    const auto update = [&](const plugin::InterfaceEdit& edit) {
        EXPECT_TRUE(one.service.update_interface(boss, "x", edit)) << last();
        return last();
    };
    EXPECT_EQ(update({.enabled = false}),
              "plugin_interface.update admin x request-1 "
              R"({"enabled": {"after": "false", "before": "true"}})");
    EXPECT_EQ(update({.config = R"({"token":"another"})"}),
              "plugin_interface.update admin x request-1 "
              R"({"config.token": {"after": "********", "before": "********"}})");
    EXPECT_EQ(update({.config = R"({"port":26})"}),
              "plugin_interface.update admin x request-1 "
              R"({"config.port": {"after": "26", "before": ""}})");
    const auto edited = update({.script_source = notifier("second")});
    EXPECT_NE(edited.find(R"("script_source": {"after": ")"), std::string::npos) << edited;
    EXPECT_EQ(edited.find("config."), std::string::npos) << edited;
    // What is refused is not on record.
    const auto before = db.value("SELECT count(*) FROM operation_logs");
    EXPECT_FALSE(one.service.update_interface(boss, "x", {.config = R"({"port":0})"}));
    EXPECT_FALSE(one.service.delete_interface(boss, "no"));
    EXPECT_FALSE(create());
    EXPECT_EQ(db.value("SELECT count(*) FROM operation_logs"), before);
    ASSERT_TRUE(one.service.delete_interface(boss, "x"));
    EXPECT_TRUE(last().starts_with("plugin_interface.delete admin x request-1 ")) << last();
    EXPECT_EQ(db.value("SELECT count(*) FROM operation_logs WHERE changes::text ~ "
                       "'hunter2|another|sealed'"),
              "0");
}

TEST_F(Directory, a_configuration_that_breaks_a_rule_is_refused_by_field_and_rule) {
    write("notifier-x.rn", notifier("first"));
    ASSERT_TRUE(scanner.scan());
    const auto broken = [&](const std::string& config) { return create(config).error().message; };
    EXPECT_EQ(broken("{}"), "config.token: is required");
    EXPECT_EQ(broken(R"({"token":"abc"})"), "config.token: must have at least 4 characters");
    EXPECT_EQ(broken(R"({"token":"abcd","port":0})"), "config.port: must be a port, 1 to 65535");
    EXPECT_EQ(broken(R"({"token":"abcd","prot":1})"), "config.prot: is not known");
    EXPECT_EQ(broken(R"({"token":7})"), "config.token: must be of type string");
    EXPECT_EQ(broken("[]"), "config: must be a JSON object");
    EXPECT_EQ(one.service
                  .create_interface(boss, {.plugin_id = "no", .id = "y", .name = "Y", .config = ""})
                  .error()
                  .code,
              ErrorCode::not_found);
    EXPECT_EQ(one.service
                  .create_interface(
                      boss, {.plugin_id = "notifier-x", .id = "Y!", .name = "Y", .config = ""})
                  .error()
                  .field,
              "id");
    // Two words that payments use without any interface.
    for (const auto* taken : {"balance", "manual"}) {
        EXPECT_EQ(one.service
                      .create_interface(
                          boss, {.plugin_id = "notifier-x", .id = taken, .name = "Y", .config = ""})
                      .error()
                      .field,
                  "id")
            << taken;
    }
}

TEST_F(Directory, the_scanner_reports_what_does_not_load_and_keeps_the_last_good_source) {
    write("notifier-x.rn", notifier("first"));
    ASSERT_TRUE(scanner.scan());
    ASSERT_TRUE(create());
    write("notifier-x.rn", "pub fn manifest( {");
    write("notifier-y.rn", notifier("another id"));
    write("notes.txt", "not a plugin");
    const auto report = *scanner.scan();
    EXPECT_EQ(report.files, 2U);
    EXPECT_EQ(report.failed, 2U);
    EXPECT_TRUE(one.log.holds("warn plugin file does not load file=notifier-x.rn"));
    EXPECT_TRUE(one.log.holds("its manifest says it is notifier-x"));
    const auto listed = *one.service.list_plugins();
    ASSERT_EQ(listed.size(), 1U);
    EXPECT_NE(listed[0].definition.load_error.find("does not compile"), std::string::npos);
    EXPECT_EQ(says(one), "first hun 25");
    EXPECT_EQ(scanner.scan()->unchanged, 2U) << "an unchanged file costs a look";

    write("notifier-x.rn", notifier("mended"));
    fs::remove(folder / "notifier-y.rn");
    EXPECT_EQ(scanner.scan()->saved, 1U);
    EXPECT_EQ(one.service.list_plugins()->at(0).definition.load_error, "");
    EXPECT_EQ(says(two), "mended hun 25") << "nobody edited it, so it follows the file";
}

TEST_F(Directory, health_is_asked_recorded_and_remembered) {
    write("notifier-x.rn", notifier("fine"));
    ASSERT_TRUE(scanner.scan());
    ASSERT_TRUE(create());
    EXPECT_FALSE(one.directory.is_healthy("x"));
    EXPECT_EQ(one.directory.check_all(), 1U);
    EXPECT_TRUE(one.directory.is_healthy("x"));
    const auto row = *one.service.get_interface("x");
    EXPECT_TRUE(row.is_healthy);
    EXPECT_EQ(row.health_message, "fine hun 25");
    EXPECT_EQ(row.health_checked_at, one.clock.time);
    EXPECT_EQ(one.directory.check_health("no").error().code, ErrorCode::not_found);
}

// A checkout asks for the template: it must be there without a call to the provider.
TEST_F(Directory, Pain14_the_health_check_learns_the_template_that_checkouts_read) {
    write("provider-x.rn", R"(
pub fn manifest() {
    #{ id: "provider-x", "type": "FirstPartyProvider", name: "X", capabilities: ["health"],
       grants: #{ modules: ["kv"] } }
}
pub fn health(config) {
    #{ healthy: host::kv::get("down").is_none(), message: "" }
}
pub fn spec_template(config) {
    let asked = match host::kv::get("asked") { Some(text) => text.parse::<i64>()? + 1, None => 1 };
    host::kv::put("asked", asked.to_string());
    [#{ key: `field_${asked}`, field_type: "String" }]
}
)");
    ASSERT_TRUE(scanner.scan());
    ASSERT_TRUE(one.service.create_interface(
        boss,
        {.plugin_id = "provider-x", .id = "p", .name = "P", .config = "{}", .enabled = true}));
    const auto key = [&] {
        const auto fields = (*one.directory.find_provider("p"))->spec_template();
        return fields.has_value() ? fields->front().key : fields.error().message;
    };
    EXPECT_EQ(one.directory.check_all(), 1U);
    EXPECT_EQ(key(), "field_1");
    EXPECT_EQ(key(), "field_1");
    EXPECT_EQ(one.directory.check_all(), 1U);
    EXPECT_EQ(key(), "field_2");
    // One that is down is not asked, and its orders are checked by what is known.
    ASSERT_TRUE(one.kv.put("p", "down", "1").has_value());
    EXPECT_EQ(one.directory.check_all(), 1U);
    EXPECT_FALSE(one.directory.is_healthy("p"));
    EXPECT_EQ(key(), "field_2");
}

TEST_F(Directory, a_secret_stays_one_when_a_script_is_edited_to_show_it) {
    write("notifier-x.rn", notifier("first"));
    ASSERT_TRUE(scanner.scan());
    ASSERT_TRUE(create());
    // Whatever it says to people, the secret is blanked.
    auto loud = notifier("first");
    loud.replace(loud.find("config.token[0..3]"), 18, "config.token");
    ASSERT_TRUE(one.service.update_interface(boss, "x", {.script_source = loud}));
    EXPECT_EQ(one.service.check_health("x")->message, "first ******** 25");
    EXPECT_EQ(one.service.get_interface("x")->health_message, "first ******** 25");
    // A schema that stops calling it secret loses it.
    auto open = notifier("first");
    open.replace(open.find("secret: true, "), 14, "");
    const auto refused = one.service.update_interface(boss, "x", {.script_source = open});
    EXPECT_EQ(refused.error().field, "config.token");
    ASSERT_TRUE(one.service.update_interface(
        boss, "x", {.config = R"({"token":"typed anew"})", .script_source = open}));
    EXPECT_EQ(Json::parse(one.service.get_interface("x")->config)["token"], "typed anew");
    // The same by hand, past all checks: the script does not get the sealed text.
    ASSERT_TRUE(one.service.update_interface(
        boss, "x", {.config = R"({"token":"hunter2"})", .script_source = notifier("first")}));
    db.run(
        "UPDATE plugin_interfaces SET script_source = replace(script_source, "
        "'secret: true, ', '')");
    EXPECT_EQ(says(two), "0 notifiers");
    EXPECT_TRUE(two.log.holds("which the schema no longer says"));
    EXPECT_FALSE(two.log.holds("hunter2"));
}

TEST_F(Directory, a_configuration_that_no_schema_saw_harms_nothing) {
    write("notifier-x.rn", notifier("first"));
    ASSERT_TRUE(scanner.scan());
    EXPECT_EQ(create(R"({"token":"a\u0000bcd"})").error().field, "config.token");
    const std::string deep = R"({"token":)" + std::string(60'000, '[') + std::string(60'000, ']');
    EXPECT_EQ(create(deep + "}").error().message, "config: nests too deep");
    EXPECT_EQ(create(R"({"token":")" + std::string(200'000, 'x') + "\"}").error().message,
              "config: is larger than 128 KiB");
    EXPECT_EQ(one.service
                  .create_interface(boss, {.plugin_id = "notifier-x",
                                           .id = "x",
                                           .name = std::string("a\0b", 3),
                                           .config = R"({"token":"hunter2"})"})
                  .error()
                  .field,
              "name");
}

TEST_F(Directory, a_file_that_is_no_text_or_too_large_is_reported_and_the_others_load) {
    write("notifier-x.rn", notifier("first"));
    write("notifier-bytes.rn", notifier("first") + "// \xff");
    write("notifier-nul.rn", notifier("first") + "// " + std::string(1, '\0'));
    write("notifier-large.rn", std::string(plugin::script_source_bytes_max + 1, ' '));
    write("notifier-panic.rn", "pub fn manifest() { panic!(\"a\\0b\") }");
    write("\xff.rn", notifier("first"));
    auto nul = notifier("first");
    nul.replace(nul.find("name: \"X\""), 9, "name: \"a\\0b\"");
    write("notifier-name.rn", nul);
    const auto report = scanner.scan();
    ASSERT_TRUE(report.has_value()) << report.error().message;
    EXPECT_EQ(report->saved, 1U);
    EXPECT_EQ(report->failed, 6U);
    EXPECT_TRUE(one.log.holds("is no UTF-8 text"));
    EXPECT_TRUE(one.log.holds("is larger than 512 KiB"));
    ASSERT_TRUE(create());
    EXPECT_EQ(says(one), "first hun 25");
    EXPECT_EQ(
        one.service.update_interface(boss, "x", {.script_source = notifier("\xff")}).error().field,
        "script_source");
}

// Two servers of different releases share the database: the older file does not win it back.
TEST_F(Directory, an_older_file_leaves_a_newer_row) {
    write("notifier-x.rn", notifier("newer"));
    ASSERT_TRUE(scanner.scan());
    ASSERT_TRUE(create());
    const fs::path other = folder / "other";
    fs::create_directories(other);
    std::ofstream(other / "notifier-x.rn") << notifier("older");
    fs::last_write_time(other / "notifier-x.rn",
                        fs::file_time_type::clock::now() - std::chrono::hours(1));
    plugin::PluginScanner old_server(other, two.engine, two.definitions, two.log);
    const auto report = *old_server.scan();
    EXPECT_EQ(report.saved, 0U);
    EXPECT_EQ(report.unchanged, 1U);
    EXPECT_EQ(says(two), "newer hun 25");
    write("notifier-x.rn", notifier("newest"));
    EXPECT_EQ(scanner.scan()->saved, 1U);
    EXPECT_EQ(says(two), "newest hun 25");
}

TEST_F(Directory, every_shipped_plugin_and_no_template_is_found) {
    plugin::PluginScanner shipped("plugins", one.engine, one.definitions, one.log);
    const auto report = *shipped.scan();
    EXPECT_EQ(report.failed, 0U);
    EXPECT_EQ(report.saved, report.files);
    EXPECT_GE(report.files, 7U);
    for (const auto& view : *one.service.list_plugins()) {
        EXPECT_FALSE(view.capabilities.empty()) << view.definition.plugin_id;
    }
    plugin::PluginScanner templates("plugins/templates", one.engine, one.definitions, one.log);
    EXPECT_EQ(templates.scan()->files, 3U);
    for (const auto* id : {"gateway-example", "notifier-example", "provider-example"}) {
        const auto loaded =
            one.engine.load("", "", id, plugin_source(std::string("templates/") + id));
        EXPECT_TRUE(loaded.has_value()) << loaded.error().message;
    }
    EXPECT_EQ(one.directory.find_provider("no").error().code, ErrorCode::not_found);
}

TEST_F(Directory, tells_of_the_scan_at_each_start_and_then_only_of_changes) {
    write("notifier-x.rn", notifier("first"));
    ASSERT_TRUE(scanner.scan().has_value());
    plugin::PluginScanner next_start{folder, two.engine, two.definitions, two.log};
    const auto scans = [&] { return two.log.count("plugins scanned"); };
    ASSERT_TRUE(next_start.scan().has_value());
    EXPECT_EQ(scans(), 1);
    ASSERT_TRUE(next_start.scan().has_value());
    EXPECT_EQ(scans(), 1);
    write("notifier-x.rn", notifier("second"));
    ASSERT_TRUE(next_start.scan().has_value());
    EXPECT_EQ(scans(), 2);
}

TEST_F(Directory, knows_from_memory_whether_anybody_can_be_told) {
    write("notifier-x.rn", notifier("first"));
    ASSERT_TRUE(scanner.scan().has_value());
    // Unknown counts as yes.
    EXPECT_TRUE(two.directory.may_notify());
    ASSERT_TRUE(one.directory.refresh().has_value());
    ASSERT_TRUE(two.directory.refresh().has_value());
    EXPECT_FALSE(one.directory.may_notify());
    EXPECT_FALSE(two.directory.may_notify());

    // At once where it was enabled, elsewhere with the announcement.
    ASSERT_TRUE(create().has_value());
    EXPECT_TRUE(one.directory.may_notify());
    ASSERT_TRUE(two.directory.refresh().has_value());
    EXPECT_TRUE(two.directory.may_notify());

    ASSERT_TRUE(one.service.update_interface(boss, "x", {.enabled = false}).has_value());
    ASSERT_TRUE(one.directory.refresh().has_value());
    EXPECT_FALSE(one.directory.may_notify());
    ASSERT_TRUE(one.service.update_interface(boss, "x", {.enabled = true}).has_value());
    EXPECT_TRUE(one.directory.may_notify());
}

}  // namespace
}  // namespace rb::test
