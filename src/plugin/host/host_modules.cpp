#include "plugin/host/host_modules.hpp"

#include "base/assert.hpp"

#include "plugin/host/module_names.hpp"

#include <array>
#include <utility>

namespace rb::plugin {

rune::Module host_module(std::string_view name) {
    using Make = rune::Module (*)();
    constexpr std::array<std::pair<std::string_view, Make>, host_module_names.size()> makers{{
        {"crypto", crypto_module},
        {"encoding", encoding_module},
        {"grpc_web", grpc_web_module},
        {"http", http_module},
        {"kv", kv_module},
        {"libvirt", libvirt_module},
        {"log", log_module},
        {"smtp", smtp_module},
        {"time", time_module},
    }};
    for (const auto& [known, make] : makers) {
        if (known == name) return make();
    }
    ASSERT(false);
    return rune::Module("");
}

}  // namespace rb::plugin
