// What the operation log says of a change to a plugin interface.

#pragma once

#include "core/operation_log/operation_log.hpp"

#include "plugin/json.hpp"

#include <string>

namespace rb::plugin {

// An interface as an administrator sets it, its secrets in clear; empty where there is none.
struct InterfaceState {
    std::string name = {};
    bool enabled = false;
    Json schema = Json::object();
    Json config = Json::object();
    std::string script_source = {};
};

// Field to (old, new): "name", "enabled", "config.FIELD", and "script_source" as the SHA-256 of the
// text. A secret shows as the mask on both sides, also one that only the other state's schema calls
// so. Values longer than logged_value_bytes_max (limits.hpp) are cut.
core::Changes changes_between(const InterfaceState& before, const InterfaceState& after);

}  // namespace rb::plugin
