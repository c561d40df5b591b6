#include "config/config_file.hpp"

#include "config/config_keys.hpp"
#include "config/telemetry_environment.hpp"

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#include <sys/stat.h>
#include <toml++/toml.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

namespace rb::config {

namespace {

constexpr const char* default_file = "config.toml";
constexpr const char* default_local_file = "config.local.toml";

Error file_refused(std::string sentence) {
    return {ErrorCode::invalid_argument, std::move(sentence)};
}

std::string did_you_mean(const std::string& nearest) {
    return nearest.empty() ? std::string() : "; did you mean " + nearest + "?";
}

// Puts a TOML value where the key keeps it; answers the rule it broke, or nothing.
class Setter {
public:
    Setter(const Key& key, const toml::node& node) : key_(key), node_(node) {}

    std::string operator()(std::string* slot) const {
        const auto value = node_.value_exact<std::string>();
        if (!value) return "must be a string";
        if (!key_.words.empty() &&
            std::find(key_.words.begin(), key_.words.end(), *value) == key_.words.end()) {
            return "must be one of " + words();
        }
        *slot = *value;
        return {};
    }
    std::string operator()(std::int64_t* slot) const {
        const auto value = node_.value_exact<std::int64_t>();
        if (!value || *value < key_.min || *value > key_.max) {
            return "must be an integer from " + std::to_string(key_.min) + " to " +
                   std::to_string(key_.max);
        }
        *slot = *value;
        return {};
    }
    std::string operator()(bool* slot) const {
        const auto value = node_.value_exact<bool>();
        if (!value) return "must be true or false";
        *slot = *value;
        return {};
    }
    std::string operator()(std::vector<std::string>* slot) const {
        const auto* array = node_.as_array();
        if (array == nullptr) return "must be an array of strings";
        std::vector<std::string> values;
        for (const auto& element : *array) {
            const auto value = element.value_exact<std::string>();
            if (!value) return "must be an array of strings";
            values.push_back(*value);
        }
        *slot = std::move(values);
        return {};
    }

private:
    [[nodiscard]] std::string words() const {
        std::string list;
        for (const auto word : key_.words) list += (list.empty() ? "" : ", ") + std::string(word);
        return list;
    }
    const Key& key_;
    const toml::node& node_;
};

Result<> apply_section(const std::string& section, const toml::table& table,
                       const std::string& file_name, Config& config) {
    for (const auto& [name, node] : table) {
        const auto* key = find_key(section, name.str());
        if (key == nullptr) {
            const auto nearest = nearest_key(section, name.str());
            return file_refused(
                file_name + ": unknown key [" + section + "]." + std::string(name.str()) +
                did_you_mean(nearest.empty() ? "" : "[" + section + "]." + nearest));
        }
        const auto broken = std::visit(Setter(*key, node), key->slot(config));
        if (!broken.empty())
            return file_refused(file_name + ": " + key->display_name() + " " + broken);
    }
    return {};
}

Error unknown_at_top(const std::string& name, bool is_table, const std::string& file_name) {
    if (is_table) {
        const auto nearest = nearest_section(name);
        return file_refused(file_name + ": unknown section [" + name + "]" +
                            did_you_mean(nearest.empty() ? "" : "[" + nearest + "]"));
    }
    // A key above the first [section] line: the section was forgotten.
    for (const auto& key : all_keys()) {
        if (key.name == name) {
            return file_refused(file_name + ": unknown key " + name +
                                did_you_mean(key.display_name()));
        }
    }
    return file_refused(file_name + ": unknown key " + name);
}

Result<std::optional<std::string>> read_file(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        if (errno == ENOENT) return std::optional<std::string>();
        return file_refused(path + ": cannot be read: " + std::strerror(errno));
    }
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) return file_refused(path + ": cannot be read: " + std::strerror(errno));
    return std::optional<std::string>(std::move(text).str());
}

// The files hold the signing key and passwords (manual 11).
void warn_when_others_may_read(const std::string& path, std::vector<std::string>& warnings) {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0 && (status.st_mode & (S_IRGRP | S_IROTH)) != 0) {
        warnings.push_back(path + " holds secrets and others may read it; chmod 600 " + path);
    }
}

enum class Absence { allowed, refused_when_named };

// True when the file was there.
Result<bool> apply_file(const Environment& environment, const char* variable,
                        const char* default_path, Absence absence, Loaded& loaded) {
    const auto named = environment(variable);
    const auto path = named.value_or(default_path);
    const auto text = TRY(read_file(path));
    if (!text) {
        if (named && absence == Absence::refused_when_named) {
            return file_refused(path + ": there is no such file, and " + variable + " names it");
        }
        return false;
    }
    TRY(apply_toml(*text, path, loaded.config));
    warn_when_others_may_read(path, loaded.warnings);
    return true;
}

}  // namespace

Environment process_environment() {
    return [](const char* name) -> std::optional<std::string> {
        const auto* value = std::getenv(name);
        // A variable set to nothing is what shells and unit files make of an unset one.
        if (value == nullptr || *value == '\0') return std::nullopt;
        return std::string(value);
    };
}

Result<> apply_toml(std::string_view text, const std::string& file_name, Config& config) {
    const auto parsed = toml::parse(text, file_name);
    if (!parsed) {
        const auto& error = parsed.error();
        return file_refused(file_name + ":" + std::to_string(error.source().begin.line) + ":" +
                            std::to_string(error.source().begin.column) + ": " +
                            std::string(error.description()));
    }
    for (const auto& [name, node] : parsed.table()) {
        const std::string section(name.str());
        const auto* table = node.as_table();
        if (!is_section(section)) return unknown_at_top(section, table != nullptr, file_name);
        if (table == nullptr)
            return file_refused(file_name + ": [" + section + "] must be a section");
        TRY(apply_section(section, *table, file_name, config));
    }
    return {};
}

Result<Loaded> load_config(const Environment& environment, Need need) {
    Loaded loaded;
    const bool has_main = TRY(
        apply_file(environment, "CONFIG_FILE", default_file, Absence::refused_when_named, loaded));
    const bool has_local = TRY(
        apply_file(environment, "LOCAL_CONFIG_FILE", default_local_file, Absence::allowed, loaded));
    const auto database_url = environment("DATABASE_URL");
    if (database_url) loaded.config.db.url = *database_url;

    const bool url_is_enough = need == Need::database && database_url.has_value();
    if (!has_main && !has_local && !url_is_enough) {
        return file_refused(
            std::string(default_file) +
            ": there is no such file here; copy config.example.toml, or name one with "
            "CONFIG_FILE");
    }
    TRY(check_config(loaded.config, need));
    if (need == Need::server) loaded.config.telemetry = TRY(telemetry_from(environment));
    if (need == Need::server && loaded.config.cors.allowed_origins.empty()) {
        loaded.warnings.emplace_back(
            "[cors].allowed_origins is empty: pages of any origin may call this server, without "
            "cookies");
    }
    return loaded;
}

}  // namespace rb::config
