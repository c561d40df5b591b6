// The host modules a manifest may ask for. Scripts see each as `host::<name>`.

#pragma once

#include <array>
#include <string_view>

namespace rb::plugin {

inline constexpr std::array<std::string_view, 9> host_module_names{
    "crypto", "encoding", "grpc_web", "http", "kv", "libvirt", "log", "smtp", "time"};

}  // namespace rb::plugin
