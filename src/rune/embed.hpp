// The Rune language engine, for embedding. This header is all a host needs.
//
//   using namespace rb::rune;
//   Module shop("shop");
//   shop.function("vat", [](std::int64_t net) { return net / 5; });
//   auto context = Context::create({.modules = {std::move(shop)}});      // once; shared
//
//   auto compiled = compile({"hello.rn", "pub fn main(n) { shop::vat(n) }"}, context);
//   if (!compiled.ok()) std::cerr << compiled.to_string();
//
//   Vm vm(compiled.unit, {.limits = {.instructions = 1'000'000}});       // one execution's state
//   auto result = vm.call_json("main", {100});
//   if (result.has_error()) std::cerr << result.error().to_string();
//   else std::cout << *result;                                           // 20
//
// Ownership and threads: a Context and a Unit are immutable and shared; a Vm and its Values stay on
// one thread at a time. Whatever ends a call early (any ErrorKind) leaves the Vm usable: its frames
// are gone, its heap and statics stay. The budget is for the life of the Vm.
//
// What a module may offer (context.hpp): functions and constants, opaque types with methods, fields
// and operators, structs and enums that scripts construct and match (also from C++ ones, see
// script_types.hpp), macros and attribute macros (macro.hpp).
//
// Async: a native that returns a std::unique_ptr<NativeFuture> is awaited by the script; when
// nothing can progress, the Vm asks the host's Waiter to block. An async entry is driven to its end
// by call().

#pragma once

#include "rune/const_value.hpp"
#include "rune/context.hpp"
#include "rune/convert.hpp"
#include "rune/diagnostics.hpp"
#include "rune/json.hpp"
#include "rune/limits.hpp"
#include "rune/macro.hpp"
#include "rune/native.hpp"
#include "rune/runtime_error.hpp"
#include "rune/script_types.hpp"
#include "rune/shape.hpp"
#include "rune/unit.hpp"
#include "rune/value.hpp"
#include "rune/vm.hpp"
