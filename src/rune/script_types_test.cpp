// Structs and enums a host declares, as scripts construct, match and pass them.

#include "rune/embed.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <tuple>
#include <vector>

namespace rb::rune {
namespace {

struct Point {
    std::int64_t x = 0;
    std::int64_t y = 0;
};
struct Line {
    Point from;
    Point to;
    std::optional<std::string> label;
};
enum class Status { open, paid };

}  // namespace

template <>
struct ScriptStruct<Point> {
    static constexpr auto members =
        std::tuple(script_member("x", &Point::x), script_member("y", &Point::y));
};
template <>
struct ScriptStruct<Line> {
    static constexpr auto members =
        std::tuple(script_member("from", &Line::from), script_member("to", &Line::to),
                   script_member("label", &Line::label));
};
template <>
struct ScriptEnum<Status> {
    static constexpr std::array variants = {
        std::pair<Status, std::string_view>(Status::open, "Open"),
        std::pair<Status, std::string_view>(Status::paid, "Paid")};
};

namespace {

std::shared_ptr<const Context> context_with(Module module, std::string* error = nullptr) {
    std::vector<Module> modules;
    modules.push_back(std::move(module));
    return Context::create({.modules = std::move(modules)}, error);
}

Module shop() {
    Module shop("shop");
    shop.type("Bill").fields({"id", "total"}).method("vat", [](Vm& vm, Value bill) {
        return vm.fields_of(bill)[1].integer / 5;
    });
    shop.type("Money").tuple_fields(2).protocol(Protocol::display, [](Vm& vm, Value money) {
        const auto fields = vm.fields_of(money);
        return std::to_string(fields[0].integer) + " " + vm.display(fields[1]);
    });
    shop.type("Nothing").unit();
    shop.type("State")
        .variant("Open")
        .tuple_variant("Late", 1)
        .named_variant("Closed", {"at", "by"})
        .function("late", [](Vm& vm, std::int64_t days) {
            const TypeInfo* type = vm.context().builtin("::shop::State");
            const Value payload = Value::of(days);
            return vm.make_struct(*vm.context().variant_shape(type->hash, 1), {&payload, 1});
        });
    shop.structure<Point>("Point").method("sum",
                                          [](const Point& point) { return point.x + point.y; });
    shop.structure<Line>("Line");
    shop.enumeration<Status>("Status");
    shop.function("mirror", [](Point point) { return Point{point.y, point.x}; });
    shop.function("back", [](Line line) {
        std::swap(line.from, line.to);
        return line;
    });
    shop.function(
        "pay", [](Status status) { return status == Status::open ? Status::paid : Status::open; });
    return shop;
}

std::string run(const std::string& body) {
    std::string error;
    const auto context = context_with(shop(), &error);
    if (context == nullptr) return "context: " + error;
    const Compilation compilation =
        compile({"s.rn", "use shop::*;\npub fn main() {\n" + body + "\n}"}, context);
    if (!compilation.ok()) return compilation.diagnostics[0].message;
    Vm vm(compilation.unit);
    const auto result = vm.call("main");
    return result.has_error() ? result.error().message : vm.debug(*result);
}

TEST(ScriptTypes, scripts_construct_every_form_of_a_host_struct) {
    EXPECT_EQ(run("let id = 7; Bill { id, \"total\": 10 }"), "shop::Bill {id: 7, total: 10}");
    EXPECT_EQ(run("[Money(1, \"EUR\"), Nothing]"), "[shop::Money (1, \"EUR\"), shop::Nothing]");
    EXPECT_EQ(run("let make = Money; make(2, \"USD\").1"), "\"USD\"");
    EXPECT_EQ(run("[shop::State::Open, State::Late(3), State::Closed { at: 1, by: 2 }]"),
              "[shop::State::Open, shop::State::Late (3), shop::State::Closed {at: 1, by: 2}]");
}

TEST(ScriptTypes, scripts_match_host_structs_and_variants) {
    const std::string text =
        "let words = [];\n"
        "for value in [State::Open, State::late(3), State::Closed { at: 1, by: \"me\" }, "
        "Bill { id: 5, total: 9 }, Money(4, \"EUR\"), Nothing, 8] {\n"
        "    words.push(match value {\n"
        "        State::Open => \"open\",\n"
        "        State::Late(days) if days > 9 => \"very late\",\n"
        "        State::Late(days) => `late ${days}`,\n"
        "        State::Closed { by, .. } => by,\n"
        "        Bill { id: 5, total } => `bill ${total}`,\n"
        "        Money(amount, ..) => `money ${amount}`,\n"
        "        Nothing => \"nothing\",\n"
        "        _ => \"other\",\n"
        "    });\n"
        "}\nwords";
    EXPECT_EQ(run(text),
              "[\"open\", \"late 3\", \"me\", \"bill 9\", \"money 4\", \"nothing\", \"other\"]");
}

TEST(ScriptTypes, they_behave_like_the_structs_of_a_script) {
    EXPECT_EQ(run("let b = Bill { id: 1, total: 10 }; b.total += 5; [b.vat(), b.total, b is Bill, "
                  "b == Bill { id: 1, total: 15 }, State::Late(1) < State::Late(2), "
                  "State::Open is State]"),
              "[3, 15, true, true, true, true]");
    EXPECT_EQ(run("`${Money(5, \"EUR\")}`"), "\"5 EUR\"");
    EXPECT_EQ(run("Bill { id: 1, total: 2 }.extra = 1"),
              "Field `extra` not available to set on `Bill`");
}

TEST(ScriptTypes, the_compiler_knows_their_fields) {
    EXPECT_EQ(run("Bill { id: 1 }"), "missing field `total` of `shop::Bill`");
    EXPECT_EQ(run("Bill { id: 1, total: 2, x: 3 }"), "`shop::Bill` has no field `x`");
    EXPECT_EQ(run("Money(1)"), "Wrong number of arguments 1, expected 2");
    EXPECT_EQ(run("match 1 { State::Late(a, b) => 1 }"), "this pattern has 2 items, expected 1");
    EXPECT_EQ(run("match 1 { Bill { id } => 1 }"),
              "this pattern must list all fields of `shop::Bill`");
    EXPECT_EQ(run("1 is State::Open"), "a variant is no type");
    EXPECT_EQ(run("State::Opn"), "no item `State::Opn`");
    EXPECT_EQ(run("State::Closed"), "this variant needs its fields");
}

TEST(ScriptTypes, structs_and_enums_of_cpp_cross_by_value) {
    EXPECT_EQ(run("mirror(Point { x: 1, y: 2 })"), "shop::Point {x: 2, y: 1}");
    EXPECT_EQ(run("Point { x: 4, y: 5 }.sum()"), "9");
    EXPECT_EQ(run("let p = Point { x: 1, y: 2 };\n"
                  "match back(Line { from: p, to: Point { x: 8, y: 9 }, label: Some(\"l\") }) {\n"
                  "    Line { from: Point { x, .. }, label: Some(text), .. } => [x, text, p.x]\n}"),
              "[8, \"l\", 1]");
    EXPECT_EQ(run("match pay(Status::Open) { Status::Paid => \"paid\", _ => \"?\" }"), "\"paid\"");
}

TEST(ScriptTypes, a_value_of_another_type_is_a_bad_argument) {
    EXPECT_EQ(run("mirror(1)"), "Bad argument #0: Expected type `Point` but found `i64`");
    EXPECT_EQ(run("mirror(Point { x: \"a\", y: 1 })"),
              "Bad argument #0: Expected type `i64` but found `String`");
    EXPECT_EQ(run("pay(Nothing)"), "Bad argument #0: Expected type `Status` but found `Nothing`");
}

TEST(ScriptTypes, a_layout_that_contradicts_itself_is_refused) {
    std::string error;
    Module both("both");
    both.type("T").fields({"a"}).variant("V");
    EXPECT_EQ(context_with(std::move(both), &error), nullptr);
    EXPECT_EQ(error, "the type ::both::T has more than one layout");
    Module twice("twice");
    twice.type("T").fields({"a", "a"});
    EXPECT_EQ(context_with(std::move(twice), &error), nullptr);
    EXPECT_EQ(error, "two fields of ::twice::T have one name");
    Module variants("variants");
    variants.type("T").variant("V").variant("V");
    EXPECT_EQ(context_with(std::move(variants), &error), nullptr);
    EXPECT_EQ(error, "two items have the path ::variants::T::V");
}

}  // namespace
}  // namespace rb::rune
