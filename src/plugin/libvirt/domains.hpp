// Domains: what each call does with its connection. A call sees and changes only the domains whose
// metadata name its interface; any other is not found. See libvirt_error.hpp for the errors all of
// them may give.

#pragma once

#include "base/result.hpp"

#include "plugin/json.hpp"
#include "plugin/libvirt/domain_plan.hpp"
#include "plugin/libvirt/handles.hpp"
#include "plugin/libvirt/xml_document.hpp"

#include <chrono>
#include <string>

namespace rb::plugin {

// Which domain, and on whose behalf.
struct DomainName {
    std::string interface_id;
    std::string name;
};

// ERRORS: not_found  no such domain, or another interface's
Result<DomainHandle> domain_named(virConnect& connection, const DomainName& name);
// `flags`: VIR_DOMAIN_XML_…
Result<XmlDocument> document_of_domain(virDomain& domain, unsigned int flags);

// #{ driver, version, host }
Result<Json> describe_hypervisor(virConnect& connection);

// #{ name, title, state, memory_mb, vcpus, autostart, agent, addresses, metadata }, or null.
// States: running, paused, stopped, crashed. Addresses are those that others can reach, IPv4 first:
// what the guest agent says when it is connected, else the leases of libvirt's networks, else the
// ARP table.
Result<Json> find_domain(virConnect& connection, const DomainName& name);

// #{ domains, next }: by name, those after `after`, at most libvirt_page_max; `next` is empty at
// the end. The guest agents are not asked.
Result<Json> list_domains(virConnect& connection, const std::string& interface_id,
                          const std::string& after);

// Defines it, or defines it anew when it is there. On the test driver, `virt_type` and what it does
// not know of the machine are left out.
// ERRORS: plugin_refused  the name is another's
Result<Json> define_domain(virConnect& connection, const DomainPlan& plan);

// Each: true when it was done now, false when it was so already.
Result<Json> start_domain(virConnect& connection, const DomainName& name);
// Asks the guest, and switches it off when `grace` has passed. Zero: at once.
Result<Json> stop_domain(virConnect& connection, const DomainName& name,
                         std::chrono::seconds grace);
Result<Json> set_autostart(virConnect& connection, const DomainName& name, bool is_on);
// Title and metadata in place of those it had.
Result<Json> annotate_domain(virConnect& connection, const DomainName& name,
                             const std::string& title, const core::StringMap& entries);

// From its next start on.
Result<Json> resize_domain(virConnect& connection, const DomainName& name,
                           const DomainSizes& sizes);

// Forgets a stopped domain with its snapshots. true: now; false: there was none.
Result<Json> undefine_domain(virConnect& connection, const DomainName& name);

}  // namespace rb::plugin
