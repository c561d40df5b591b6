#include "rune/vm.hpp"

#include "rune/bytecode/unit_data.hpp"
#include "rune/context.hpp"
#include "rune/json.hpp"
#include "rune/unit.hpp"
#include "rune/vm/heap.hpp"
#include "rune/vm/object_table.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

namespace rb::rune {
namespace {

std::shared_ptr<const Unit> build(std::string text) {
    static const auto context = Context::create({});
    auto compiled = compile({"t.rn", std::move(text)}, context);
    EXPECT_TRUE(compiled.ok()) << compiled.to_string();
    return compiled.unit;
}

// A limit ends the call with its own kind, and the same Vm answers the next call.
void expect_ends(Vm& vm, ErrorKind kind) {
    const auto ended = vm.call("main");
    ASSERT_TRUE(ended.has_error());
    EXPECT_EQ(ended.error().kind, kind) << ended.error().to_string();
    EXPECT_FALSE(ended.error().trace.empty());
}

constexpr const char* healthy = "pub fn healthy() { [1, 2].iter().map(|x| x * 2).sum::<i64>() } ";

TEST(Limits, the_instruction_budget_ends_an_endless_loop) {
    Vm vm(build("pub fn main() { loop {} }"), {.limits = {.instructions = 50'000}});
    expect_ends(vm, ErrorKind::budget);
    EXPECT_EQ(vm.instructions_left(), 0);
    // It is for the life of the Vm.
    EXPECT_EQ(vm.call("main").error().kind, ErrorKind::budget);
}

TEST(Limits, what_the_host_makes_between_calls_is_paid_by_the_next_call) {
    Vm vm(build("pub fn main(s) { s.len() }"), {.limits = {.instructions = 100}});
    const Root text(vm, vm.make_string(std::string(100'000, 'x')));
    const Value argument = text.get();
    EXPECT_EQ(vm.call("main", {&argument, 1}).error().kind, ErrorKind::budget);
}

TEST(Limits, the_budget_also_counts_recursion_and_work_in_natives) {
    for (const char* text : {
             "fn f(n) { if n > 0 { f(n - 1); f(n - 1); } } pub fn main() { f(100) }",
             "pub fn main() { (0..).iter().count() }",
             "pub fn main() { let v = [1]; loop { v.extend(v.clone()); v.clear(); v.push(1); } }",
             "pub fn main() { (0..).iter().map(|x| x).filter(|x| x < 0).next() }",
         }) {
        Vm vm(build(text), {.limits = {.instructions = 100'000}});
        expect_ends(vm, ErrorKind::budget);
    }
}

TEST(Limits, memory_ends_growth_of_every_kind_and_leaves_the_vm_usable) {
    for (const char* text : {
             "pub fn main() { let v = []; loop { v.push(v.len()); } }",
             "pub fn main() { let s = \"ab\"; loop { s += s; } }",
             "pub fn main() { let o = #{}; let i = 0; loop { o[`k${i}`] = i; i += 1; } }",
             "pub fn main() { let l = None; loop { l = Some(l); } }",
             "pub fn main() { Vec::with_capacity(1000000000) }",
             "pub fn main() { let s = \"ab\"; loop { s = s + s; } }",
             "pub fn main() { let s = \"ab\"; loop { s = format!(\"{s}{s}\"); } }",
             "pub fn main() { let s = \"ab\"; loop { s = s.replace(\"a\", \"aaaa\"); } }",
         }) {
        Vm vm(build(std::string(healthy) + text), {.limits = {.memory_bytes = 1U << 20}});
        expect_ends(vm, ErrorKind::memory);
        const auto after = vm.call("healthy");
        ASSERT_TRUE(after.has_value()) << text << after.error().to_string();
        EXPECT_EQ(after->integer, 6);
        EXPECT_LE(vm.memory_bytes(), 1U << 20);
    }
}

TEST(Limits, cells_of_one_size_after_the_other_stay_within_a_bound) {
    // Each size fills the heap with garbage and leaves a few values alive among it.
    Vm vm(build("pub fn main() { let alive = []; for n in 1..15 { let v = []; v.resize(n, 0);\n"
                "  let t = v.iter().collect::<Tuple>(); let all = [];\n"
                "  for i in 0..(1200000 / (32 + 16 * n)) { let c = clone(t); all.push(c);\n"
                "    if i % 9000 == 0 { alive.push(c); } } }\n"
                "  alive.len() }"),
          {.limits = {.memory_bytes = 4U << 20}});
    const auto result = vm.call("main");
    ASSERT_TRUE(result.has_value()) << result.error().to_string();
    EXPECT_LE(vm.heap().chunks_bytes(), 2 * (4U << 20) + (2U << 20));
    vm.collect_garbage();
    EXPECT_LE(vm.heap().chunks_bytes(), 4U << 20);
}

TEST(Limits, json_of_values_that_are_shared_does_not_outgrow_the_memory) {
    Vm vm(build("fn many(x) { let v = []; for i in 0..1000 { v.push(x); } v }\n"
                "pub fn main() { many(many(many(0))) }"),
          {.limits = {.instructions = 1'000'000'000, .memory_bytes = 4U << 20}});
    EXPECT_EQ(vm.call_json("main", {}).error().kind, ErrorKind::memory);
}

// Nothing is reclaimed: what the heap holds is what was allocated.
class NoRoots final : public Heap::RootSource {
    void trace_roots(Tracer&) override {}
    void look_at_time() override {}
};

TEST(Limits, an_object_stays_whole_when_memory_ends_in_the_middle_of_its_growth) {
    NoRoots roots;
    Heap heap(1U << 20, roots);
    auto* table = heap.make<TableObject>(Kind::object);
    const auto insert = [&](int number) {
        table_set(heap, *table, make_heap_key(heap, "key" + std::to_string(number)),
                  Value::of(std::int64_t{number}));
    };
    for (int i = 0; i < 16; ++i) insert(i);
    KeyObject* next = make_heap_key(heap, "next");
    // Room for the entries or for the index of the next size, not for both.
    const std::size_t ballast = (1U << 20) - heap.bytes() - 400;
    heap.account(ballast);
    EXPECT_THROW(table_set(heap, *table, next, {}), Raise);
    heap.discount(ballast);
    for (int i = 16; i < 100; ++i) insert(i);
    for (int i = 0; i < 100; ++i) {
        const std::string key = "key" + std::to_string(i);
        const std::uint32_t found = table_find(*table, key, key_hash(key));
        ASSERT_NE(found, not_found) << key;
        EXPECT_EQ(table->entries[found].value.integer, i);
    }
    EXPECT_EQ(table_find(*table, "next", key_hash("next")), not_found);
}

TEST(Limits, garbage_and_cycles_are_reclaimed) {
    Vm vm(build("pub fn main() { for i in 0..200000 { let a = #{}; let b = [a, `x${i}`]; a.b = b; "
                "} 1 }"),
          {.limits = {.memory_bytes = 4U << 20}});
    const auto result = vm.call("main");
    ASSERT_TRUE(result.has_value()) << result.error().to_string();
    vm.collect_garbage();
    EXPECT_LT(vm.memory_bytes(), 64U << 10);
}

TEST(Limits, a_collection_at_any_allocation_loses_nothing) {
    // A limit close to what is alive makes collections frequent.
    Vm vm(build("fn gen(a, b) { for i in 0..3 { yield [a, b, `${i}`]; } }\n"
                "pub fn main() { let n = 0; let f = gen;\n"
                "  for i in 0..20000 {\n"
                "    let a = `a${i}`; let all = f(a, [a]).iter().map(|v| "
                "v).enumerate().collect::<Vec>();\n"
                "    if (all[2]).1[0] == a && ((all[2]).1[1])[0] == a { n += 1; } }\n"
                "  n }"),
          {.limits = {.memory_bytes = 256U << 10}});
    const auto result = vm.call("main");
    ASSERT_TRUE(result.has_value()) << result.error().to_string();
    EXPECT_EQ(result->integer, 20000);
}

TEST(Limits, call_depth_ends_recursion_of_every_kind) {
    for (const char* text : {
             "fn f(n) { f(n + 1) + 1 } pub fn main() { f(0) }",
             "pub fn main() { let o = #{}; o.f = |o| (o.f)(o) + 1; (o.f)(o) }",
             "fn f(x) { [x].iter().map(f).collect::<Vec>() } pub fn main() { f(0) }",
             "fn g(n) { for x in g(n) { yield x; } } pub fn main() { for x in g(0) {} }",
             "async fn f() { f().await } pub async fn main() { f().await }",
         }) {
        Vm vm(build(std::string(healthy) + text));
        expect_ends(vm, ErrorKind::call_depth);
        EXPECT_TRUE(vm.call("healthy").has_value());
    }
}

TEST(Limits, values_nested_too_deep_are_refused_not_followed) {
    for (const char* text : {
             "pub fn main() { let v = []; v.push(v); format!(\"{:?}\", v) }",
             "pub fn main() { let v = []; v.push(v); let w = []; w.push(w); v == w }",
             "pub fn main() { let v = []; v.push(v); std::ops::hash(v) }",
             "pub fn main() { let l = (1,); for i in 0..1000 { l = (l,); } clone(l) }",
         }) {
        Vm vm(build(text));
        expect_ends(vm, ErrorKind::nesting);
    }
}

TEST(Limits, a_deadline_ends_the_script) {
    Vm vm(build(std::string(healthy) + "pub fn main() { loop {} }"),
          {.limits = {.instructions = 1'000'000'000'000,
                      .deadline = std::chrono::steady_clock::now()}});
    EXPECT_EQ(vm.call("main").error().kind, ErrorKind::deadline);
}

TEST(Limits, another_thread_cancels) {
    auto token = std::make_shared<CancellationToken>();
    std::atomic<bool> running = false;
    VmOptions options{.limits = {.instructions = 1'000'000'000'000, .cancellation = token}};
    options.print = [&](std::string_view) { running = true; };
    Vm vm(build("pub fn main() { print!(\"x\"); loop {} }"), std::move(options));
    std::thread canceller([&] {
        while (!running) std::this_thread::yield();
        token->cancel();
    });
    expect_ends(vm, ErrorKind::cancelled);
    canceller.join();
}

TEST(Vm, one_unit_runs_on_many_threads_each_with_its_own_state) {
    const auto unit = build(
        "static COUNT = 0; struct P { n }\n"
        "impl P { fn bump(self) { self.n += 1; self.n } }\n"
        "pub fn main(n) { let p = P { n: 0 }; let o = #{ last: 0 };\n"
        "  for i in 0..n { COUNT += 1; o.last = p.bump(); }\n"
        "  #{ count: COUNT, last: o.last, text: `${n}` } }");
    std::vector<std::thread> threads;
    std::atomic<int> right = 0;
    for (int i = 1; i <= 10; ++i) {
        threads.emplace_back([&, i] {
            for (int round = 0; round < 20; ++round) {
                Vm vm(unit);
                const auto result = vm.call_json("main", {i * 100});
                const nlohmann::ordered_json wanted = {
                    {"count", i * 100}, {"last", i * 100}, {"text", std::to_string(i * 100)}};
                if (result.has_value() && *result == wanted) ++right;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(right, 200);
}

TEST(Vm, an_error_carries_the_stack_of_the_script) {
    Vm vm(
        build("fn inner(v) {\n  v[10]\n}\npub fn main() {\n  [1].iter().map(|x| "
              "inner([x])).collect::<Vec>()\n}"));
    const auto failed = vm.call("main");
    ASSERT_TRUE(failed.has_error());
    const auto& trace = failed.error().trace;
    ASSERT_EQ(trace.size(), 3U);
    EXPECT_EQ(trace[0].function, "inner");
    EXPECT_EQ(trace[0].line, 2U);
    EXPECT_EQ(trace[2].function, "main");
    EXPECT_EQ(trace[2].line, 5U);
}

TEST(Vm, entries_are_checked) {
    Vm vm(build("pub fn main(a) { a } fn hidden() {}"));
    EXPECT_EQ(vm.call("hidden").error().kind, ErrorKind::missing_entry);
    EXPECT_EQ(vm.call("main").error().kind, ErrorKind::argument_count);
}

TEST(Vm, json_keeps_order_and_refuses_what_has_no_json_form) {
    Vm vm(build("pub fn main(v) { v } pub fn bad() { #{ f: |x| x } }"));
    const auto json = nlohmann::ordered_json::parse(
        R"({"z":1,"a":[true,null,1.5,"x"],"m":{"k":18446744073709551615}})");
    const auto back = vm.call_json("main", {json});
    ASSERT_TRUE(back.has_value()) << back.error().to_string();
    EXPECT_EQ(back->dump(), json.dump());
    EXPECT_EQ(vm.call_json("bad", {}).error().kind, ErrorKind::type_mismatch);
}

TEST(Vm, a_failed_iteration_leaves_no_borrow_behind) {
    Vm vm(
        build("static V = [1, 2];\n"
              "pub fn fail() { for x in V { x.nothing(); } }\n"
              "pub fn push() { V.push(3); V.len() }"));
    EXPECT_EQ(vm.call("fail").error().kind, ErrorKind::missing_method);
    const auto pushed = vm.call("push");
    ASSERT_TRUE(pushed.has_value()) << pushed.error().to_string();
    EXPECT_EQ(pushed->unsigned_integer, 3U);
}

TEST(Vm, waiting_for_nothing_is_an_error) {
    class Never final : public NativeFuture {
        std::optional<Value> poll(Vm&) override { return std::nullopt; }
    };
    Module module("host");
    module.async_function(
        "never", []() -> std::unique_ptr<NativeFuture> { return std::make_unique<Never>(); });
    std::vector<Module> modules;
    modules.push_back(std::move(module));
    const auto compiled = compile({"t.rn", "pub async fn main() { host::never().await }"},
                                  Context::create({.modules = std::move(modules)}));
    ASSERT_TRUE(compiled.ok()) << compiled.to_string();
    Vm vm(compiled.unit);
    EXPECT_EQ(vm.call("main").error().kind, ErrorKind::stalled);
}

}  // namespace
}  // namespace rb::rune
