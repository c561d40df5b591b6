#include "plugin/libvirt/domains.hpp"

#include "plugin/libvirt/libvirt_error.hpp"
#include "plugin/limits.hpp"

#include <libvirt/virterror.h>

#include <algorithm>
#include <charconv>
#include <thread>
#include <vector>

namespace rb::plugin {

namespace {

// How often a domain that shuts down is looked at.
constexpr std::chrono::milliseconds shutdown_look{200};

Error no_domain(const std::string& name) {
    return {ErrorCode::not_found, "there is no domain " + name};
}

// Our metadata in a domain's document; null when it has none.
xmlNode* metadata_in(xmlNode& root) {
    auto* metadata = find_element(root, {"metadata"});
    if (metadata == nullptr) return nullptr;
    for (auto* server : elements_of(*metadata, "server")) {
        if (server->ns != nullptr &&
            std::string_view(reinterpret_cast<const char*>(server->ns->href)) == metadata_uri) {
            return server;
        }
    }
    return nullptr;
}

bool is_owned(xmlNode& root, const std::string& interface_id) {
    auto* server = metadata_in(root);
    return server != nullptr && attribute_of(*server, "interface") == interface_id;
}

Result<int> state_of(virDomain& domain) {
    int state = 0;
    if (virDomainGetState(&domain, &state, nullptr, 0) != 0) return libvirt_error("domain");
    return state;
}

Result<bool> is_active(virDomain& domain) {
    const int active = virDomainIsActive(&domain);
    if (active < 0) return libvirt_error("domain");
    return active == 1;
}

const char* word_of_state(int state) {
    switch (state) {
        case VIR_DOMAIN_RUNNING:
        case VIR_DOMAIN_BLOCKED:
        case VIR_DOMAIN_SHUTDOWN:
            return "running";
        case VIR_DOMAIN_PAUSED:
        case VIR_DOMAIN_PMSUSPENDED:
            return "paused";
        case VIR_DOMAIN_CRASHED:
            return "crashed";
        default:
            return "stopped";
    }
}

bool is_test_driver(virConnect& connection) {
    const char* type = virConnectGetType(&connection);
    return type != nullptr && std::string_view(type) == "TEST";
}

bool has_agent(xmlNode& root) {
    auto* devices = find_element(root, {"devices"});
    if (devices == nullptr) return false;
    return std::ranges::any_of(elements_of(*devices, "channel"), [](xmlNode* channel) {
        auto* target = find_element(*channel, {"target"});
        return target != nullptr && attribute_of(*target, "name") == "org.qemu.guest_agent.0" &&
               attribute_of(*target, "state") == "connected";
    });
}

bool is_reachable(const virDomainIPAddress& address) {
    const std::string_view text = address.addr;
    return text != "::1" && !text.starts_with("127.") && !text.starts_with("fe80:") &&
           !text.starts_with("169.254.");
}

// What one source knows. A source that fails knows nothing.
Json addresses_from(virDomain& domain, unsigned int source) {
    virDomainInterfacePtr* cards = nullptr;
    const int count = virDomainInterfaceAddresses(&domain, &cards, source, 0);
    Json first = Json::array();
    std::vector<std::string> second;
    for (int i = 0; i < count; ++i) {
        for (unsigned int j = 0; j < cards[i]->naddrs; ++j) {
            const auto& address = cards[i]->addrs[j];
            if (!is_reachable(address)) continue;
            if (address.type == VIR_IP_ADDR_TYPE_IPV4) {
                first.push_back(address.addr);
            } else {
                second.emplace_back(address.addr);
            }
        }
        virDomainInterfaceFree(cards[i]);
    }
    std::free(cards);
    for (auto& address : second) first.push_back(std::move(address));
    return first;
}

enum class AskAgent { yes, no };

Json addresses_of(virDomain& domain, bool agent_is_there, AskAgent ask) {
    if (agent_is_there && ask == AskAgent::yes) {
        auto told = addresses_from(domain, VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT);
        if (!told.empty()) return told;
    }
    auto leased = addresses_from(domain, VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE);
    return leased.empty() ? addresses_from(domain, VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP) : leased;
}

std::int64_t number_in(xmlNode& root, std::string_view name) {
    auto* element = find_element(root, {name});
    if (element == nullptr) return 0;
    const auto text = text_of_element(*element);
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

Result<Json> record_of(virDomain& domain, xmlNode& root, AskAgent ask) {
    const auto state = TRY(state_of(domain));
    int autostart = 0;
    if (virDomainGetAutostart(&domain, &autostart) != 0) return libvirt_error("domain");
    Json record = Json::object();
    record["name"] = virDomainGetName(&domain);
    auto* title = find_element(root, {"title"});
    record["title"] = title == nullptr ? std::string() : text_of_element(*title);
    record["state"] = word_of_state(state);
    record["memory_mb"] = number_in(root, "memory") / 1024;  // libvirt answers in KiB
    record["vcpus"] = number_in(root, "vcpu");
    record["autostart"] = autostart != 0;
    const bool agent = has_agent(root);
    record["agent"] = agent;
    const bool is_on = record["state"] == "running";
    record["addresses"] = is_on ? addresses_of(domain, agent, ask) : Json::array();
    record["metadata"] = Json::object();
    for (auto* entry : elements_of(*metadata_in(root), "entry")) {
        record["metadata"][attribute_of(*entry, "name")] = text_of_element(*entry);
    }
    return as_result(std::move(record));
}

// Null when there is none of that name; another interface's is an answer too.
Result<DomainHandle> lookup(virConnect& connection, const std::string& name) {
    DomainHandle domain(virDomainLookupByName(&connection, name.c_str()));
    if (domain == nullptr && !last_error_is(VIR_ERR_NO_DOMAIN)) return libvirt_error("domain");
    return domain;
}

}  // namespace

Result<XmlDocument> document_of_domain(virDomain& domain, unsigned int flags) {
    const LibvirtText text(virDomainGetXMLDesc(&domain, flags));
    if (text == nullptr) return libvirt_error("domain");
    return parse_xml_document(text.get());
}

Result<DomainHandle> domain_named(virConnect& connection, const DomainName& name) {
    auto domain = TRY(lookup(connection, name.name));
    if (domain == nullptr) return no_domain(name.name);
    const auto document = TRY(document_of_domain(*domain, 0));
    if (!is_owned(root_of(document), name.interface_id)) return no_domain(name.name);
    return domain;
}

Result<Json> describe_hypervisor(virConnect& connection) {
    unsigned long version = 0;
    if (virConnectGetLibVersion(&connection, &version) != 0) return libvirt_error("libvirt");
    const LibvirtText host(virConnectGetHostname(&connection));
    const char* type = virConnectGetType(&connection);
    Json json = Json::object();
    json["driver"] = type == nullptr ? "" : type;
    json["version"] = std::to_string(version / 1'000'000) + "." +
                      std::to_string(version / 1'000 % 1'000) + "." +
                      std::to_string(version % 1'000);
    json["host"] = host == nullptr ? "" : host.get();
    return as_result(std::move(json));
}

Result<Json> find_domain(virConnect& connection, const DomainName& name) {
    const auto domain = TRY(lookup(connection, name.name));
    if (domain == nullptr) return as_result(Json());
    const auto document = document_of_domain(*domain, 0);
    // It went between the two questions.
    if (document.has_error() && document.error().code == ErrorCode::not_found) {
        return as_result(Json());
    }
    if (document.has_error()) return document.error();
    auto& root = root_of(*document);
    if (!is_owned(root, name.interface_id)) return as_result(Json());
    return record_of(*domain, root, AskAgent::yes);
}

Result<Json> list_domains(virConnect& connection, const std::string& interface_id,
                          const std::string& after) {
    virDomainPtr* listed = nullptr;
    const int count = virConnectListAllDomains(&connection, &listed, 0);
    if (count < 0) return libvirt_error("listing domains");
    const std::unique_ptr<virDomainPtr, Releases<std::free>> list(listed);
    std::vector<DomainHandle> domains;
    for (int i = 0; i < count; ++i) domains.emplace_back(listed[i]);
    const auto name_of = [](const DomainHandle& domain) {
        return std::string_view(virDomainGetName(domain.get()));
    };
    std::ranges::sort(domains, {}, name_of);

    Json page = Json::object();
    page["domains"] = Json::array();
    page["next"] = "";
    for (const auto& domain : domains) {
        if (name_of(domain) <= after) continue;
        const auto document = document_of_domain(*domain, 0);
        // One that went meanwhile is not there.
        if (document.has_error() && document.error().code == ErrorCode::not_found) continue;
        if (document.has_error()) return document.error();
        auto& root = root_of(*document);
        if (!is_owned(root, interface_id)) continue;
        if (page["domains"].size() == libvirt_page_max) {
            page["next"] = page["domains"].back()["name"];
            break;
        }
        page["domains"].push_back(TRY(record_of(*domain, root, AskAgent::no)));
    }
    return as_result(std::move(page));
}

Result<Json> define_domain(virConnect& connection, const DomainPlan& plan) {
    const auto existing = TRY(lookup(connection, plan.name));
    if (existing != nullptr) {
        const auto document = TRY(document_of_domain(*existing, 0));
        if (!is_owned(root_of(document), plan.interface_id)) {
            return Error{ErrorCode::plugin_refused,
                         "the domain " + plan.name + " is not this interface's"};
        }
    }
    auto fitting = plan;
    if (is_test_driver(connection)) {
        fitting.virt_type = "test";
        fitting.machine.clear();
        fitting.cpu_mode.clear();
    }
    const DomainHandle domain(virDomainDefineXML(&connection, domain_xml(fitting).c_str()));
    if (domain == nullptr) return libvirt_error("defining domain " + plan.name);
    return as_result(existing == nullptr);
}

Result<Json> start_domain(virConnect& connection, const DomainName& name) {
    const auto domain = TRY(domain_named(connection, name));
    if (TRY(is_active(*domain))) return as_result(false);
    if (virDomainCreate(domain.get()) == 0) return as_result(true);
    auto error = libvirt_error("starting domain " + name.name);
    // Another call was faster.
    const auto active = is_active(*domain);
    if (active.has_value() && *active) return as_result(false);
    return error;
}

Result<Json> stop_domain(virConnect& connection, const DomainName& name,
                         std::chrono::seconds grace) {
    const auto domain = TRY(domain_named(connection, name));
    if (!TRY(is_active(*domain))) return as_result(false);
    // A guest that cannot be asked is switched off at once.
    const bool was_asked = grace.count() > 0 && virDomainShutdown(domain.get()) == 0;
    const auto deadline = std::chrono::steady_clock::now() + grace;
    while (was_asked && std::chrono::steady_clock::now() < deadline) {
        if (!TRY(is_active(*domain))) return as_result(true);
        std::this_thread::sleep_for(shutdown_look);
    }
    if (virDomainDestroy(domain.get()) == 0) return as_result(true);
    auto error = libvirt_error("stopping domain " + name.name);
    const auto active = is_active(*domain);
    if (active.has_value() && !*active) return as_result(true);
    return error;
}

Result<Json> set_autostart(virConnect& connection, const DomainName& name, bool is_on) {
    const auto domain = TRY(domain_named(connection, name));
    int was = 0;
    if (virDomainGetAutostart(domain.get(), &was) != 0) return libvirt_error("domain");
    if ((was != 0) == is_on) return as_result(false);
    if (virDomainSetAutostart(domain.get(), is_on ? 1 : 0) != 0) return libvirt_error("autostart");
    return as_result(true);
}

Result<Json> annotate_domain(virConnect& connection, const DomainName& name,
                             const std::string& title, const core::StringMap& entries) {
    const auto domain = TRY(domain_named(connection, name));
    unsigned int affects = VIR_DOMAIN_AFFECT_CONFIG;
    if (TRY(is_active(*domain))) affects |= VIR_DOMAIN_AFFECT_LIVE;
    if (virDomainSetMetadata(domain.get(), VIR_DOMAIN_METADATA_TITLE, title.c_str(), nullptr,
                             nullptr, affects) != 0) {
        return libvirt_error("title of domain " + name.name);
    }
    const auto xml = metadata_xml(name.interface_id, entries);
    if (virDomainSetMetadata(domain.get(), VIR_DOMAIN_METADATA_ELEMENT, xml.c_str(),
                             metadata_prefix, metadata_uri, affects) != 0) {
        return libvirt_error("metadata of domain " + name.name);
    }
    return as_result(true);
}

Result<Json> resize_domain(virConnect& connection, const DomainName& name,
                           const DomainSizes& sizes) {
    const auto domain = TRY(domain_named(connection, name));
    const auto document =
        TRY(document_of_domain(*domain, VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_SECURE));
    apply_sizes(root_of(document), sizes);
    const auto xml = write_element(document, root_of(document));
    const DomainHandle defined(virDomainDefineXML(&connection, xml.c_str()));
    if (defined == nullptr) return libvirt_error("resizing domain " + name.name);
    return as_result(true);
}

Result<Json> undefine_domain(virConnect& connection, const DomainName& name) {
    const auto found = domain_named(connection, name);
    if (found.has_error() && found.error().code == ErrorCode::not_found) return as_result(false);
    if (found.has_error()) return found.error();
    unsigned int flags = VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA;
    const auto document = TRY(document_of_domain(**found, 0));
    // The test driver does not know the flag, and a domain of ours has no NVRAM unless somebody
    // gave it one.
    if (find_element(root_of(document), {"os", "nvram"}) != nullptr) {
        flags |= VIR_DOMAIN_UNDEFINE_NVRAM;
    }
    if (virDomainUndefineFlags(found->get(), flags) != 0) {
        if (last_error_is(VIR_ERR_NO_DOMAIN)) return as_result(false);
        return libvirt_error("undefining domain " + name.name);
    }
    return as_result(true);
}

}  // namespace rb::plugin
