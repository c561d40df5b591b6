#include "plugin/libvirt/domain_plan.hpp"

#include "plugin/crypto/digest.hpp"
#include "plugin/encoding/text_encoding.hpp"

namespace rb::plugin {

namespace {

void add_bandwidth(xmlNode& card, std::int64_t mbps) {
    auto& bandwidth = add_element(card, "bandwidth");
    // libvirt counts kilobytes a second.
    const auto rate = std::to_string(mbps * 125);
    set_attribute(add_element(bandwidth, "inbound"), "average", rate);
    set_attribute(add_element(bandwidth, "outbound"), "average", rate);
}

xmlNode& add_server(xmlNode& parent, const std::string& interface_id,
                    const core::StringMap& entries) {
    auto& server = add_element(parent, "server");
    set_attribute(server, "interface", interface_id);
    for (const auto& [name, value] : entries) {
        set_attribute(add_element(server, "entry", value), "name", name);
    }
    return server;
}

void add_metadata(xmlNode& parent, const std::string& interface_id,
                  const core::StringMap& entries) {
    auto& server = add_server(parent, interface_id, entries);
    auto* space = xmlNewNs(&server, reinterpret_cast<const xmlChar*>(metadata_uri),
                           reinterpret_cast<const xmlChar*>(metadata_prefix));
    xmlSetNs(&server, space);
    for (auto* entry = server.children; entry != nullptr; entry = entry->next) {
        xmlSetNs(entry, space);
    }
}

void add_machine(xmlNode& domain, const DomainPlan& plan) {
    auto& type = add_element(add_element(domain, "os"), "type", "hvm");
    if (!plan.machine.empty()) set_attribute(type, "machine", plan.machine);
    auto& features = add_element(domain, "features");
    add_element(features, "acpi");
    add_element(features, "apic");
    if (!plan.cpu_mode.empty()) set_attribute(add_element(domain, "cpu"), "mode", plan.cpu_mode);
    set_attribute(add_element(domain, "clock"), "offset", "utc");
    add_element(domain, "on_crash", "restart");
}

void add_disk(xmlNode& devices, const DomainDisk& plan, std::size_t number) {
    auto& disk = add_element(devices, "disk");
    set_attribute(disk, "type", "file");
    set_attribute(disk, "device", "disk");
    auto& driver = add_element(disk, "driver");
    set_attribute(driver, "name", "qemu");
    set_attribute(driver, "type", plan.format);
    set_attribute(add_element(disk, "source"), "file", plan.path);
    auto& target = add_element(disk, "target");
    set_attribute(target, "dev", std::string("vd") + static_cast<char>('a' + number));
    set_attribute(target, "bus", "virtio");
    // SeaBIOS shows a boot loader only the disks that stand in the boot order.
    set_attribute(add_element(disk, "boot"), "order", std::to_string(number + 1));
    if (plan.is_read_only) add_element(disk, "readonly");
}

void add_card(xmlNode& devices, const DomainPlan& plan) {
    auto& card = add_element(devices, "interface");
    const bool is_bridge = plan.network.empty();
    set_attribute(card, "type", is_bridge ? "bridge" : "network");
    set_attribute(add_element(card, "mac"), "address", mac_of_domain(plan.name));
    set_attribute(add_element(card, "source"), is_bridge ? "bridge" : "network",
                  is_bridge ? plan.bridge : plan.network);
    set_attribute(add_element(card, "model"), "type", "virtio");
    if (plan.bandwidth_mbps != 0) add_bandwidth(card, plan.bandwidth_mbps);
}

void add_display(xmlNode& devices, const DomainPlan& plan) {
    if (plan.vnc_listen.empty()) return;
    auto& graphics = add_element(devices, "graphics");
    set_attribute(graphics, "type", "vnc");
    set_attribute(graphics, "autoport", "yes");
    set_attribute(graphics, "websocket", "-1");
    set_attribute(graphics, "listen", plan.vnc_listen);
    // Nobody comes in until a console was asked for and got a password of its own.
    set_attribute(graphics, "passwd", "--------");
    set_attribute(graphics, "passwdValidTo", "1970-01-02T00:00:00");
}

void add_devices(xmlNode& domain, const DomainPlan& plan) {
    auto& devices = add_element(domain, "devices");
    for (std::size_t i = 0; i < plan.disks.size(); ++i) add_disk(devices, plan.disks[i], i);
    add_card(devices, plan);
    set_attribute(add_element(devices, "serial"), "type", "pty");
    auto& channel = add_element(devices, "channel");
    set_attribute(channel, "type", "unix");
    auto& target = add_element(channel, "target");
    set_attribute(target, "type", "virtio");
    set_attribute(target, "name", "org.qemu.guest_agent.0");
    add_display(devices, plan);
    auto& random = add_element(devices, "rng");
    set_attribute(random, "model", "virtio");
    set_attribute(add_element(random, "backend", "/dev/urandom"), "model", "random");
}

}  // namespace

std::string uuid_of_domain(const std::string& name) {
    auto bytes = digest(HashAlgorithm::sha256, "domain " + name).substr(0, 16);
    // RFC 9562, 5.8: version 8, whose content is the maker's own.
    bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x80);
    bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
    auto text = hex_encode(bytes);
    for (const std::size_t place : {20U, 16U, 12U, 8U}) text.insert(place, "-");
    return text;
}

