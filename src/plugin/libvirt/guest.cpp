#include "plugin/libvirt/guest.hpp"

#include "plugin/libvirt/libvirt_error.hpp"

#include <libvirt/virterror.h>

#include <array>
#include <charconv>

namespace rb::plugin {

namespace {

xmlNode* vnc_in(xmlNode& root) {
    auto* devices = find_element(root, {"devices"});
    if (devices == nullptr) return nullptr;
    for (auto* graphics : elements_of(*devices, "graphics")) {
        if (attribute_of(*graphics, "type") == "vnc") return graphics;
    }
    return nullptr;
}

// A port that is not assigned stands there as -1 or not at all.
int port_in(xmlNode& graphics, const char* attribute) {
    const auto text = attribute_of(graphics, attribute);
    int port = 0;
    std::from_chars(text.data(), text.data() + text.size(), port);
    return port > 0 ? port : 0;
}

void add_memory(virDomain& domain, Json& figures) {
    std::array<virDomainMemoryStatStruct, VIR_DOMAIN_MEMORY_STAT_NR> stats{};
    const int count = virDomainMemoryStats(&domain, stats.data(), stats.size(), 0);
    for (int i = 0; i < count; ++i) {
        const auto& stat = stats[static_cast<std::size_t>(i)];
        const auto bytes = static_cast<std::int64_t>(stat.val) * 1024;
        if (stat.tag == VIR_DOMAIN_MEMORY_STAT_RSS) figures["resident_bytes"] = bytes;
        if (stat.tag == VIR_DOMAIN_MEMORY_STAT_UNUSED) figures["memory_unused_bytes"] = bytes;
    }
}

void add_disk(virDomain& domain, Json& figures) {
    virDomainBlockStatsStruct stats{};
    if (virDomainBlockStats(&domain, "vda", &stats, sizeof stats) != 0) return;
    figures["disk_read_bytes"] = static_cast<std::int64_t>(stats.rd_bytes);
    figures["disk_written_bytes"] = static_cast<std::int64_t>(stats.wr_bytes);
}

void add_network(virDomain& domain, const std::string& name, Json& figures) {
    virDomainInterfaceStatsStruct stats{};
    const auto card = mac_of_domain(name);
    if (virDomainInterfaceStats(&domain, card.c_str(), &stats, sizeof stats) != 0) return;
    figures["network_received_bytes"] = static_cast<std::int64_t>(stats.rx_bytes);
    figures["network_sent_bytes"] = static_cast<std::int64_t>(stats.tx_bytes);
}

}  // namespace

Result<Json> set_password(virConnect& connection, const DomainName& name, const std::string& user,
                          const std::string& password) {
    const auto domain = TRY(domain_named(connection, name));
    if (virDomainSetUserPassword(domain.get(), user.c_str(), password.c_str(), 0) != 0) {
        return libvirt_error("password in domain " + name.name);
    }
    return as_result(true);
}

Result<Json> open_console(virConnect& connection, const DomainName& name,
                          const std::string& password, const std::string& valid_to) {
    const auto domain = TRY(domain_named(connection, name));
    if (virDomainIsActive(domain.get()) != 1) {
        return Error{ErrorCode::plugin_refused, "the domain does not run"};
    }
    const auto document = TRY(document_of_domain(*domain, VIR_DOMAIN_XML_SECURE));
    auto* graphics = vnc_in(root_of(document));
    const int port = graphics == nullptr ? 0 : port_in(*graphics, "port");
    if (port == 0) return Error{ErrorCode::plugin_refused, "the domain has no VNC display"};
    set_attribute(*graphics, "passwd", password);
    set_attribute(*graphics, "passwdValidTo", valid_to);
    const auto xml = write_element(document, *graphics);
    if (virDomainUpdateDeviceFlags(domain.get(), xml.c_str(), VIR_DOMAIN_AFFECT_LIVE) != 0) {
        return libvirt_error("console of domain " + name.name);
    }
    Json json = Json::object();
    json["host"] = attribute_of(*graphics, "listen");
    json["port"] = port;
    json["websocket"] = port_in(*graphics, "websocket");
    return as_result(std::move(json));
}

Result<Json> domain_statistics(virConnect& connection, const DomainName& name) {
    const auto domain = TRY(domain_named(connection, name));
    virDomainInfo info{};
    if (virDomainGetInfo(domain.get(), &info) != 0) return libvirt_error("domain " + name.name);
    Json figures = Json::object();
    figures["cpu_seconds"] = static_cast<std::int64_t>(info.cpuTime / 1'000'000'000);
    figures["memory_bytes"] = static_cast<std::int64_t>(info.memory) * 1024;
    // What a driver does not count, or counts of a running domain only, is left out.
    add_memory(*domain, figures);
    add_disk(*domain, figures);
    add_network(*domain, name.name, figures);
    return as_result(std::move(figures));
}

}  // namespace rb::plugin
