// The modules around the language that a host may install, one function each. None reaches files,
// processes or the network; time and rand read the machine's clock and random source, so a host
// grants them by installing them.
//
//   auto context = Context::create({.modules = {json_module(), base64_module()}});

#pragma once

#include "rune/context.hpp"

#include <vector>

namespace rb::rune {

// json: from_string, from_bytes, to_string, to_bytes. Objects keep their order.
Module json_module();
// toml: the same four.
Module toml_module();
// base64: encode, decode; the standard alphabet, padded.
Module base64_module();
// time: Duration, Instant, Interval, sleep, interval. A monotonic clock, no wall clock.
Module time_module();
// rand: seedable generators, the machine's random source.
Module rand_module();

// All of the above.
std::vector<Module> all_modules();

}  // namespace rb::rune
