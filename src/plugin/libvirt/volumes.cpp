#include "plugin/libvirt/volumes.hpp"

#include "plugin/libvirt/libvirt_error.hpp"
#include "plugin/libvirt/xml_document.hpp"
#include "plugin/limits.hpp"

#include <libvirt/virterror.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace rb::plugin {

namespace {

// What one call of virStreamSend is offered.
constexpr std::size_t upload_chunk_bytes = 256U << 10;

Result<PoolHandle> pool_named(virConnect& connection, const std::string& name) {
    PoolHandle pool(virStoragePoolLookupByName(&connection, name.c_str()));
    if (pool == nullptr) return libvirt_error("pool " + name);
    return pool;
}

// Null when the pool has no such volume.
Result<VolumeHandle> volume_named(virStoragePool& pool, const std::string& name) {
    VolumeHandle volume(virStorageVolLookupByName(&pool, name.c_str()));
    if (volume == nullptr && !last_error_is(VIR_ERR_NO_STORAGE_VOL)) {
        return libvirt_error("volume " + name);
    }
    return volume;
}

Result<XmlDocument> document_of(virStorageVol& volume) {
    const LibvirtText text(virStorageVolGetXMLDesc(&volume, 0));
    if (text == nullptr) return libvirt_error("volume");
    return parse_xml_document(text.get());
}

Result<std::int64_t> capacity_of(virStorageVol& volume) {
    virStorageVolInfo info{};
    if (virStorageVolGetInfo(&volume, &info) != 0) return libvirt_error("volume");
    return static_cast<std::int64_t>(info.capacity);
}

std::string format_in(const XmlDocument& document) {
    auto* format = find_element(root_of(document), {"target", "format"});
    if (format == nullptr) return "raw";
    const auto word = attribute_of(*format, "type");
    // libvirt's name for a raw image with a file system of a disc on it; QEMU knows none of that
    // name.
    return word == "iso" ? "raw" : word;
}

Result<Json> volume_json(virStorageVol& volume) {
    const auto document = TRY(document_of(volume));
    Json json = Json::object();
    json["name"] = virStorageVolGetName(&volume);
    json["format"] = format_in(document);
    json["capacity_bytes"] = TRY(capacity_of(volume));
    return as_result(std::move(json));
}

Result<std::string> folder_of(virStoragePool& pool) {
    const LibvirtText text(virStoragePoolGetXMLDesc(&pool, 0));
    if (text == nullptr) return libvirt_error("pool");
    const auto document = TRY(parse_xml_document(text.get()));
    auto* path = find_element(root_of(document), {"target", "path"});
    const auto type = attribute_of(root_of(document), "type");
    if (path == nullptr || (type != "dir" && type != "fs" && type != "netfs")) {
        return Error{ErrorCode::plugin_refused,
                     "the pool is of type " + type + "; one of type dir, fs or netfs is needed"};
    }
    return text_of_element(*path);
}

XmlDocument volume_document(const std::string& name, std::int64_t bytes, const char* format) {
    auto document = new_xml_document("volume");
    auto& root = root_of(document);
    add_element(root, "name", name);
    set_attribute(add_element(root, "capacity", std::to_string(bytes)), "unit", "bytes");
    auto& target = add_element(root, "target");
    set_attribute(add_element(target, "format"), "type", format);
    // An image of the older kind cannot grow while it has snapshots.
    if (std::string_view(format) == "qcow2") add_element(target, "compat", "1.1");
    return document;
}

Result<VolumeHandle> create(virStoragePool& pool, const XmlDocument& document,
                            const std::string& name) {
    const auto xml = write_element(document, root_of(document));
    VolumeHandle volume(virStorageVolCreateXML(&pool, xml.c_str(), 0));
    if (volume == nullptr) return libvirt_error("creating volume " + name);
    return volume;
}

// Whether the driver takes content at all.
Result<bool> upload(virConnect& connection, virStorageVol& volume, const std::string& content) {
    const StreamHandle stream(virStreamNew(&connection, 0));
    if (stream == nullptr) return libvirt_error("upload");
    if (virStorageVolUpload(&volume, stream.get(), 0, content.size(), 0) != 0) {
        if (last_error_is(VIR_ERR_NO_SUPPORT)) return false;
        return libvirt_error("upload");
    }
    std::string_view rest = content;
    while (!rest.empty()) {
        const auto chunk = rest.substr(0, upload_chunk_bytes);
        const int sent = virStreamSend(stream.get(), chunk.data(), chunk.size());
        if (sent < 0) {
            auto error = libvirt_error("upload");
            virStreamAbort(stream.get());
            return error;
        }
        rest.remove_prefix(static_cast<std::size_t>(sent));
    }
    if (virStreamFinish(stream.get()) != 0) return libvirt_error("upload");
    return true;
}

}  // namespace

Result<std::string> volume_path(virConnect& connection, const std::string& pool,
                                const std::string& name) {
    const auto handle = TRY(pool_named(connection, pool));
    return TRY(folder_of(*handle)) + "/" + name;
}

