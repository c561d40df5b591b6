// The operator at the command line, on a real database.

#include "cli/program.hpp"

#include "support/test_database.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

namespace rb::cli {
namespace {

using nlohmann::json;
using test::Schema;
using test::TestDatabase;

struct Answer {
    int code;
    std::string out;
    std::string err;
};

Answer run_on(const std::string& url, const std::vector<std::string>& words,
              const std::string& typed = "") {
    std::ostringstream out;
    std::ostringstream err;
    const int code =
        run_program(words, {.environment = [&](const char* name) -> std::optional<std::string> {
                                if (std::string_view(name) == "DATABASE_URL" && !url.empty())
                                    return url;
                                return std::nullopt;
                            },
                            .read_password = [&]() -> Result<std::string> { return typed; },
                            .out = out,
                            .err = err});
    return {.code = code, .out = out.str(), .err = err.str()};
}

TEST(CommandLine, explains_itself) {
    const auto help = run_on("", {"--help"});
    EXPECT_EQ(help.code, 0);
    for (const char* word : {"user", "plugin", "db", "ledger", "Examples:", "DATABASE_URL"}) {
        EXPECT_NE(help.out.find(word), std::string::npos) << word;
    }
    EXPECT_EQ(run_on("", {}).code, 2);
    EXPECT_EQ(run_on("", {"user"}).code, 2);
    EXPECT_EQ(run_on("", {"usr", "list"}).code, 2);
    EXPECT_EQ(run_on("", {"user", "create"}).code, 2);
}

TEST(CommandLine, says_what_is_wrong_when_there_is_no_database) {
    const auto answer = run_on("postgres://rustbill@127.0.0.1:1/rustbill", {"user", "list"});
    EXPECT_EQ(answer.code, 2);
    EXPECT_NE(answer.err.find("database"), std::string::npos) << answer.err;
    EXPECT_EQ(answer.out, "");
}

TEST(CommandLine, keeps_second_factors) {
    TestDatabase db;
    ASSERT_EQ(
        run_on(db.url(), {"user", "create", "--username", "boss", "--password", "pass123"}).code,
        0);
    db.run("INSERT INTO user_totp_secrets SELECT id, 'sealed', 1, now() FROM users");
    const auto cleared =
        run_on(db.url(), {"user", "factors", "clear", "--username", "boss", "--json"});
    EXPECT_EQ(cleared.code, 0) << cleared.err;
    const auto answer = json::parse(cleared.out);
    EXPECT_EQ(answer["totp_removed"], true);
    EXPECT_EQ(answer["passkeys_removed"], 0);
    EXPECT_EQ(db.value("SELECT count(*) FROM user_totp_secrets"), "0");

    const auto unknown =
        run_on(db.url(), {"user", "factors", "clear", "--username", "boss", "--type", "customer"});
    EXPECT_EQ(unknown.code, 2);
    EXPECT_NE(unknown.err.find("no such customer"), std::string::npos) << unknown.err;
    EXPECT_EQ(run_on(db.url(), {"user", "factors", "clear"}).code, 2);
    EXPECT_EQ(
        run_on(db.url(), {"user", "factors", "clear", "--username", "boss", "--type", "x"}).code,
        2);

    const auto policy = [&] {
        return db.value("SELECT admins_need_second_factor FROM sign_in_policy");
    };
    EXPECT_EQ(run_on(db.url(), {"user", "factors", "require", "on"}).code, 0);
    EXPECT_EQ(policy(), "t");
    EXPECT_EQ(run_on(db.url(), {"user", "factors", "require", "maybe"}).code, 2);
    EXPECT_EQ(policy(), "t");
    EXPECT_EQ(run_on(db.url(), {"user", "factors", "require", "off"}).code, 0);
    EXPECT_EQ(policy(), "f");
}

// Operations manual 5.1, to the letter.
TEST(CommandLine, creates_and_lists_users) {
    TestDatabase db;
    const auto created = run_on(db.url(), {"user", "create", "--username", "admin2", "--password",
                                           "pass123", "--role", "admin"});
    EXPECT_EQ(created.code, 0) << created.err;
    EXPECT_EQ(created.out.find("pass123"), std::string::npos);
    EXPECT_EQ(
        db.value("SELECT user_type || ' ' || role || ' ' || left(password_hash, 4) FROM users "
                 "WHERE username = 'admin2'"),
        "admin admin $2b$");
    EXPECT_EQ(db.value("SELECT actor_kind || ' ' || action FROM operation_logs"),
              "cli user.create");

    const auto typed =
        run_on(db.url(), {"user", "create", "--username", "shopper", "--role", "customer"},
               "a typed password");
    EXPECT_EQ(typed.code, 0) << typed.err;
    EXPECT_EQ(db.value("SELECT count(*) FROM memberships"), "1");

    const auto listed = run_on(db.url(), {"user", "list", "--json"});
    EXPECT_EQ(listed.code, 0);
    const auto users = json::parse(listed.out);
    ASSERT_EQ(users.size(), 2u);
    EXPECT_EQ(users[0]["username"], "admin2");
    EXPECT_EQ(users[0]["role"], "admin");
    EXPECT_EQ(users[1]["user_type"], "customer");
    EXPECT_FALSE(users[0].contains("password_hash"));
    EXPECT_EQ(
        json::parse(run_on(db.url(), {"--json", "user", "list", "--type", "customer"}).out).size(),
        1u);
    EXPECT_NE(run_on(db.url(), {"user", "list"}).out.find("admin2"), std::string::npos);
}

TEST(CommandLine, gives_a_new_password) {
    TestDatabase db;
    ASSERT_EQ(run_on(db.url(), {"user", "create", "--username", "boss"}, "the lost one").code, 0);
    const auto hash = [&] { return db.value("SELECT password_hash FROM users"); };
    const auto lost = hash();
    const auto typed =
        run_on(db.url(), {"user", "password", "--username", "boss", "--json"}, "the new one");
    EXPECT_EQ(typed.code, 0) << typed.err;
    EXPECT_EQ(json::parse(typed.out)["username"], "boss");
    EXPECT_EQ((typed.out + typed.err).find("the new one"), std::string::npos);
    const auto second = hash();
    EXPECT_NE(second, lost);
    EXPECT_EQ(
        run_on(db.url(), {"user", "password", "--username", "boss", "--password", "pass123"}).code,
        0);
    EXPECT_NE(hash(), second);

    const auto third = hash();
    const auto weak = run_on(db.url(), {"user", "password", "--username", "boss"}, "12345");
    EXPECT_EQ(weak.code, 2);
    EXPECT_NE(weak.err.find("password"), std::string::npos) << weak.err;
    const auto unknown = run_on(
        db.url(), {"user", "password", "--username", "boss", "--type", "customer"}, "pass123");
    EXPECT_EQ(unknown.code, 2);
    EXPECT_NE(unknown.err.find("no such customer"), std::string::npos) << unknown.err;
    EXPECT_EQ(run_on(db.url(), {"user", "password"}, "pass123").code, 2);
    EXPECT_EQ(hash(), third);
}

TEST(CommandLine, names_the_field_that_is_wrong_and_changes_nothing) {
    TestDatabase db;
    const auto create = [&](const std::string& name, const std::string& role,
                            const std::string& password) {
        return run_on(db.url(), {"user", "create", "--username", name, "--role", role}, password);
    };
    EXPECT_NE(create("a", "admin", "long enough").err.find("username"), std::string::npos);
    EXPECT_NE(create("admin2", "root", "long enough").err.find("role"), std::string::npos);
    EXPECT_NE(create("admin2", "admin", "12345").err.find("password"), std::string::npos);
    EXPECT_EQ(db.value("SELECT count(*) FROM users"), "0");
    EXPECT_EQ(create("admin2", "admin", "123456").code, 0);
    const auto again = create("ADMIN2", "admin", "long enough");
    EXPECT_EQ(again.code, 2);
    EXPECT_NE(again.err.find("username: is taken"), std::string::npos);
}

TEST(CommandLine, lists_plugins_and_interfaces) {
    TestDatabase db;
    db.run(
        "INSERT INTO plugins (plugin_type, plugin_id, name, version, script_source, source_hash) "
        "VALUES ('Gateway', 'gateway-banktransfer', 'Bank', '1.0', '', '')");
    db.run(
        "INSERT INTO plugin_interfaces (id, plugin_id, plugin_type, name, enabled) "
        "VALUES ('bank', 'gateway-banktransfer', 'Gateway', 'Our bank', true)");
    const auto answer = run_on(db.url(), {"plugin", "list", "--json"});
    ASSERT_EQ(answer.code, 0) << answer.err;
    const auto lists = json::parse(answer.out);
    EXPECT_EQ(lists["plugins"][0]["plugin_id"], "gateway-banktransfer");
    EXPECT_EQ(lists["interfaces"][0]["id"], "bank");
    EXPECT_EQ(lists["interfaces"][0]["enabled"], true);
    EXPECT_NE(run_on(db.url(), {"plugin", "list"}).out.find("Our bank"), std::string::npos);
}

TEST(CommandLine, tells_the_state_of_every_migration) {
    TestDatabase db;
    const auto good = run_on(db.url(), {"db", "status", "--json"});
    EXPECT_EQ(good.code, 0) << good.out << good.err;
    const auto lines = json::parse(good.out);
    ASSERT_GE(lines.size(), 9u);
    EXPECT_EQ(lines[0]["version"], 1);
    EXPECT_EQ(lines[0]["description"], "initial");
    EXPECT_EQ(lines[0]["checksum"].get<std::string>().size(), 96u);
    for (const auto& line : lines) EXPECT_EQ(line["state"], "applied");

    db.run("UPDATE _sqlx_migrations SET checksum = sha384('x') WHERE version = 2");
    db.run("UPDATE _sqlx_migrations SET success = false WHERE version = 3");
    db.run("DELETE FROM _sqlx_migrations WHERE version = 4");
    const auto bad = run_on(db.url(), {"db", "status", "--json"});
    EXPECT_EQ(bad.code, 1);
    const auto states = json::parse(bad.out);
    EXPECT_EQ(states[1]["state"], "changed");
    EXPECT_EQ(states[2]["state"], "failed");
    EXPECT_EQ(states[3]["state"], "pending");
}

TEST(CommandLine, finds_an_empty_database_behind) {
    TestDatabase db(Schema::empty);
    const auto answer = run_on(db.url(), {"db", "status"});
    EXPECT_EQ(answer.code, 1) << answer.err;
    EXPECT_NE(answer.out.find("pending"), std::string::npos);
}

TEST(CommandLine, verifies_the_ledger_and_names_the_row_that_is_wrong) {
    TestDatabase db;
    const auto good = run_on(db.url(), {"ledger", "verify", "--json"});
    EXPECT_EQ(good.code, 0) << good.err;
    EXPECT_EQ(json::parse(good.out)["ok"], true);

    db.run(
        "INSERT INTO customers (id, name, balance) "
        "VALUES ('01890000-0000-7000-8000-000000000001', 'Forged', 5)");
    const auto bad = run_on(db.url(), {"ledger", "verify", "--json"});
    EXPECT_EQ(bad.code, 1) << bad.out;
    const auto report = json::parse(bad.out);
    EXPECT_EQ(report["ok"], false);
    EXPECT_NE(report["row"].get<std::string>().find("01890000-0000-7000-8000-000000000001"),
              std::string::npos)
        << bad.out;
}

}  // namespace
}  // namespace rb::cli
