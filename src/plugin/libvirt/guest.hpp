// What runs inside of a domain, as far as the hypervisor reaches it: its password, its display, its
// figures. See domains.hpp.

#pragma once

#include "base/result.hpp"

#include "plugin/json.hpp"
#include "plugin/libvirt/domains.hpp"

#include <string>

namespace rb::plugin {

// By the guest agent.
// ERRORS: plugin_failed  the agent is not connected
Result<Json> set_password(virConnect& connection, const DomainName& name, const std::string& user,
                          const std::string& password);

// Lets VNC in with that password until then ("2026-01-31T12:00:00", UTC): #{ host, port, websocket
// }, where 0 says there is none. ERRORS: plugin_refused  it does not run, or has no VNC display
Result<Json> open_console(virConnect& connection, const DomainName& name,
                          const std::string& password, const std::string& valid_to);

// Figures the hypervisor has of it: #{ cpu_seconds, memory_bytes, … }.
Result<Json> domain_statistics(virConnect& connection, const DomainName& name);

}  // namespace rb::plugin
