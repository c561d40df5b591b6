#include "config/config_file.hpp"
#include "config/config_keys.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

namespace rb::config {
namespace {

std::string example() {
    std::ifstream file("config.example.toml");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

template <typename Value>
void expect_same(const Key& key, Slot from_example, Slot from_default) {
    if (const auto* value = std::get_if<Value*>(&from_example)) {
        EXPECT_EQ(**value, *std::get<Value*>(from_default)) << key.display_name();
    }
}

TEST(ConfigExample, loads_and_shows_the_default_of_every_key) {
    Config loaded;
    const auto applied = apply_toml(example(), "config.example.toml", loaded);
    ASSERT_FALSE(applied.has_error()) << applied.error().message;
    // The only value that is an example rather than the default.
    loaded.db.url.clear();

    Config defaults;
    for (const auto& key : all_keys()) {
        expect_same<std::string>(key, key.slot(loaded), key.slot(defaults));
        expect_same<std::int64_t>(key, key.slot(loaded), key.slot(defaults));
        expect_same<bool>(key, key.slot(loaded), key.slot(defaults));
        expect_same<std::vector<std::string>>(key, key.slot(loaded), key.slot(defaults));
    }
}

TEST(ConfigExample, names_every_key_once) {
    std::set<std::string> seen;
    std::string section;
    std::istringstream lines(example());
    for (std::string line; std::getline(lines, line);) {
        std::smatch match;
        if (std::regex_match(line, match, std::regex(R"(\[(\w+)\])"))) section = match[1];
        if (std::regex_match(line, match, std::regex(R"((\w+) = .*)"))) {
            EXPECT_TRUE(seen.insert("[" + section + "]." + match[1].str()).second) << line;
        }
    }
    for (const auto& key : all_keys()) {
        EXPECT_TRUE(seen.contains(key.display_name())) << key.display_name();
    }
    EXPECT_EQ(seen.size(), all_keys().size());
}

TEST(ConfigExample, starts_once_its_required_keys_are_filled_in) {
    Config config;
    ASSERT_FALSE(apply_toml(example(), "config.example.toml", config).has_error());
    EXPECT_EQ(check_config(config, Need::server).error().message,
              "[jwt].secret must have at least 32 characters: it signs what customers are let in "
              "by");
    config.jwt.secret = std::string(32, 's');
    config.bootstrap.admin_password = "correct horse";
    EXPECT_FALSE(check_config(config, Need::server).has_error());
}

}  // namespace
}  // namespace rb::config
