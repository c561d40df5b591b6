// Volumes in a storage pool whose volumes are files (dir, fs, netfs): what each call does with its
// connection. See libvirt_error.hpp for the errors all of them may give.

#pragma once

#include "base/result.hpp"

#include "plugin/json.hpp"
#include "plugin/libvirt/handles.hpp"

#include <cstdint>
#include <string>

namespace rb::plugin {

struct VolumePlan {
    std::string pool;
    std::string name;
    // The volume below: what is not written yet is read from there, so it must stay as it is.
    std::string base_pool;
    std::string base;
    // 0: as large as the base.
    std::int64_t size_bytes = 0;
};

// The file a volume of that name has or would have.
// ERRORS: plugin_refused  the pool has no folder
Result<std::string> volume_path(virConnect& connection, const std::string& pool,
                                const std::string& name);

// #{ active, path, capacity_bytes, available_bytes, volumes: [#{ name, format, capacity_bytes }] },
// by name. ERRORS: plugin_refused  more than libvirt_volumes_max volumes
Result<Json> describe_pool(virConnect& connection, const std::string& pool);

// #{ name, format, capacity_bytes }, or null when there is none.
Result<Json> find_volume(virConnect& connection, const std::string& pool, const std::string& name);

// A qcow2 overlay over the base. true: made now; false: it was there.
// ERRORS: plugin_refused  smaller than the base
//         not_found       no such pool or base
Result<Json> create_volume(virConnect& connection, const VolumePlan& plan);

// true: grown now; false: it has that size.
// ERRORS: plugin_refused  it is larger; libvirt could shrink it, and cut off what is in use
Result<Json> grow_volume(virConnect& connection, const std::string& pool, const std::string& name,
                         std::int64_t size_bytes);

// A raw volume of exactly that content, in place of one that was there. false: libvirt made the
// volume but its driver takes no content (the test driver keeps no bytes).
Result<Json> write_volume(virConnect& connection, const std::string& pool, const std::string& name,
                          const std::string& content);

// true: deleted now; false: there was none.
Result<Json> delete_volume(virConnect& connection, const std::string& pool,
                           const std::string& name);

}  // namespace rb::plugin
