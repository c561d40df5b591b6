// One owner per handle of libvirt: what libvirt counts, these give back.

#pragma once

#include <libvirt/libvirt.h>

#include <cstdlib>
#include <memory>

namespace rb::plugin {

template <auto release>
struct Releases {
    template <typename Handle>
    void operator()(Handle* handle) const {
        release(handle);
    }
};

using ConnectionHandle = std::unique_ptr<virConnect, Releases<virConnectClose>>;
using DomainHandle = std::unique_ptr<virDomain, Releases<virDomainFree>>;
using SnapshotHandle = std::unique_ptr<virDomainSnapshot, Releases<virDomainSnapshotFree>>;
using PoolHandle = std::unique_ptr<virStoragePool, Releases<virStoragePoolFree>>;
using VolumeHandle = std::unique_ptr<virStorageVol, Releases<virStorageVolFree>>;
using StreamHandle = std::unique_ptr<virStream, Releases<virStreamFree>>;
// Texts and arrays that libvirt allocated for its caller.
using LibvirtText = std::unique_ptr<char, Releases<std::free>>;

}  // namespace rb::plugin
