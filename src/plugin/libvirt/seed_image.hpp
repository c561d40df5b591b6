// The image a new server reads at its first boot: cloud-init's NoCloud source, an ISO 9660 file
// system labelled CIDATA with Joliet and Rock Ridge names.
//
//   /user-data       "#cloud-config", then the settings as JSON
//   /meta-data       JSON: instance-id, local-hostname
//   /network-config  JSON, when there is one
//   /vendor-data     an administrator's own text, when there is one; user-data stands above it
//
// JSON is YAML, and its writer escapes: no input can add a line of its own.

#pragma once

#include "base/result.hpp"

#include "plugin/json.hpp"

#include <string>

namespace rb::plugin {

struct SeedFiles {
    Json user_data = Json::object();
    Json meta_data = Json::object();
    // Null: cloud-init configures the network as its image says.
    Json network_config = {};
    std::string vendor_data = {};
};

// The same files give the same bytes but for the times of the volume's making.
//
// ERRORS: invalid_argument  names the file that is no object, is not UTF-8, or holds a control
//                           character that YAML does not take
//         too_large         more than seed_files_bytes_max
Result<std::string> make_seed_image(const SeedFiles& files);

}  // namespace rb::plugin