std::string mac_of_domain(const std::string& name) {
    // 52: a local address of one machine. Forty bits of hash, so that a thousand servers on one
    // network do not meet.
    const auto hex = hex_encode(digest(HashAlgorithm::sha256, "card " + name).substr(0, 5));
    std::string text = "52";
    for (std::size_t i = 0; i < hex.size(); i += 2) text += ":" + hex.substr(i, 2);
    return text;
}

std::string domain_xml(const DomainPlan& plan) {
    const auto document = new_xml_document("domain");
    auto& domain = root_of(document);
    set_attribute(domain, "type", plan.virt_type);
    add_element(domain, "name", plan.name);
    add_element(domain, "uuid", uuid_of_domain(plan.name));
    if (!plan.title.empty()) add_element(domain, "title", plan.title);
    add_metadata(add_element(domain, "metadata"), plan.interface_id, plan.metadata);
    set_attribute(add_element(domain, "memory", std::to_string(plan.memory_mb)), "unit", "MiB");
    add_element(domain, "vcpu", std::to_string(plan.vcpus));
    add_machine(domain, plan);
    add_devices(domain, plan);
    return write_element(document, domain);
}

void apply_sizes(xmlNode& domain, const DomainSizes& sizes) {
    if (sizes.memory_mb != 0) {
        for (const auto name : {"memory", "currentMemory"}) {
            auto* memory = find_element(domain, {name});
            if (memory == nullptr) continue;
            set_text(*memory, std::to_string(sizes.memory_mb));
            set_attribute(*memory, "unit", "MiB");
        }
    }
    if (auto* vcpu = find_element(domain, {"vcpu"}); vcpu != nullptr && sizes.vcpus != 0) {
        set_text(*vcpu, std::to_string(sizes.vcpus));
        xmlUnsetProp(vcpu, reinterpret_cast<const xmlChar*>("current"));
    }
    auto* devices = find_element(domain, {"devices"});
    if (sizes.bandwidth_mbps == 0 || devices == nullptr) return;
    for (auto* card : elements_of(*devices, "interface")) {
        for (auto* old : elements_of(*card, "bandwidth")) {
            xmlUnlinkNode(old);
            xmlFreeNode(old);
        }
        add_bandwidth(*card, sizes.bandwidth_mbps);
    }
}

std::string metadata_xml(const std::string& interface_id, const core::StringMap& entries) {
    const auto document = new_xml_document("metadata");
    return write_element(document, add_server(root_of(document), interface_id, entries));
}

}  // namespace rb::plugin
