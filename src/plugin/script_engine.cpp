#include "plugin/script_engine.hpp"

#include "base/utf8.hpp"

#include "rune/embed.hpp"
#include "rune/modules/modules.hpp"

#include "plugin/call_outcome.hpp"
#include "plugin/config_secrets.hpp"
#include "plugin/encoding/text_encoding.hpp"
#include "plugin/host/call_state.hpp"
#include "plugin/host/host_modules.hpp"
#include "plugin/host/http_sending.hpp"
#include "plugin/host/module_names.hpp"
#include "plugin/limits.hpp"
#include "plugin/loaded_script.hpp"
#include "plugin/script_capabilities.hpp"

#include <algorithm>
#include <map>
#include <mutex>

namespace rb::plugin {

namespace {

using std::chrono::steady_clock;

constexpr std::string_view engine_log_target = "rustbill_server::plugin";

using ModuleNames = std::vector<std::string>;

Error bad_source(const std::string& text) {
    return invalid_field("script_source", text);
}

// Counts the running calls of one interface down when it goes.
class CallSlot {
public:
    CallSlot(std::mutex& mutex, std::map<std::string, int>& running, std::string interface_id)
        : mutex_(mutex), running_(running), interface_id_(std::move(interface_id)) {}
    CallSlot(const CallSlot&) = delete;
    CallSlot& operator=(const CallSlot&) = delete;
    ~CallSlot() {
        const std::lock_guard lock(mutex_);
        const auto found = running_.find(interface_id_);
        if (--found->second == 0) running_.erase(found);
    }

private:
    std::mutex& mutex_;
    std::map<std::string, int>& running_;
    std::string interface_id_;
};

// The error as it may leave: a script may have put into it whatever it knows, of any length, and
// what no row of the database can hold.
Error presentable(Error error, const std::vector<std::string>& secrets) {
    for (auto* text : {&error.message, &error.detail}) {
        *text = without_secrets(std::move(*text), secrets);
        text->resize(front_of(*text, error_text_bytes_max).size());
        std::ranges::replace(*text, '\0', ' ');
    }
    return error;
}

// What a script answered: #{ ok } or #{ err }, see answer_function.
rune::RunResult<Json> answer_of(rune::Vm& vm, const std::string& function,
                                const std::vector<Json>& arguments) {
    try {
        rune::RootVector values(vm);
        for (const auto& argument : arguments) {
            values.values.push_back(rune::from_json(vm, argument));
        }
        const auto answer = vm.call(function, values.values);
        if (answer.has_error()) return answer.error();
        const rune::Root kept(vm, *answer);
        const std::array wrapped{kept.get()};
        const auto sorted = vm.call(answer_function, wrapped);
        if (sorted.has_error()) return sorted.error();
        const rune::Root kept_sorted(vm, *sorted);
        if (const auto error = vm.get_field(*sorted, "err")) {
            if (const auto* failure = http_error_of(vm, *error)) {
                vm.set_field(*sorted, "err",
                             make_error_object(vm, failure->kind, failure->message));
            }
        }
        std::string why;
        auto json = rune::to_json(vm, kept_sorted.get(), why);
        if (!json) {
            return rune::RuntimeError{rune::ErrorKind::type_mismatch,
                                      "the answer has no JSON form: " + why};
        }
        return rune::RunResult<Json>(boost::system::in_place_value, std::move(*json));
    } catch (const rune::Raise& raised) {
        return rune::RuntimeError{raised.kind, raised.message};
    }
}

}  // namespace

ScriptLimits default_script_limits() {
    return {.instructions = script_instructions_max,
            .memory_bytes = script_memory_bytes_max,
            .deadline = script_deadline,
            .concurrent_calls = concurrent_calls_max};
}

class ScriptEngine::Impl {
public:
    Impl(ScriptWorld world, ScriptLimits limits) : world(world), limits(limits) {}

    struct Cached {
        std::string version;
        std::shared_ptr<const LoadedScript> script;
    };

