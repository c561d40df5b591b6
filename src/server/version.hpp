// The version of this build, from CMakeLists.txt.

#pragma once

namespace rb::server {

inline constexpr const char* version = RB_VERSION;

}  // namespace rb::server
