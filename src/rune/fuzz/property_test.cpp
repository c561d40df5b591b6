// Properties: the engine against independent models, on random input. A failure prints the seed and
// the smallest input that still fails.

#include "rune/embed.hpp"
#include "rune/fuzz/expression_model.hpp"
#include "rune/modules/modules.hpp"
#include "rune/syntax/source_format.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace rb::rune {
namespace {

using Json = nlohmann::ordered_json;
using model::Node;
using model::Op;
using model::Outcome;
using model::Parentheses;

const std::shared_ptr<const Context>& shared_context() {
    static const auto context = Context::create({.modules = all_modules()});
    return context;
}

std::shared_ptr<const Unit> compile_or_fail(const std::string& text) {
    const Compilation compilation = compile({"property.rn", text}, shared_context());
    if (!compilation.ok()) RC_FAIL(compilation.to_string());
    return compilation.unit;
}

Outcome run(const std::string& text) {
    Vm vm(compile_or_fail(text));
    const auto result = vm.call("main");
    if (result.has_error()) return result.error().kind;
    RC_ASSERT(result->tag == Tag::integer);
    return result->integer;
}

rc::Gen<std::int64_t> literals() {
    return rc::gen::weightedOneOf<std::int64_t>(
        {{6, rc::gen::inRange<std::int64_t>(-5, 70)},
         {2, rc::gen::arbitrary<std::int64_t>()},
         {1, rc::gen::element<std::int64_t>(INT64_MIN, INT64_MAX, 0, -1)}});
}

rc::Gen<std::shared_ptr<const Node>> expressions(int depth) {
    auto leaf = rc::gen::map(literals(), [](std::int64_t value) {
        return std::make_shared<const Node>(Node{.literal = value});
    });
    if (depth == 0) return leaf;
    const auto operators = rc::gen::element(Op::negate, Op::add, Op::sub, Op::mul, Op::div, Op::rem,
                                            Op::shl, Op::shr, Op::band, Op::bxor, Op::bor);
    const auto inner =
        rc::gen::map(rc::gen::tuple(operators, expressions(depth - 1), expressions(depth - 1)),
                     [](const auto& parts) {
                         const auto& [op, left, right] = parts;
                         return std::make_shared<const Node>(Node{
                             .op = op, .left = left, .right = op == Op::negate ? nullptr : right});
                     });
    return rc::gen::weightedOneOf<std::shared_ptr<const Node>>({{1, leaf}, {3, inner}});
}

// Constant operands, which the compiler may fold.
RC_GTEST_PROP(RuneProperties, expressions_evaluate_as_the_model_says, ()) {
    const auto node = *expressions(4);
    const std::string text = model::text_of(*node, Parentheses::all);
    RC_LOG(text);
    RC_ASSERT(run("pub fn main() { " + text + " }") == model::evaluate(*node));
}

// The parser must put the parentheses back where the table of precedences has them.
RC_GTEST_PROP(RuneProperties, precedence_needs_no_more_parentheses_than_the_table_says, ()) {
    const auto node = *expressions(4);
    const std::string text = model::text_of(*node, Parentheses::needed);
    RC_LOG(text);
    RC_ASSERT(run("pub fn main() { " + text + " }") == model::evaluate(*node));
}

// The same through variables, which nothing can fold.
RC_GTEST_PROP(RuneProperties, operations_on_variables_equal_those_on_constants, ()) {
    const auto op = *rc::gen::element(Op::add, Op::sub, Op::mul, Op::div, Op::rem, Op::shl, Op::shr,
                                      Op::band, Op::bxor, Op::bor);
    const auto left = std::make_shared<const Node>(Node{.literal = *literals()});
    const auto right = std::make_shared<const Node>(Node{.literal = *literals()});
    const Node node{.op = op, .left = left, .right = right};
    const std::string program = "fn calc(a, b) { a " + std::string(model::symbol_of(op)) +
                                " b }\npub fn main() { calc(" + std::to_string(left->literal) +
                                ", " + std::to_string(right->literal) + ") }";
    RC_LOG(program);
    RC_ASSERT(run(program) == model::evaluate(node));
}

RC_GTEST_PROP(RuneProperties, formatting_changes_no_meaning_and_is_stable, ()) {
    const auto node = *expressions(3);
    std::string text = "pub fn main() {\nlet x =\n" + model::text_of(*node, Parentheses::all) +
                       ";\n  {\n if true { x\n} else {\n0 }  \n}\n\n\n\n}";
    const std::vector<Source> sources = {{"property.rn", text}};
    DiagnosticSink sink(sources);
    const std::string once = format_source(text, sink);
    RC_ASSERT(!sink.has_errors());
    RC_ASSERT(format_source(once, sink) == once);
    RC_ASSERT(run(once) == model::evaluate(*node));
}

rc::Gen<std::string> texts() {
    return rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127));
}

