// Snapshots of a domain: inside of its qcow2 disk, with the memory when it runs. See domains.hpp.

#pragma once

#include "base/result.hpp"

#include "plugin/json.hpp"
#include "plugin/libvirt/domains.hpp"

#include <string>

namespace rb::plugin {

// [#{ name, taken_at }], the oldest first; taken_at in seconds.
// ERRORS: plugin_refused  more than libvirt_snapshots_max
Result<Json> list_snapshots(virConnect& connection, const DomainName& name);

// true: taken now; false: there is one of that name.
Result<Json> take_snapshot(virConnect& connection, const DomainName& name,
                           const std::string& snapshot);

// Back to that state of disk, and of memory when it was taken of a running domain. The domain runs
// afterwards if it did before. What it is defined as (sizes, title, metadata) stays as it is now.
// ERRORS: not_found  no such snapshot
Result<Json> restore_snapshot(virConnect& connection, const DomainName& name,
                              const std::string& snapshot);

// How many there were.
Result<Json> delete_snapshots(virConnect& connection, const DomainName& name);

}  // namespace rb::plugin
