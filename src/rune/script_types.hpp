// C++ structs and enums as script structs and enums.
//
//   struct Point { std::int64_t x; std::int64_t y; };
//   enum class Status { open, paid };
//
//   template <>
//   struct rb::rune::ScriptStruct<Point> {
//       static constexpr auto members =
//           std::tuple(script_member("x", &Point::x), script_member("y", &Point::y));
//   };
//   template <>
//   struct rb::rune::ScriptEnum<Status> {
//       static constexpr std::array variants = {std::pair(Status::open, "Open"),
//                                               std::pair(Status::paid, "Paid")};
//   };
//
//   shop.structure<Point>("Point");       // scripts write and match `shop::Point { x, y }`
//   shop.enumeration<Status>("Status");   // and `shop::Status::Open`
//   shop.function("mirror", [](Point p) { return Point{p.y, p.x}; });
//
// Such values are copied at the border: a native gets a Point of its own, and what it returns is a
// new script value. A type whose identity matters, or that hides its content, is a Module::type.
// Enums whose variants carry values are declared with AnyTypeBuilder::tuple_variant and
// named_variant, and read through Vm::shape_of and Vm::fields_of.

#pragma once

#include <string_view>

namespace rb::rune {

template <typename T>
struct ScriptStruct;

template <typename T>
struct ScriptEnum;

template <typename Class, typename Field>
struct ScriptMember {
    std::string_view name;
    Field Class::*pointer;
};

template <typename Class, typename Field>
constexpr ScriptMember<Class, Field> script_member(std::string_view name, Field Class::*pointer) {
    return {name, pointer};
}

template <typename T>
concept IsScriptStruct = requires {
    ScriptStruct<T>::members;
};

template <typename T>
concept IsScriptEnum = requires {
    ScriptEnum<T>::variants;
};

}  // namespace rb::rune