// Children of one container: the whole grows with this to the power of the depth.
constexpr int children_max = 6;

rc::Gen<Json> json_values(int depth) {
    auto scalars = rc::gen::oneOf(
        rc::gen::map(rc::gen::arbitrary<std::int64_t>(), [](auto value) { return Json(value); }),
        rc::gen::map(rc::gen::arbitrary<bool>(), [](auto value) { return Json(value); }),
        rc::gen::map(rc::gen::arbitrary<double>(), [](auto value) { return Json(value); }),
        rc::gen::map(texts(), [](const auto& value) { return Json(value); }),
        rc::gen::just(Json()));
    if (depth == 0) return scalars;
    const auto arrays =
        rc::gen::map(rc::gen::resize(children_max,
                                     rc::gen::container<std::vector<Json>>(json_values(depth - 1))),
                     [](const auto& items) { return Json(items); });
    const auto objects =
        rc::gen::map(rc::gen::resize(children_max, rc::gen::container<std::map<std::string, Json>>(
                                                       texts(), json_values(depth - 1))),
                     [](const auto& fields) {
                         Json object = Json::object();
                         for (const auto& [key, value] : fields) object[key] = value;
                         return object;
                     });
    return rc::gen::oneOf(scalars, arrays, objects);
}

RC_GTEST_PROP(RuneProperties, json_survives_the_way_through_a_script, ()) {
    static const auto unit = compile_or_fail(
        "pub fn main(text) { json::to_string(json::from_string(text).unwrap()).unwrap() }\n"
        "pub fn same(v) { v }");
    const Json json = *json_values(3);
    Vm vm(unit);
    const auto text = vm.call_json("main", {Json(json.dump())});
    RC_ASSERT(text.has_value());
    RC_ASSERT(Json::parse(text->get<std::string>()) == json);
    const auto same = vm.call_json("same", {json});
    RC_ASSERT(same.has_value());
    RC_ASSERT(*same == json);
}

RC_GTEST_PROP(RuneProperties, sort_is_stable_and_complete, (const std::vector<std::int8_t>& keys)) {
    static const auto unit = compile_or_fail(
        "pub fn main(keys) {\n"
        "    let v = keys.iter().enumerate().map(|(i, k)| [k, i]).collect::<Vec>();\n"
        "    v.sort_by(|a, b| a[0].cmp(b[0]));\n"
        "    v\n}");
    std::vector<std::pair<std::int64_t, std::size_t>> expected;
    for (const auto key : keys) expected.emplace_back(key, expected.size());
    std::stable_sort(expected.begin(), expected.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    Vm vm(unit);
    const auto sorted = vm.call_json("main", {Json(keys)});
    RC_ASSERT(sorted.has_value());
    RC_ASSERT(*sorted == (expected.empty() ? Json::array() : Json(expected)));
}

// One of Object and HashMap after the same random insertions and removals as a model.
void check_map(const std::string& make) {
    const auto steps = *rc::gen::container<std::vector<std::pair<int, bool>>>(
        rc::gen::pair(rc::gen::inRange(0, 12), rc::gen::arbitrary<bool>()));
    const auto unit = compile_or_fail(
        "pub fn main(steps) {\n"
        "    let map = " +
        make +
        ";\n"
        "    let n = 0;\n"
        "    for [key, add] in steps {\n"
        "        if add { map.insert(`k${key}`, n); } else { map.remove(`k${key}`); }\n"
        "        n += 1;\n"
        "    }\n"
        "    [map.len() as i64, map.iter().map(|(k, v)| [k, v]).collect::<Vec>()]\n}");
    std::vector<std::pair<std::string, std::int64_t>> expected;
    std::int64_t n = 0;
    for (const auto& [number, add] : steps) {
        const std::string key = "k" + std::to_string(number);
        const auto at = std::find_if(expected.begin(), expected.end(),
                                     [&](const auto& one) { return one.first == key; });
        if (!add && at != expected.end()) expected.erase(at);
        if (add && at != expected.end()) at->second = n;
        if (add && at == expected.end()) expected.emplace_back(key, n);
        ++n;
    }
    Vm vm(unit);
    const auto result = vm.call_json("main", {Json(steps)});
    RC_ASSERT(result.has_value());
    RC_ASSERT((*result)[0] == Json(expected.size()));
    RC_ASSERT((*result)[1] == (expected.empty() ? Json::array() : Json(expected)));
}

RC_GTEST_PROP(RuneProperties, object_keeps_what_the_model_keeps_in_its_order, ()) {
    check_map("#{}");
}

RC_GTEST_PROP(RuneProperties, hash_map_keeps_what_the_model_keeps_in_its_order, ()) {
    check_map("std::collections::HashMap::new()");
}

}  // namespace
}  // namespace rb::rune
