// The modules every Context has: the language's own types and their functions. One source file for
// each group of them.

#pragma once

#include "rune/context.hpp"

#include <vector>

namespace rb::rune {

// In the order of installation. `stdio`: print, println and dbg.
std::vector<Module> standard_modules(bool stdio);

// The parts.
void add_core(std::vector<Module>& modules, bool stdio);
void add_numbers(std::vector<Module>& modules);
void add_characters(std::vector<Module>& modules);
void add_strings(std::vector<Module>& modules);
void add_bytes(std::vector<Module>& modules);
void add_vectors(std::vector<Module>& modules);
void add_objects(std::vector<Module>& modules);
void add_variants(std::vector<Module>& modules);
void add_iterators(std::vector<Module>& modules);
void add_ranges(std::vector<Module>& modules);
void add_coroutines(std::vector<Module>& modules);
// eq, cmp, clone … as methods of the standard types.
void add_relations(std::vector<Module>& modules);

}  // namespace rb::rune
