#include "rune/modules/modules.hpp"

namespace rb::rune {

std::vector<Module> all_modules() {
    std::vector<Module> modules;
    modules.push_back(json_module());
    modules.push_back(toml_module());
    modules.push_back(base64_module());
    modules.push_back(time_module());
    modules.push_back(rand_module());
    return modules;
}

}  // namespace rb::rune
