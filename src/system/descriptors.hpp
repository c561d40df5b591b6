// How many files and sockets this process may have open.

#pragma once

#include <cstddef>

namespace rb::system {

// Raises the process's limit to `wanted`, or as far as its owner may; never lowers it. Service
// managers start programs with 1024 and let them take more. Answers what the limit is now. Once, at
// the start.
std::size_t allow_descriptors(std::size_t wanted);

}  // namespace rb::system
