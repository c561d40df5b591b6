#include "plugin/host/host_modules.hpp"

#include "base/assert.hpp"

#include "plugin/host/module_names.hpp"

#include <array>
#include <utility>

namespace rb::plugin {

std::vector<rune::Module> host_modules(std::string_view name) {
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
        if (known != name) continue;
        std::vector<rune::Module> modules{make()};
        if (name == "http") modules.push_back(http_client_module());
        return modules;
    }
    ASSERT(false);
    return {};
}

}  // namespace rb::plugin