Result<Json> describe_pool(virConnect& connection, const std::string& name) {
    const auto pool = TRY(pool_named(connection, name));
    virStoragePoolInfo info{};
    if (virStoragePoolGetInfo(pool.get(), &info) != 0) return libvirt_error("pool " + name);
    Json json = Json::object();
    json["active"] = info.state == VIR_STORAGE_POOL_RUNNING;
    json["path"] = TRY(folder_of(*pool));
    json["capacity_bytes"] = static_cast<std::int64_t>(info.capacity);
    json["available_bytes"] = static_cast<std::int64_t>(info.available);
    json["volumes"] = Json::array();
    if (!json["active"].get<bool>()) return as_result(std::move(json));

    virStorageVolPtr* listed = nullptr;
    const int count = virStoragePoolListAllVolumes(pool.get(), &listed, 0);
    if (count < 0) return libvirt_error("pool " + name);
    const std::unique_ptr<virStorageVolPtr, Releases<std::free>> list(listed);
    std::vector<VolumeHandle> volumes;
    for (int i = 0; i < count; ++i) volumes.emplace_back(listed[i]);
    if (volumes.size() > libvirt_volumes_max) {
        return Error{ErrorCode::plugin_refused, "the pool holds more than 1000 volumes"};
    }
    std::ranges::sort(volumes, {}, [](const VolumeHandle& volume) {
        return std::string_view(virStorageVolGetName(volume.get()));
    });
    for (const auto& volume : volumes) json["volumes"].push_back(TRY(volume_json(*volume)));
    return as_result(std::move(json));
}

Result<Json> find_volume(virConnect& connection, const std::string& pool, const std::string& name) {
    const auto handle = TRY(pool_named(connection, pool));
    const auto volume = TRY(volume_named(*handle, name));
    return volume == nullptr ? as_result(Json()) : volume_json(*volume);
}

Result<Json> create_volume(virConnect& connection, const VolumePlan& plan) {
    const auto pool = TRY(pool_named(connection, plan.pool));
    if (TRY(volume_named(*pool, plan.name)) != nullptr) return as_result(false);
    const auto base_pool = TRY(pool_named(connection, plan.base_pool));
    const VolumeHandle base(virStorageVolLookupByName(base_pool.get(), plan.base.c_str()));
    if (base == nullptr) return libvirt_error("base volume " + plan.base);
    const auto least = TRY(capacity_of(*base));
    if (plan.size_bytes != 0 && plan.size_bytes < least) {
        return Error{ErrorCode::plugin_refused, "a disk of " + std::to_string(plan.size_bytes) +
                                                    " bytes is smaller than its base volume (" +
                                                    std::to_string(least) + ")"};
    }
    const auto document =
        volume_document(plan.name, plan.size_bytes == 0 ? least : plan.size_bytes, "qcow2");
    auto& below = add_element(root_of(document), "backingStore");
    const LibvirtText path(virStorageVolGetPath(base.get()));
    if (path == nullptr) return libvirt_error("base volume " + plan.base);
    add_element(below, "path", path.get());
    set_attribute(add_element(below, "format"), "type", format_in(TRY(document_of(*base))));
    const auto made = create(*pool, document, plan.name);
    // Another try with the same name was faster.
    if (made.has_error() && last_error_is(VIR_ERR_STORAGE_VOL_EXIST)) return as_result(false);
    if (made.has_error()) return made.error();
    return as_result(true);
}

Result<Json> grow_volume(virConnect& connection, const std::string& pool, const std::string& name,
                         std::int64_t size_bytes) {
    const auto handle = TRY(pool_named(connection, pool));
    const VolumeHandle volume(virStorageVolLookupByName(handle.get(), name.c_str()));
    if (volume == nullptr) return libvirt_error("volume " + name);
    const auto capacity = TRY(capacity_of(*volume));
    if (size_bytes < capacity) {
        return Error{ErrorCode::plugin_refused,
                     "a disk does not shrink (it has " + std::to_string(capacity) + " bytes)"};
    }
    if (size_bytes == capacity) return as_result(false);
    if (virStorageVolResize(volume.get(), static_cast<unsigned long long>(size_bytes), 0) != 0) {
        return libvirt_error("growing volume " + name);
    }
    return as_result(true);
}

Result<Json> write_volume(virConnect& connection, const std::string& pool, const std::string& name,
                          const std::string& content) {
    TRY(delete_volume(connection, pool, name));
    const auto handle = TRY(pool_named(connection, pool));
    const auto document = volume_document(name, static_cast<std::int64_t>(content.size()), "raw");
    const auto volume = TRY(create(*handle, document, name));
    return as_result(TRY(upload(connection, *volume, content)));
}

Result<Json> delete_volume(virConnect& connection, const std::string& pool,
                           const std::string& name) {
    const auto handle = TRY(pool_named(connection, pool));
    const auto volume = TRY(volume_named(*handle, name));
    if (volume == nullptr) return as_result(false);
    if (virStorageVolDelete(volume.get(), 0) != 0) {
        if (last_error_is(VIR_ERR_NO_STORAGE_VOL)) return as_result(false);
        return libvirt_error("deleting volume " + name);
    }
    return as_result(true);
}

}  // namespace rb::plugin
