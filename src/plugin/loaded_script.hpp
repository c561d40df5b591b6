// A compiled script: its unit, built with the host modules it is granted, and its manifest.
// Immutable; shared by all calls of one version.

#pragma once

#include "rune/embed.hpp"

#include "plugin/http/http_client.hpp"
#include "plugin/json.hpp"
#include "plugin/manifest.hpp"

#include <memory>
#include <string>
#include <vector>

namespace rb::plugin {

class LoadedScript {
public:
    LoadedScript(Manifest manifest, std::shared_ptr<const rune::Unit> unit)
        : manifest_(std::move(manifest)), unit_(std::move(unit)) {}

    [[nodiscard]] const Manifest& manifest() const { return manifest_; }
    [[nodiscard]] const std::shared_ptr<const rune::Unit>& unit() const { return unit_; }

private:
    Manifest manifest_;
    std::shared_ptr<const rune::Unit> unit_;
};

// What the grants mean for one configuration: "config:FIELD" becomes the hosts written there. A
// field that is absent or empty grants nothing.
HttpPolicy policy_of(const Grants& grants, const Json& config);
std::vector<std::string> libvirt_uris_of(const Grants& grants, const Json& config);

// Appended to every script: tells a Result from a plain value, which the host cannot see from
// outside of the language.
inline constexpr const char* answer_function = "host_answer";
std::string with_answer_function(const std::string& source);

}  // namespace rb::plugin
