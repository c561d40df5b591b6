#include "config/config_file.hpp"

#include "config/config_keys.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

namespace rb::config {
namespace {

Config valid() {
    Config config;
    config.db.url = "postgres://rustbill@localhost/rustbill";
    config.jwt.secret = std::string(32, 's');
    config.bootstrap.admin_password = "correct horse";
    return config;
}

// What applying `text` to the defaults is refused with; empty when it is taken.
std::string refusal(const std::string& text) {
    Config config;
    const auto applied = apply_toml(text, "config.toml", config);
    return applied.has_error() ? applied.error().message : std::string();
}

struct Line {
    const char* text;
    const char* refusal;
};

TEST(ConfigKeys, unknown_names_are_refused_with_the_nearest_known_one) {
    const Line lines[] = {
        {"[sever]\n", "config.toml: unknown section [sever]; did you mean [server]?"},
        {"[server]\nprot = 1\n",
         "config.toml: unknown key [server].prot; did you mean [server].port?"},
        {"[db]\nmax_conections = 1\n",
         "config.toml: unknown key [db].max_conections; did you mean [db].max_connections?"},
        {"[rate_limits]\nenabled = true\n",
         "config.toml: unknown section [rate_limits]; did you mean [rate_limit]?"},
        {"[server]\nzzzzzzzz = 1\n", "config.toml: unknown key [server].zzzzzzzz"},
        {"port = 1\n", "config.toml: unknown key port; did you mean [server].port?"},
        {"zzz = 1\n", "config.toml: unknown key zzz"},
        {"server = 1\n", "config.toml: [server] must be a section"},
    };
    for (const auto& line : lines) EXPECT_EQ(refusal(line.text), line.refusal) << line.text;
}

TEST(ConfigKeys, a_wrong_type_is_refused_with_the_right_one) {
    const Line lines[] = {
        {"[server]\nport = \"80\"\n",
         "config.toml: [server].port must be an integer from 0 to 65535"},
        {"[server]\nport = 80.0\n",
         "config.toml: [server].port must be an integer from 0 to 65535"},
        {"[server]\nhost = 1\n", "config.toml: [server].host must be a string"},
        {"[db]\ntest_before_acquire = 1\n",
         "config.toml: [db].test_before_acquire must be true or false"},
        {"[cors]\nallowed_origins = \"*\"\n",
         "config.toml: [cors].allowed_origins must be an array of strings"},
        {"[cors]\nallowed_origins = [1]\n",
         "config.toml: [cors].allowed_origins must be an array of strings"},
        {"[session]\ncookie_same_site = \"lax\"\n",
         "config.toml: [session].cookie_same_site must be one of Strict, Lax, None"},
    };
    for (const auto& line : lines) EXPECT_EQ(refusal(line.text), line.refusal) << line.text;
}

TEST(ConfigKeys, every_integer_is_taken_at_its_bounds_and_refused_past_them) {
    const auto set_to = [](const Key& key, std::int64_t value) {
        return refusal("[" + std::string(key.section) + "]\n" + std::string(key.name) + " = " +
                       std::to_string(value) + "\n");
    };
    Config scratch;
    for (const auto& key : all_keys()) {
        if (!std::holds_alternative<std::int64_t*>(key.slot(scratch))) continue;
        EXPECT_EQ(set_to(key, key.min), "") << key.display_name();
        EXPECT_EQ(set_to(key, key.max), "") << key.display_name();
        EXPECT_NE(set_to(key, key.min - 1), "") << key.display_name();
        EXPECT_NE(set_to(key, key.max + 1), "") << key.display_name();
    }
}

TEST(ConfigKeys, has_every_key_and_default_of_the_manual) {
    // Section, key, default, as chapter 2 prints them.
    const char* manual[][3] = {
        {"server", "host", "127.0.0.1"},
        {"server", "port", "50051"},
        {"server", "max_concurrency", "30"},
        {"server", "notify_email", ""},
        {"db", "url", ""},
        {"db", "max_connections", "20"},
        {"db", "min_connections", "2"},
        {"db", "idle_timeout_secs", "300"},
        {"db", "max_lifetime_secs", "1800"},
        {"db", "acquire_timeout_secs", "5"},
        {"db", "test_before_acquire", "true"},
        {"jwt", "secret", ""},
        {"jwt", "expiry_hours", "24"},
        {"session", "cookie_name", "rustbill_session"},
        {"session", "idle_timeout_minutes", "1440"},
        {"session", "absolute_timeout_hours", "168"},
        {"session", "cookie_secure", "false"},
        {"session", "cookie_same_site", "Lax"},
        {"bootstrap", "admin_username", "admin"},
        {"bootstrap", "admin_password", ""},
        {"rate_limit", "enabled", "true"},
        {"rate_limit", "login_per_sec", "5"},
        {"rate_limit", "register_per_sec", "1"},
        {"redis", "enabled", "false"},
        {"redis", "url", "redis://127.0.0.1:6379"},
        {"redis", "max_connections", "10"},
        {"redis", "prefix", "rustbill"},
        {"plugins", "plugins_dir", "./plugins"},
    };
    Config defaults;
    std::size_t found = 0;
    for (const auto& [section, name, value] : manual) {
        const auto* key = find_key(section, name);
        ASSERT_NE(key, nullptr) << section << "." << name;
        EXPECT_EQ(key->origin, Key::Origin::manual) << key->display_name();
        const auto slot = key->slot(defaults);
        if (const auto* text = std::get_if<std::string*>(&slot)) {
            EXPECT_EQ(**text, value) << key->display_name();
        }
        if (const auto* number = std::get_if<std::int64_t*>(&slot)) {
            EXPECT_EQ(std::to_string(**number), value) << key->display_name();
        }
        if (const auto* flag = std::get_if<bool*>(&slot)) {
            EXPECT_EQ(**flag ? "true" : "false", std::string(value)) << key->display_name();
        }
        ++found;
    }
    const auto of_manual = std::ranges::count_if(
        all_keys(), [](const Key& key) { return key.origin == Key::Origin::manual; });
    EXPECT_EQ(static_cast<std::size_t>(of_manual), found);
}

TEST(ConfigToml, a_syntax_error_is_placed) {
    EXPECT_EQ(refusal("[server]\nport = \n").substr(0, 14), "config.toml:2:");
}

TEST(ConfigToml, a_later_file_overrides_key_by_key_and_replaces_arrays) {
    Config config;
    ASSERT_FALSE(apply_toml("[server]\nport = 1\nhost = \"0.0.0.0\"\n"
                            "[cors]\nallowed_origins = [\"http://a\", \"http://b\"]\n",
                            "config.toml", config)
                     .has_error());
    ASSERT_FALSE(apply_toml("[server]\nport = 2\n[cors]\nallowed_origins = [\"http://c\"]\n",
                            "config.local.toml", config)
                     .has_error());
    EXPECT_EQ(config.server.port, 2);
    EXPECT_EQ(config.server.host, "0.0.0.0");
    EXPECT_EQ(config.cors.allowed_origins, std::vector<std::string>{"http://c"});
}

TEST(ConfigRules, what_is_missing_or_weak_is_refused_by_name) {
    struct Case {
        void (*spoil)(Config&);
        const char* begins;
    };
    const Case cases[] = {
        {[](Config& c) { c.db.url.clear(); }, "[db].url is not set"},
        {[](Config& c) { c.db.url = "mysql://x"; }, "[db].url must begin with postgres://"},
        {[](Config& c) { c.db.min_connections = 21; }, "[db].min_connections must not be above"},
        {[](Config& c) { c.jwt.secret.clear(); }, "[jwt].secret must have at least 32"},
        {[](Config& c) { c.jwt.secret = std::string(31, 's'); }, "[jwt].secret must have at least"},
        {[](Config& c) { c.jwt.secret = placeholder_secret; }, "[jwt].secret is still"},
        {[](Config& c) { c.bootstrap.admin_password.clear(); },
         "[bootstrap].admin_password is not set"},
        {[](Config& c) { c.bootstrap.admin_password = "1234567"; },
         "[bootstrap].admin_password is too weak"},
        {[](Config& c) { c.bootstrap.admin_username.clear(); },
         "[bootstrap].admin_username is empty"},
        {[](Config& c) { c.session.cookie_name = "a b"; }, "[session].cookie_name must be"},
        {[](Config& c) { c.session.cookie_same_site = "None"; },
         "[session].cookie_same_site = \"None\" needs"},
        {[](Config& c) { c.server.host.clear(); }, "[server].host is empty"},
        {[](Config& c) { c.server.public_url = "shop.example.com"; }, "[server].public_url must"},
        {[](Config& c) { c.server.public_url = "https://a/b"; }, "[server].public_url must"},
        {[](Config& c) { c.server.trusted_proxies = {"proxy"}; }, "[server].trusted_proxies: "},
        {[](Config& c) { c.cors.allowed_origins = {"shop"}; }, "[cors].allowed_origins: "},
        {[](Config& c) { c.redis = {.enabled = true, .url = "http://x"}; }, "[redis].url must"},
        {[](Config& c) { c.plugins.plugins_dir.clear(); }, "[plugins].plugins_dir is empty"},
        {[](Config& c) { c.plugins.secret_key = "short"; }, "[plugins].secret_key must have"},
    };
    ASSERT_FALSE(check_config(valid(), Need::server).has_error());
    for (const auto& [spoil, begins] : cases) {
        auto config = valid();
        spoil(config);
        const auto checked = check_config(config, Need::server);
        ASSERT_TRUE(checked.has_error()) << begins;
        EXPECT_TRUE(checked.error().message.starts_with(begins)) << checked.error().message;
    }
}

TEST(ConfigRules, a_password_that_would_be_read_as_a_host_is_refused_and_not_told) {
    const char* doubtful[] = {
        "postgres://u:hunter@2@h/d",   "postgres://u:p@hunter2:x@h:5432/d",
        "postgres://u:hunter/2@h/d",   "postgres://u:hunter2/d",
        "postgres://u:hunter2%zz@h/d", "postgres://u:hunter2%4",
        "postgres://u:p@[::1/hunter2", "postgres://u:hunter?2@h/d",
    };
    for (const auto* url : doubtful) {
        auto config = valid();
        config.db.url = url;
        for (const auto need : {Need::server, Need::database}) {
            const auto checked = check_config(config, need);
            ASSERT_TRUE(checked.has_error()) << url;
            EXPECT_TRUE(checked.error().message.starts_with("[db].url")) << url;
            EXPECT_EQ(checked.error().message.find("hunter"), std::string::npos) << url;
        }
    }
    const char* plain[] = {
        "postgres://localhost/d",
        "postgres://u:p%40ss@h:5432/d",
        "postgresql://u:p:q@h/d",
        "postgres://u@[::1]:5432/d",
        "postgres://u:p@h1:1,h2,[::1]/d?target_session_attrs=any",
        "postgres://u@%2Fvar%2Frun/d",
        "postgres:///d?host=/tmp/a@b",
        "postgres://h",
    };
    for (const auto* url : plain) {
        auto config = valid();
        config.db.url = url;
        EXPECT_FALSE(check_config(config, Need::server).has_error()) << url;
    }
}

TEST(ConfigRules, a_tool_needs_the_database_only) {
    Config config;
    config.db.url = "postgres://localhost/rustbill";
    EXPECT_FALSE(check_config(config, Need::database).has_error());
    EXPECT_TRUE(check_config(config, Need::server).has_error());
}

// A directory of its own, gone with the test.
class ConfigFiles : public testing::Test {
protected:
    ConfigFiles() {
        auto name = (std::filesystem::temp_directory_path() / "rb-config-XXXXXX").string();
        directory_ = mkdtemp(name.data());
    }
    ~ConfigFiles() override { std::filesystem::remove_all(directory_); }

