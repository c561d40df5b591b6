#include "plugin/libvirt/snapshots.hpp"

#include "plugin/libvirt/libvirt_error.hpp"
#include "plugin/limits.hpp"

#include <libvirt/virterror.h>

#include <algorithm>
#include <charconv>
#include <vector>

namespace rb::plugin {

namespace {

Result<std::vector<SnapshotHandle>> snapshots_of(virDomain& domain) {
    virDomainSnapshotPtr* listed = nullptr;
    const int count = virDomainListAllSnapshots(&domain, &listed, 0);
    if (count < 0) return libvirt_error("snapshots");
    const std::unique_ptr<virDomainSnapshotPtr, Releases<std::free>> list(listed);
    std::vector<SnapshotHandle> snapshots;
    for (int i = 0; i < count; ++i) snapshots.emplace_back(listed[i]);
    if (snapshots.size() > libvirt_snapshots_max) {
        return Error{ErrorCode::plugin_refused, "the domain has more than 100 snapshots"};
    }
    return snapshots;
}

Result<std::int64_t> taken_at(virDomainSnapshot& snapshot) {
    const LibvirtText text(virDomainSnapshotGetXMLDesc(&snapshot, 0));
    if (text == nullptr) return libvirt_error("snapshot");
    const auto document = TRY(parse_xml_document(text.get()));
    auto* element = find_element(root_of(document), {"creationTime"});
    if (element == nullptr) return 0;
    const auto seconds = text_of_element(*element);
    std::int64_t time = 0;
    std::from_chars(seconds.data(), seconds.data() + seconds.size(), time);
    return time;
}

// Only the disk that is written: the seed is raw and never changes.
std::string snapshot_xml(const std::string& name) {
    const auto document = new_xml_document("domainsnapshot");
    auto& root = root_of(document);
    add_element(root, "name", name);
    auto& disks = add_element(root, "disks");
    auto& system = add_element(disks, "disk");
    set_attribute(system, "name", "vda");
    set_attribute(system, "snapshot", "internal");
    auto& seed = add_element(disks, "disk");
    set_attribute(seed, "name", "vdb");
    set_attribute(seed, "snapshot", "no");
    return write_element(document, root);
}

}  // namespace

Result<Json> list_snapshots(virConnect& connection, const DomainName& name) {
    const auto domain = TRY(domain_named(connection, name));
    std::vector<Json> found;
    for (const auto& snapshot : TRY(snapshots_of(*domain))) {
        Json json = Json::object();
        json["name"] = virDomainSnapshotGetName(snapshot.get());
        json["taken_at"] = TRY(taken_at(*snapshot));
        found.push_back(std::move(json));
    }
    std::ranges::stable_sort(found, {}, [](const Json& one) {
        return std::pair(one["taken_at"].get<std::int64_t>(), one["name"].get<std::string>());
    });
    Json list = Json::array();
    for (auto& one : found) list.push_back(std::move(one));
    return as_result(std::move(list));
}

Result<Json> take_snapshot(virConnect& connection, const DomainName& name,
                           const std::string& snapshot) {
    const auto domain = TRY(domain_named(connection, name));
    const SnapshotHandle existing(virDomainSnapshotLookupByName(domain.get(), snapshot.c_str(), 0));
    if (existing != nullptr) return as_result(false);
    if (!last_error_is(VIR_ERR_NO_DOMAIN_SNAPSHOT)) return libvirt_error("snapshot " + snapshot);
    const auto xml = snapshot_xml(snapshot);
    const SnapshotHandle taken(virDomainSnapshotCreateXML(domain.get(), xml.c_str(), 0));
    if (taken == nullptr) return libvirt_error("taking snapshot " + snapshot);
    return as_result(true);
}

Result<Json> restore_snapshot(virConnect& connection, const DomainName& name,
                              const std::string& snapshot) {
    const auto domain = TRY(domain_named(connection, name));
    const SnapshotHandle wanted(virDomainSnapshotLookupByName(domain.get(), snapshot.c_str(), 0));
    if (wanted == nullptr) return libvirt_error("snapshot " + snapshot);
    const LibvirtText now(
        virDomainGetXMLDesc(domain.get(), VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_SECURE));
    if (now == nullptr) return libvirt_error("domain " + name.name);
    const bool runs = virDomainIsActive(domain.get()) == 1;
    // The running process may have other sizes than the one the snapshot was taken of; it is ours,
    // so it may be replaced.
    unsigned int flags = VIR_DOMAIN_SNAPSHOT_REVERT_FORCE;
    if (runs) flags |= VIR_DOMAIN_SNAPSHOT_REVERT_RUNNING;
    if (virDomainRevertToSnapshot(wanted.get(), flags) != 0) {
        return libvirt_error("restoring snapshot " + snapshot);
    }
    // A snapshot of a running domain wakes it up.
    if (!runs && virDomainIsActive(domain.get()) == 1 && virDomainDestroy(domain.get()) != 0) {
        return libvirt_error("stopping domain " + name.name);
    }
    // The revert brought the old definition back with the old disk.
    const DomainHandle defined(virDomainDefineXML(&connection, now.get()));
    if (defined == nullptr) return libvirt_error("domain " + name.name);
    return as_result(true);
}

Result<Json> delete_snapshots(virConnect& connection, const DomainName& name) {
    const auto domain = TRY(domain_named(connection, name));
    const auto snapshots = TRY(snapshots_of(*domain));
    for (const auto& snapshot : snapshots) {
        if (virDomainSnapshotDelete(snapshot.get(), 0) != 0) {
            return libvirt_error("deleting a snapshot");
        }
    }
    return as_result(static_cast<std::int64_t>(snapshots.size()));
}

}  // namespace rb::plugin