    ScriptWorld world;
    const ScriptLimits limits;

    std::mutex mutex;
    // Guarded by mutex.
    std::map<std::string, Cached, std::less<>> cache;
    std::map<ModuleNames, std::shared_ptr<const rune::Context>> contexts;
    std::map<std::string, int> running;

    std::shared_ptr<const rune::Context> context_with(const ModuleNames& names);
    Result<std::shared_ptr<const LoadedScript>> compile(const std::string& file_name,
                                                        const std::string& source);
    Result<Manifest> manifest_from(const std::shared_ptr<const rune::Unit>& unit);
    bool take_slot(const std::string& interface_id);
    rune::VmOptions options_for(std::shared_ptr<CallState> state);
};

std::shared_ptr<const rune::Context> ScriptEngine::Impl::context_with(const ModuleNames& names) {
    const std::lock_guard lock(mutex);
    auto& context = contexts[names];
    if (context != nullptr) return context;
    rune::Context::Options options;
    for (const auto& name : names) {
        for (auto& module : host_modules(name)) options.modules.push_back(std::move(module));
    }
    // What reaches nothing outside the script nobody has to grant.
    options.modules.push_back(rune::json_module());
    options.modules.push_back(rune::base64_module());
    std::string problem;
    context = rune::Context::create(options, &problem);
    ASSERT(context != nullptr);
    return context;
}

Result<Manifest> ScriptEngine::Impl::manifest_from(const std::shared_ptr<const rune::Unit>& unit) {
    if (!rune::has_function(*unit, "manifest")) return bad_source("has no `pub fn manifest()`");
    rune::VmOptions options;
    options.limits.instructions = limits.instructions;
    options.limits.memory_bytes = limits.memory_bytes;
    options.limits.deadline = steady_clock::now() + manifest_deadline;
    options.host_state = std::make_shared<CallState>();
    rune::Vm vm(unit, std::move(options));
    const auto answer = answer_of(vm, "manifest", {});
    if (answer.has_error()) {
        return presentable(bad_source("manifest: " + answer.error().to_string()), {});
    }
    if (!answer->contains("ok")) return bad_source("manifest: answered an Err");
    auto manifest = read_manifest((*answer)["ok"]);
    if (manifest.has_error()) return bad_source("manifest: " + manifest.error().message);
    return manifest;
}

// Twice: with all modules to learn what the manifest asks for, then with exactly those, so that
// what is not granted does not exist for the script.
Result<std::shared_ptr<const LoadedScript>> ScriptEngine::Impl::compile(
    const std::string& file_name, const std::string& source) {
    if (source.size() > script_source_bytes_max) return bad_source("is larger than 512 KiB");
    if (source.empty()) return bad_source("is empty");
    // What is neither could be stored nowhere, not even its error.
    if (!is_utf8(source) || source.find('\0') != std::string::npos) {
        return bad_source("is no UTF-8 text");
    }
    const rune::Source text{file_name, with_answer_function(source)};
    const ModuleNames all(host_module_names.begin(), host_module_names.end());
    const auto wide = rune::compile(text, context_with(all));
    if (!wide.ok()) return bad_source("does not compile\n" + wide.to_string());
    auto manifest = TRY(manifest_from(wide.unit));
    const auto narrow = rune::compile(text, context_with(manifest.grants.modules));
    if (!narrow.ok()) {
        return bad_source("uses a host module its grants do not name\n" + narrow.to_string());
    }
    for (const auto& function : needed_functions(manifest.type, manifest.capabilities)) {
        if (!rune::has_function(*narrow.unit, function)) {
            return bad_source("has no `pub fn " + function + "`, which its capabilities need");
        }
    }
    return std::make_shared<const LoadedScript>(std::move(manifest), narrow.unit);
}

bool ScriptEngine::Impl::take_slot(const std::string& interface_id) {
    const std::lock_guard lock(mutex);
    auto& count = running[interface_id];
    if (count >= limits.concurrent_calls) return false;
    ++count;
    return true;
}

rune::VmOptions ScriptEngine::Impl::options_for(std::shared_ptr<CallState> state) {
    rune::VmOptions options;
    options.limits.instructions = limits.instructions;
    options.limits.memory_bytes = limits.memory_bytes;
    options.limits.deadline = state->deadline;
    // The machine keeps the state as long as it can print.
    options.print = [this, state = state.get()](std::string_view text) {
        if (++state->log_lines > log_lines_max) return;
        const auto line = without_secrets(std::string(text), state->secrets);
        world.log.debug(engine_log_target, front_of(line, log_line_bytes_max),
                        {{"plugin", state->plugin_id}, {"interface", state->interface_id}});
    };
    options.host_state = std::move(state);
    return options;
}

ScriptEngine::ScriptEngine(ScriptWorld world, ScriptLimits limits)
    : impl_(std::make_unique<Impl>(world, limits)) {}

ScriptEngine::~ScriptEngine() = default;

const core::Clock& ScriptEngine::clock() const {
    return impl_->world.clock;
}

Result<std::shared_ptr<const LoadedScript>> ScriptEngine::load(std::string_view cache_key,
                                                               std::string_view version,
                                                               const std::string& file_name,
                                                               const std::string& source) {
    if (!cache_key.empty()) {
        const std::lock_guard lock(impl_->mutex);
        const auto found = impl_->cache.find(cache_key);
        if (found != impl_->cache.end() && found->second.version == version) {
            return found->second.script;
        }
    }
    auto script = TRY(impl_->compile(file_name, source));
    if (!cache_key.empty()) {
        const std::lock_guard lock(impl_->mutex);
        impl_->cache.insert_or_assign(std::string(cache_key),
                                      Impl::Cached{std::string(version), script});
    }
    return script;
}

void ScriptEngine::evict(std::string_view cache_key) {
    const std::lock_guard lock(impl_->mutex);
    const auto found = impl_->cache.find(cache_key);
    if (found != impl_->cache.end()) impl_->cache.erase(found);
}

Result<Json> ScriptEngine::call(const ScriptCall& call) {
    const auto& manifest = call.script->manifest();
    CallFacts facts{.name = manifest.id + "." + call.function, .effect = call.effect};
    if (!rune::has_function(*call.script->unit(), call.function)) {
        return Error{ErrorCode::unsupported, facts.name + ": the plugin has no such function"};
    }
    if (!impl_->take_slot(call.interface_id)) {
        return Error{ErrorCode::plugin_failed,
                     facts.name + ": too many calls of " + call.interface_id + " at once"};
    }
    const CallSlot slot(impl_->mutex, impl_->running, call.interface_id);

    auto state = std::make_shared<CallState>();
    state->world = &impl_->world;
    state->plugin_id = manifest.id;
    state->interface_id = call.interface_id;
    state->policy = policy_of(manifest.grants, call.config);
    state->secrets = secret_texts(manifest.config_schema, call.config);
    state->libvirt_uris = libvirt_uris_of(manifest.grants, call.config);
    state->deadline = steady_clock::now() + std::min(call.deadline.value_or(impl_->limits.deadline),
                                                     impl_->limits.deadline);
    std::vector<Json> arguments{call.config};
    arguments.insert(arguments.end(), call.arguments.begin(), call.arguments.end());

    rune::Vm vm(call.script->unit(), impl_->options_for(state));
    auto answer = answer_of(vm, call.function, arguments);
    facts.may_have_acted = state->may_have_acted;
    if (answer.has_error()) {
        return presentable(error_of_stop(facts, answer.error()), state->secrets);
    }
    if (answer->contains("err")) {
        return presentable(error_of_answer(facts, (*answer)["err"]), state->secrets);
    }
    return as_result(std::move((*answer)["ok"]));
}

const Manifest& manifest_of(const LoadedScript& script) {
    return script.manifest();
}

bool has_script_function(const LoadedScript& script, std::string_view name) {
    return rune::has_function(*script.unit(), name);
}

}  // namespace rb::plugin
