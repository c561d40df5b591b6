// Rune beside Lua 5.4 in the same run: bench/rune/programs/<row>.{rn,lua} compute the same number.
//
// A pair is one run of each, right after the other, each in a fresh machine; the ratio of a row is
// the median over the pairs, so that a busy moment of the machine hits both sides. Then: what it
// takes to compile a plugin of 500 lines and to call it the first time.
//
// Ends with 1 when a goal is missed.
//
//   usage: rune_bench [programs directory] [pairs]

#include "rune/embed.hpp"
#include "rune/modules/modules.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <lua.hpp>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace {

using namespace rb::rune;

struct LuaClose {
    void operator()(lua_State* state) const { lua_close(state); }
};
using Lua = std::unique_ptr<lua_State, LuaClose>;

[[noreturn]] void die(const std::string& why) {
    std::fprintf(stderr, "rune_bench: %s\n", why.c_str());
    std::exit(1);
}

std::string read(const std::string& path) {
    std::ifstream file(path);
    if (!file) die("cannot read " + path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

double milliseconds(const std::function<void()>& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
        .count();
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

std::shared_ptr<const Unit> compile_or_die(const std::string& name, const std::string& text,
                                           const std::shared_ptr<const Context>& context) {
    const Compilation compilation = compile({name, text}, context);
    if (!compilation.ok()) die(compilation.to_string());
    return compilation.unit;
}

std::int64_t run_rune(const std::shared_ptr<const Unit>& unit) {
    Vm vm(unit, {.limits = {.instructions = 1'000'000'000'000, .memory_bytes = 1U << 30}});
    const auto result = vm.call("main");
    if (result.has_error()) die(result.error().to_string());
    return result->integer;
}

Lua new_lua(const std::string& path) {
    Lua state(luaL_newstate());
    luaL_openlibs(state.get());
    if (luaL_dofile(state.get(), path.c_str()) != LUA_OK) die(lua_tostring(state.get(), -1));
    return state;
}

std::int64_t run_lua(lua_State* state) {
    lua_getglobal(state, "main");
    if (lua_pcall(state, 0, 1, 0) != LUA_OK) die(lua_tostring(state, -1));
    const std::int64_t result = lua_tointeger(state, -1);
    lua_pop(state, 1);
    return result;
}

// The row's ratio: how many times faster Rune is.
double bench_row(const std::string& directory, const std::string& row, int pairs,
                 const std::shared_ptr<const Context>& context) {
    const std::string base = directory + "/" + row;
    const auto unit = compile_or_die(row, read(base + ".rn"), context);
    std::vector<double> ratios;
    std::vector<double> rune_times;
    std::vector<double> lua_times;
    for (int pair = 0; pair < pairs; ++pair) {
        std::int64_t from_rune = 0;
        std::int64_t from_lua = 0;
        const Lua lua = new_lua(base + ".lua");
        rune_times.push_back(milliseconds([&] { from_rune = run_rune(unit); }));
        lua_times.push_back(milliseconds([&] { from_lua = run_lua(lua.get()); }));
        if (from_rune != from_lua) {
            die(row + ": Rune says " + std::to_string(from_rune) + ", Lua " +
                std::to_string(from_lua));
        }
        ratios.push_back(lua_times.back() / rune_times.back());
    }
    const double ratio = median(ratios);
    std::printf("%-10s %10.2f %10.2f %9.2fx\n", row.c_str(), median(rune_times), median(lua_times),
                ratio);
    return ratio;
}

// A plugin-like program of about `lines` lines.
std::string plugin_of(int lines) {
    std::string text =
        "use std::collections::HashMap;\n\nstruct Order { id, amount, currency, state "
        "}\n\n";
    for (int i = 0; i * 14 < lines; ++i) {
        const std::string n = std::to_string(i);
        text += "/// Signs the parameters of request " + n + ".\n" + "pub fn sign_" + n +
                "(params, secret) {\n" + "    let keys = params.keys().collect::<Vec>();\n" +
                "    keys.sort();\n" + "    let text = \"\";\n" + "    for key in keys {\n" +
                "        let value = params[key];\n" +
                "        if value == \"\" || key == \"sign\" { continue; }\n" +
                "        text += `${key}=${value}&`;\n" + "    }\n" +
                "    match json::to_string(#{ text, secret, order: Order { id: " + n +
                ", amount: 100, currency: \"CNY\", state: None }.id }) {\n" +
                "        Ok(body) => Ok(base64::encode(body.as_bytes())),\n" +
                "        Err(error) => Err(`request " + n + " failed: ${error}`),\n" + "    }\n}\n";
    }
    return text + "pub fn main() { sign_0(#{ b: \"1\", a: \"2\" }, \"s\").is_ok() }\n";
}

// What compiling the plugin takes, in milliseconds.
double bench_start(int pairs) {
    constexpr int plugin_lines = 500;
    const std::string text = plugin_of(plugin_lines);
    std::vector<double> contexts;
    std::vector<double> compiles;
    std::vector<double> calls;
    for (int i = 0; i < pairs * 5; ++i) {
        std::shared_ptr<const Context> context;
        std::shared_ptr<const Unit> unit;
        contexts.push_back(
            milliseconds([&] { context = Context::create({.modules = all_modules()}); }));
        compiles.push_back(milliseconds([&] { unit = compile_or_die("plugin", text, context); }));
        calls.push_back(milliseconds([&] {
            Vm vm(unit);
            if (vm.call("main").has_error()) die("the plugin failed");
        }));
    }
    std::printf("\nplugin of %td lines: compile %.3f ms, new machine and first call %.3f ms\n",
                std::count(text.begin(), text.end(), '\n'), median(compiles), median(calls));
    std::printf("context with all modules, once per process: %.3f ms\n", median(contexts));
    return median(compiles);
}

}  // namespace

int main(int argc, char** argv) {
    const std::string directory = argc > 1 ? argv[1] : "bench/rune/programs";
    int pairs = 11;
    if (argc > 2) std::from_chars(argv[2], argv[2] + std::strlen(argv[2]), pairs);
    pairs = std::max(pairs, 1);
    const auto context = Context::create({.modules = all_modules()});

    std::printf("%-10s %10s %10s %10s   (medians of %d pairs, " LUA_RELEASE ")\n", "row", "rune ms",
                "lua ms", "speed", pairs);
    double logarithms = 0;
    const std::vector<std::string> rows = {"calls", "loops", "strings", "maps", "methods", "json"};
    for (const std::string& row : rows) {
        logarithms += std::log(bench_row(directory, row, pairs, context));
    }
    const double mean = std::exp(logarithms / static_cast<double>(rows.size()));
    std::printf("%-10s %31.2fx\n", "geo. mean", mean);
    const double compile_ms = bench_start(pairs);
    // The goals: Lua's speed in the mean, and a plugin that is there before anybody notices.
    constexpr double speed_goal = 1.0;
    constexpr double compile_goal_ms = 2.0;
    return mean >= speed_goal && compile_ms < compile_goal_ms ? 0 : 1;
}
