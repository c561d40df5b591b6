// What a new domain shall be, and the XML libvirt reads it from.
//
// A plan names things by what they are; there is no way to put XML, a host path or an emulator's
// option into it. Every domain gets: ACPI, so that it can be asked to shut down; a serial console;
// a channel for the guest agent; random numbers from the host; its disks and its card on virtio.

#pragma once

#include "core/plugin/plugin_call.hpp"

#include "plugin/libvirt/xml_document.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rb::plugin {

struct DomainDisk {
    std::string path;
    // "qcow2" or "raw".
    std::string format;
    bool is_read_only = false;
};

struct DomainPlan {
    std::string name;
    std::string title;
    // The interface it belongs to, and what the plugin keeps with it.
    std::string interface_id;
    core::StringMap metadata;
    // "kvm" or "qemu" (without the processor's help); the test driver knows only "test".
    std::string virt_type;
    // Empty: the hypervisor's own choice.
    std::string machine;
    // "host-passthrough", "host-model", or empty.
    std::string cpu_mode;
    std::int64_t memory_mb = 0;
    std::int64_t vcpus = 0;
    // The first is booted from.
    std::vector<DomainDisk> disks;
    // A network of libvirt's, or else a bridge of the host's.
    std::string network;
    std::string bridge;
    // 0: as fast as it goes.
    std::int64_t bandwidth_mbps = 0;
    // The address a VNC display listens on; empty: no display.
    std::string vnc_listen;
};

// Made of the name alone: the same server keeps its identity and its address, and libvirt refuses a
// second one.
std::string uuid_of_domain(const std::string& name);
std::string mac_of_domain(const std::string& name);

std::string domain_xml(const DomainPlan& plan);

struct DomainSizes {
    // 0: as it is.
    std::int64_t memory_mb = 0;
    std::int64_t vcpus = 0;
    std::int64_t bandwidth_mbps = 0;
};
// Writes the sizes into a domain's XML and leaves everything else as it stands there.
void apply_sizes(xmlNode& domain, const DomainSizes& sizes);

// The metadata of ours in a domain's XML.
//
//   <rb:server xmlns:rb="urn:rustbill:server:1" interface="kvm">
//     <rb:entry name="key">…</rb:entry>
//   </rb:server>
inline constexpr const char* metadata_prefix = "rb";
inline constexpr const char* metadata_uri = "urn:rustbill:server:1";
// As virDomainSetMetadata wants it: without the namespace, which libvirt puts in itself.
std::string metadata_xml(const std::string& interface_id, const core::StringMap& entries);

}  // namespace rb::plugin
