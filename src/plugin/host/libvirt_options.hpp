// What a script passes to a function of host::libvirt, read strictly. A value of the wrong type is
// a mistake in the script and panics; a value that breaks a rule may come from a customer or a
// configuration and is an invalid_argument that names the field and the rule.

#pragma once

#include "base/result.hpp"

#include "core/plugin/plugin_call.hpp"

#include "plugin/json.hpp"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace rb::plugin {

class LibvirtOptions {
public:
    // `options` must outlive this.
    LibvirtOptions(const Json& options, std::string interface_id)
        : options_(options), interface_id_(std::move(interface_id)) {}

    [[nodiscard]] const std::string& interface_id() const { return interface_id_; }
    [[nodiscard]] bool has(const std::string& field) const;

    // The name of a pool, a volume, a network, a bridge, a machine or a user: letters, digits and
    // any of ._-+: but neither a dot nor a dash first, at most libvirt_name_bytes_max.
    [[nodiscard]] Result<std::string> name(const std::string& field) const;
    // Empty when absent.
    [[nodiscard]] Result<std::string> optional_name(const std::string& field) const;
    // The name of a domain or volume that may be changed: it begins with "rb-", so that nothing a
    // person made is touched.
    [[nodiscard]] Result<std::string> own_name(const std::string& field) const;
    // The name of a snapshot: a required text that is no path, for libvirt keeps a file of it.
    [[nodiscard]] Result<std::string> snapshot_name(const std::string& field) const;
    // An address or name of a host, at most libvirt_name_bytes_max; empty when absent.
    [[nodiscard]] Result<std::string> address(const std::string& field) const;
    // UTF-8 of characters that XML takes and without control characters, at most
    // libvirt_text_bytes_max; empty when absent.
    [[nodiscard]] Result<std::string> text(const std::string& field) const;
    [[nodiscard]] Result<std::string> required_text(const std::string& field) const;
    // What VNC takes as a password: 1 to vnc_password_bytes_max bytes.
    [[nodiscard]] Result<std::string> vnc_password(const std::string& field) const;
    // "2026-01-31T12:00:00", in UTC.
    [[nodiscard]] Result<std::string> utc_time(const std::string& field) const;
    // One of those words; "" is what an absent one is.
    [[nodiscard]] Result<std::string> word(const std::string& field,
                                           std::initializer_list<std::string_view> known) const;
    // A text of any form, for a file; empty when absent.
    [[nodiscard]] std::string content(const std::string& field) const;
    // An object or null.
    [[nodiscard]] Json object(const std::string& field) const;
    [[nodiscard]] bool boolean(const std::string& field) const;
    // `absent` when absent.
    [[nodiscard]] Result<std::int64_t> integer(const std::string& field, std::int64_t least,
                                               std::int64_t most, std::int64_t absent) const;
    [[nodiscard]] Result<std::int64_t> required_integer(const std::string& field,
                                                        std::int64_t least,
                                                        std::int64_t most) const;
    // Names to texts, at most libvirt_metadata_entries_max.
    [[nodiscard]] Result<core::StringMap> texts(const std::string& field) const;

private:
    const Json& options_;
    std::string interface_id_;
};

}  // namespace rb::plugin
