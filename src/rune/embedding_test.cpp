// The engine as a host uses it, through embed.hpp alone.

#include "rune/embed.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace rb::rune {
namespace {

using Json = nlohmann::ordered_json;

std::shared_ptr<const Context> context_with(std::vector<Module> modules = {}) {
    std::string error;
    auto context = Context::create({.modules = std::move(modules)}, &error);
    EXPECT_TRUE(context) << error;
    return context;
}

std::shared_ptr<const Unit> compiled(const std::string& text,
                                     std::shared_ptr<const Context> context = context_with()) {
    const Compilation compilation = compile({"host.rn", text}, std::move(context));
    EXPECT_TRUE(compilation.ok()) << compilation.to_string();
    return compilation.unit;
}

Json call(Vm& vm, std::string_view path, const std::vector<Json>& arguments = {}) {
    const auto result = vm.call_json(path, arguments);
    if (result.has_error()) return "error: " + result.error().to_string();
    return *result;
}

ErrorKind error_of(Vm& vm, std::string_view path = "main") {
    const auto result = vm.call(path);
    EXPECT_TRUE(result.has_error());
    return result.has_error() ? result.error().kind : ErrorKind::panic;
}

TEST(RuneEmbedding, typed_functions_convert_their_arguments_and_results) {
    Module host("host");
    host.function("add", [](std::int64_t a, std::int64_t b) { return a + b; });
    host.function("count", [](std::string_view text) { return text.size(); });
    host.function("half", [](double x) { return x / 2; });
    host.function("flip", [](bool flag) { return !flag; });
    host.function("maybe", [](std::int64_t n) {
        return n > 0 ? std::optional(std::to_string(n)) : std::nullopt;
    });
    host.function("reverse", [](std::vector<std::int64_t> items) {
        return std::vector<std::int64_t>(items.rbegin(), items.rend());
    });
    host.function("check", [](std::int64_t n) -> Fallible<std::int64_t> {
        if (n < 0) return Failure{"below zero"};
        return n;
    });
    host.function("tree", [](Json json) {
        json["seen"] = true;
        return json;
    });
    std::vector<Module> modules;
    modules.push_back(std::move(host));
    Vm vm(
        compiled("pub fn main() {\n"
                 "    [host::add(1, 2), host::count(\"abc\") as i64, host::half(3.0), "
                 "host::flip(true), host::maybe(5).unwrap(), host::maybe(0).is_none(), "
                 "host::reverse([1, 2, 3]), host::check(-1).0, host::check(4).unwrap(), "
                 "host::tree(#{ a: [1] })]\n}",
                 context_with(std::move(modules))));
    EXPECT_EQ(call(vm, "main"),
              Json::parse(R"([3, 3, 1.5, false, "5", true, [3, 2, 1], "below zero", 4,
                              {"a": [1], "seen": true}])"));
}

TEST(RuneEmbedding, a_wrong_argument_ends_the_script_and_names_its_position) {
    Module host("host");
    host.function("small", [](std::uint8_t n) { return n; });
    std::vector<Module> modules;
    modules.push_back(std::move(host));
    Vm vm(
        compiled("pub fn text() { host::small(\"x\") }\npub fn big() { host::small(256) }\n"
                 "pub fn fits() { host::small(255) as i64 }\npub fn none() { host::small() }",
                 context_with(std::move(modules))));
    EXPECT_EQ(error_of(vm, "text"), ErrorKind::type_mismatch);
    EXPECT_EQ(error_of(vm, "none"), ErrorKind::argument_count);
    EXPECT_TRUE(vm.call("big").has_error());
    EXPECT_EQ(call(vm, "fits"), 255);
}

struct Counter {
    std::int64_t total = 0;
};

TEST(RuneEmbedding, a_host_type_has_methods_fields_and_operators) {
    Module host("host");
    host.type<Counter>("Counter")
        .function("new", [] { return Counter{}; })
        .method("inc", [](Counter& counter, std::int64_t by) { counter.total += by; })
        .field("total", [](Counter& counter) { return counter.total; })
        .setter("total", [](Counter& counter, std::int64_t value) { counter.total = value; })
        .protocol(Protocol::add, [](Counter& a, Counter& b) { return Counter{a.total + b.total}; })
        .protocol(Protocol::display, [](Counter& a) { return "#" + std::to_string(a.total); });
    std::vector<Module> modules;
    modules.push_back(std::move(host));
    Vm vm(
        compiled("use host::Counter;\n"
                 "pub fn main() {\n    let a = Counter::new();\n    a.inc(2);\n"
                 "    let b = Counter::new();\n    b.total = 5;\n    let c = a + b;\n"
                 "    [c.total, `${c}`, c is Counter, a.total]\n}",
                 context_with(std::move(modules))));
    EXPECT_EQ(call(vm, "main"), Json::parse(R"([7, "#7", true, 2])"));
}

TEST(RuneEmbedding, values_cross_as_json_in_both_directions) {
    Vm vm(compiled("pub fn main(v) { #{ got: v, kind: [v is Object, v.n is i64, v.f is f64] } }"));
    const Json input =
        Json::parse(R"({"n": 1, "f": 1.5, "s": "é", "list": [null, true], "o": {}})");
    const Json output = call(vm, "main", {input});
    EXPECT_EQ(output["got"], input);
    EXPECT_EQ(output["kind"], Json::parse("[true, true, true]"));
}

TEST(RuneEmbedding, a_missing_entry_and_a_wrong_count_are_errors_without_harm) {
    Vm vm(compiled("pub fn main(a) { a }\nfn private_one() { 1 }"));
    EXPECT_EQ(error_of(vm, "nowhere"), ErrorKind::missing_entry);
    EXPECT_EQ(error_of(vm, "private_one"), ErrorKind::missing_entry);
    EXPECT_EQ(error_of(vm, "main"), ErrorKind::argument_count);
    EXPECT_EQ(call(vm, "main", {Json(3)}), 3);
}

TEST(RuneEmbedding, one_unit_runs_on_many_threads_each_with_its_own_state) {
    const auto unit = compiled(
        "static N = 0;\n"
        "pub fn main(times) {\n    let words = #{};\n"
        "    for i in 0..times {\n        N += 1;\n"
        "        words.insert(`k${i % 10}`, [i]);\n    }\n"
        "    [N, words.len() as i64]\n}");
    std::atomic<int> wrong = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&, i] {
            for (int round = 0; round < 20; ++round) {
                Vm vm(unit);
                const int times = 100 + i;
                const auto result = vm.call_json("main", {Json(times)});
                if (result.has_error() || *result != Json::array({times, 10})) ++wrong;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0);
}

TEST(RuneEmbedding, each_limit_ends_with_its_own_error_and_leaves_the_machine_usable) {
    const auto unit = compiled(
        "pub fn fine() { let v = []; for i in 0..10 { v.push(i); } v.len() as i64 }\n"
        "pub fn spin() { loop {} }\n"
        "pub fn hoard() { let v = []; loop { v.push(\"text\" + \"more\"); } }\n"
        "pub fn dive() { dive() + 1 }\n");
    const auto past = std::chrono::steady_clock::now() + std::chrono::milliseconds(30);
    const auto token = std::make_shared<CancellationToken>();
    token->cancel();
    {
        Vm vm(unit, {.limits = {.memory_bytes = 1 << 20}});
        EXPECT_EQ(error_of(vm, "hoard"), ErrorKind::memory);
        EXPECT_EQ(call(vm, "fine"), 10);
        EXPECT_EQ(error_of(vm, "dive"), ErrorKind::call_depth);
        EXPECT_EQ(call(vm, "fine"), 10);
    }
    {
        Vm vm(unit, {.limits = {.instructions = 10'000}});
        EXPECT_EQ(call(vm, "fine"), 10);
        EXPECT_EQ(error_of(vm, "spin"), ErrorKind::budget);
        EXPECT_LE(vm.instructions_left(), 0);
    }
    {
        Vm vm(unit, {.limits = {.instructions = INT64_MAX, .deadline = past}});
        EXPECT_EQ(error_of(vm, "spin"), ErrorKind::deadline);
    }
    {
        Vm vm(unit, {.limits = {.instructions = INT64_MAX, .cancellation = token}});
        EXPECT_EQ(error_of(vm, "spin"), ErrorKind::cancelled);
    }
}

TEST(RuneEmbedding, another_thread_cancels_a_running_script) {
    const auto unit = compiled("pub fn main() { loop {} }");
    const auto token = std::make_shared<CancellationToken>();
    Vm vm(unit, {.limits = {.instructions = INT64_MAX, .cancellation = token}});
    std::thread other([&] { token->cancel(); });
    EXPECT_EQ(error_of(vm), ErrorKind::cancelled);
    other.join();
}

// What another thread answers, as an http client would.
class Mailbox final : public Waiter {
public:
    void wait(std::optional<std::chrono::steady_clock::time_point> until) override {
        std::unique_lock lock(mutex_);
        const auto ready = [&] { return !answers_.empty(); };
        if (until) {
            changed_.wait_until(lock, *until, ready);
        } else {
            changed_.wait(lock, ready);
        }
    }
    void answer(std::string text) {
        const std::lock_guard lock(mutex_);
        answers_.push_back(std::move(text));
        changed_.notify_one();
    }
    std::optional<std::string> take() {
        const std::lock_guard lock(mutex_);
        if (answers_.empty()) return std::nullopt;
        std::string text = std::move(answers_.front());
        answers_.erase(answers_.begin());
        return text;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> answers_;
};

class Answer final : public NativeFuture {
public:
    explicit Answer(Mailbox& mailbox) : mailbox_(mailbox) {}
    std::optional<Value> poll(Vm& vm) override {
        const auto text = mailbox_.take();
        return text ? std::optional(vm.make_string(*text)) : std::nullopt;
    }

private:
    Mailbox& mailbox_;
};

std::shared_ptr<const Context> mailbox_context(Mailbox& mailbox) {
    Module host("host");
    host.async_function("answer", [&mailbox]() -> std::unique_ptr<NativeFuture> {
        return std::make_unique<Answer>(mailbox);
    });
    std::vector<Module> modules;
    modules.push_back(std::move(host));
    return context_with(std::move(modules));
}

TEST(RuneEmbedding, an_async_host_function_is_awaited_through_the_hosts_waiter) {
    Mailbox mailbox;
    const auto unit = compiled(
        "async fn twice() { host::answer().await + host::answer().await }\n"
        "pub async fn main() { twice().await }",
        mailbox_context(mailbox));
    Vm vm(unit, {.waiter = &mailbox});
    std::thread other([&] {
        mailbox.answer("a");
        mailbox.answer("b");
    });
    EXPECT_EQ(call(vm, "main"), "ab");
    other.join();
}

TEST(RuneEmbedding, a_future_that_nobody_completes_is_an_error_not_a_hang) {
    Mailbox mailbox;
    const auto unit =
        compiled("pub async fn main() { host::answer().await }", mailbox_context(mailbox));
    {
        Vm vm(unit);
        EXPECT_EQ(error_of(vm), ErrorKind::stalled);
    }
    Vm vm(unit,
          {.limits = {.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(20)},
           .waiter = &mailbox});
    EXPECT_EQ(error_of(vm), ErrorKind::deadline);
}

TEST(RuneEmbedding, natives_call_back_into_the_script) {
    Module host("host");
    host.function("apply", [](Vm& vm, Value function, std::int64_t n) {
        const Value argument = Value::of(n);
        return vm.call_function(function, {&argument, 1});
    });
    host.function("fail", [](std::string_view why) { panic(why); });
    std::vector<Module> modules;
    modules.push_back(std::move(host));
    Vm vm(
        compiled("pub fn main() { let k = 10; host::apply(|n| n * k, 4) }\n"
                 "pub fn bad() {\n    host::apply(|n| host::fail(\"inner\"), 1)\n}",
                 context_with(std::move(modules))));
    EXPECT_EQ(call(vm, "main"), 40);
    const auto result = vm.call("bad");
    ASSERT_TRUE(result.has_error());
    EXPECT_EQ(result.error().message, "Panicked: inner");
    EXPECT_EQ(result.error().line(), 3U);
    EXPECT_EQ(call(vm, "main"), 40);
}

TEST(RuneEmbedding, memory_of_dropped_values_comes_back) {
    Vm vm(
        compiled("pub fn main() {\n    for i in 0..1000 {\n        let a = #{ i };\n"
                 "        a.me = a;\n        a.list = [a, \"text\", `${i}`];\n    }\n}"));
    EXPECT_EQ(call(vm, "main"), Json());
    vm.collect_garbage();
    const std::size_t once = vm.memory_bytes();
    for (int i = 0; i < 20; ++i) EXPECT_EQ(call(vm, "main"), Json());
    vm.collect_garbage();
    EXPECT_LE(vm.memory_bytes(), once);
}

TEST(RuneEmbedding, rooted_values_survive_collections) {
    Vm vm(
        compiled("pub fn make() { [\"kept\", #{ a: 1 }] }\npub fn churn() {\n"
                 "    for i in 0..10000 { let s = `x${i}`; }\n}"));
    const auto made = vm.call("make");
    ASSERT_TRUE(made.has_value());
    const Root root(vm, *made);
    EXPECT_EQ(call(vm, "churn"), Json());
    vm.collect_garbage();
    EXPECT_EQ(vm.debug(root.get()), "[\"kept\", {\"a\": 1}]");
}

TEST(RuneEmbedding, errors_carry_the_script_stack) {
    Vm vm(
        compiled("fn inner(d) {\n    1 / d\n}\n\nfn outer() { inner(0) }\n\npub fn main() {\n"
                 "    outer()\n}"));
    const auto result = vm.call("main");
    ASSERT_TRUE(result.has_error());
    const auto& trace = result.error().trace;
    ASSERT_EQ(trace.size(), 3U);
    EXPECT_EQ(trace[0].function, "inner");
    EXPECT_EQ(trace[0].line, 2U);
    EXPECT_EQ(trace[1].line, 5U);
    EXPECT_EQ(trace[2].line, 8U);
    EXPECT_EQ(trace[2].file, "host.rn");
}

TEST(RuneEmbedding, output_goes_where_the_host_says) {
    std::string output;
    VmOptions options;
    options.print = [&](std::string_view text) { output += text; };
    Vm vm(compiled("pub fn main() { print!(\"a{}\", 1); println!(\"b\"); }"), std::move(options));
    EXPECT_EQ(call(vm, "main"), Json());
    EXPECT_EQ(output, "a1b\n");
}

TEST(RuneEmbedding, a_context_without_stdio_has_no_print) {
    const auto context = Context::create({.stdio = false});
    EXPECT_FALSE(compile({"a.rn", "pub fn main() { println(\"x\"); }"}, context).ok());
    EXPECT_TRUE(compile({"a.rn", "pub fn main() { format!(\"x\") }"}, context).ok());
}

TEST(RuneEmbedding, a_script_sees_no_module_that_was_not_installed) {
    for (const char* path : {"time::sleep", "http::get", "fs::read_to_string", "process::Command",
                             "rand::rng", "std::fs::read", "std::env::var"}) {
        const std::string text = std::string("pub fn main() { ") + path + "(1) }";
        EXPECT_FALSE(compile({"a.rn", text}, context_with()).ok()) << path;
    }
}

TEST(RuneEmbedding, two_modules_cannot_define_one_name) {
    Module first("host");
    first.function("f", [] { return 1; });
    Module second("host");
    second.function("f", [] { return 2; });
    std::vector<Module> modules;
    modules.push_back(std::move(first));
    modules.push_back(std::move(second));
    std::string error;
    EXPECT_EQ(Context::create({.modules = std::move(modules)}, &error), nullptr);
    EXPECT_NE(error.find('f'), std::string::npos);
}

TEST(RuneEmbedding, the_host_lists_what_a_unit_offers) {
    const auto unit = compiled(
        "pub fn main(a, b) { a }\n#[test]\nfn t() {}\npub async fn go() {}\n"
        "mod m { pub fn inner() {} }");
    EXPECT_TRUE(has_function(*unit, "main"));
    EXPECT_TRUE(has_function(*unit, "m::inner"));
    EXPECT_FALSE(has_function(*unit, "nowhere"));
    bool saw_test = false;
    for (const UnitFunction& function : functions_of(*unit)) {
        EXPECT_EQ(function.parameters, function.path == "main" ? 2U : 0U) << function.path;
        EXPECT_EQ(function.is_async, function.path == "go") << function.path;
        if (function.path == "t") saw_test = function.is_test;
    }
    EXPECT_TRUE(saw_test);
}

}  // namespace
}  // namespace rb::rune
