// ScriptEngine: from the source of a plugin to answers of its functions.
//
//   engine.load(key, "provider-incus.rn", source)   compiles, or takes from the cache
//   engine.call(call)                               runs one function in a fresh, limited Vm
//
// A script sees only the host modules its manifest is granted. Every call has a budget of
// instructions, a memory limit and a deadline, and an interface has a bounded number of calls at
// once, so a slow or hostile plugin harms its own calls only.
//
// Thread-safe. What is loaded is immutable and outlives its eviction: a call that runs while a
// script is edited finishes on the version it began with.

#pragma once

#include "base/result.hpp"

#include "core/plugin/plugin_kv_store.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/log.hpp"
#include "core/ports/random_source.hpp"

#include "plugin/http/http_client.hpp"
#include "plugin/json.hpp"
#include "plugin/manifest.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rb::plugin {

class LibvirtClient;

// A compiled script and what it said of itself.
class LoadedScript;

// Whether host::smtp may connect to the servers a plugin is granted.
enum class Mail { sent, refused };

// The outside world as scripts reach it. All must outlive the engine.
struct ScriptWorld {
    core::Log& log;
    core::Clock& clock;
    core::RandomSource& random;
    core::PluginKvStore& kv;
    HttpClient& http;
    LibvirtClient& libvirt;
    Mail mail = Mail::sent;
};

struct ScriptLimits {
    std::int64_t instructions;
    std::size_t memory_bytes;
    std::chrono::milliseconds deadline;
    // Calls of one interface at once; more are turned away as plugin_failed.
    int concurrent_calls;
};
// From limits.hpp.
ScriptLimits default_script_limits();

// Whether a call may change something outside: decides what a lost answer means.
enum class CallEffect { none, changes };

struct ScriptCall {
    std::shared_ptr<const LoadedScript> script;
    // Keys kv, concurrency and log lines.
    std::string interface_id;
    // With secrets in clear; what "config:FIELD" grants look at.
    Json config = Json::object();
    std::string function;
    std::vector<Json> arguments = {};
    CallEffect effect = CallEffect::none;
    // Shorter than the engine's own.
    std::optional<std::chrono::milliseconds> deadline = {};
};

class ScriptEngine {
public:
    explicit ScriptEngine(ScriptWorld world, ScriptLimits limits = default_script_limits());
    ~ScriptEngine();
    ScriptEngine(const ScriptEngine&) = delete;
    ScriptEngine& operator=(const ScriptEngine&) = delete;

    // The script of `cache_key` at `version`, compiled now or before. An older version in the cache
    // is replaced. With an empty key nothing is cached.
    // ERRORS: invalid_argument  field "script_source": it does not compile (with file, line and
    //                           column), has no manifest, or its manifest is wrong
    Result<std::shared_ptr<const LoadedScript>> load(std::string_view cache_key,
                                                     std::string_view version,
                                                     const std::string& file_name,
                                                     const std::string& source);
    // Drops what is cached under the key (manual 13); running calls go on.
    void evict(std::string_view cache_key);

    // Runs `function(config, arguments…)` and gives its answer.
    // ERRORS: as core/plugin/plugin_call.hpp
    Result<Json> call(const ScriptCall& call);

    // The world's, for what keeps an answer for a while.
    [[nodiscard]] const core::Clock& clock() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

const Manifest& manifest_of(const LoadedScript& script);
// Whether the script has that public function.
bool has_script_function(const LoadedScript& script, std::string_view name);

}  // namespace rb::plugin