    std::string write(const std::string& name, const std::string& text, unsigned mode = 0600) {
        const auto path = directory_ / name;
        std::ofstream(path) << text;
        std::filesystem::permissions(path, static_cast<std::filesystem::perms>(mode));
        return path.string();
    }
    Environment environment() {
        return [this](const char* name) -> std::optional<std::string> {
            const auto found = variables_.find(name);
            if (found == variables_.end()) return std::nullopt;
            return found->second;
        };
    }
    static std::string complete() {
        return "[db]\nurl = \"postgres://file/rustbill\"\n[jwt]\nsecret = \"" +
               std::string(32, 's') + "\"\n[bootstrap]\nadmin_password = \"correct horse\"\n" +
               "[cors]\nallowed_origins = [\"https://shop\"]\n";
    }

    std::filesystem::path directory_;
    std::map<std::string, std::string> variables_;
};

TEST_F(ConfigFiles, local_file_and_database_url_stand_over_the_main_file) {
    variables_["CONFIG_FILE"] = write("a.toml", complete() + "[server]\nport = 1\n");
    variables_["LOCAL_CONFIG_FILE"] = write("b.toml", "[server]\nport = 2\n");
    variables_["DATABASE_URL"] = "postgres://variable/rustbill";
    const auto loaded = load_config(environment(), Need::server);
    ASSERT_FALSE(loaded.has_error()) << loaded.error().message;
    EXPECT_EQ(loaded->config.server.port, 2);
    EXPECT_EQ(loaded->config.db.url, "postgres://variable/rustbill");
    EXPECT_TRUE(loaded->warnings.empty()) << loaded->warnings.front();
}

TEST_F(ConfigFiles, a_file_that_a_variable_names_must_exist) {
    variables_["CONFIG_FILE"] = (directory_ / "none.toml").string();
    EXPECT_EQ(load_config(environment(), Need::server).error().message,
              variables_["CONFIG_FILE"] + ": there is no such file, and CONFIG_FILE names it");
}

TEST_F(ConfigFiles, the_local_file_may_be_absent_though_named) {
    variables_["CONFIG_FILE"] = write("a.toml", complete());
    variables_["LOCAL_CONFIG_FILE"] = (directory_ / "none.toml").string();
    EXPECT_FALSE(load_config(environment(), Need::server).has_error());
}

TEST_F(ConfigFiles, a_directory_in_place_of_a_file_is_refused) {
    variables_["CONFIG_FILE"] = directory_.string();
    EXPECT_TRUE(load_config(environment(), Need::server).has_error());
}

TEST_F(ConfigFiles, a_file_that_others_may_read_is_warned_of) {
    variables_["CONFIG_FILE"] = write("a.toml", complete(), 0644);
    const auto loaded = load_config(environment(), Need::server);
    ASSERT_FALSE(loaded.has_error());
    ASSERT_EQ(loaded->warnings.size(), 1U);
    EXPECT_NE(loaded->warnings[0].find("chmod 600"), std::string::npos);
}

TEST_F(ConfigFiles, no_refusal_repeats_a_secret) {
    variables_["CONFIG_FILE"] =
        write("a.toml", "[db]\nurl = \"mysql://u:hunter2@h/d\"\n[jwt]\nsecret = \"hunter2\"\n");
    const auto loaded = load_config(environment(), Need::server);
    ASSERT_TRUE(loaded.has_error());
    EXPECT_EQ(loaded.error().message.find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace rb::config
