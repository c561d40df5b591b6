// Digests as bytea.

#pragma once

#include "base/assert.hpp"

#include "core/ports/digester.hpp"

#include "store_pg/parameters.hpp"
#include "store_pg/rows.hpp"

#include <algorithm>

namespace rb::store_pg {

// The digest must outlive the parameters' making, not their use.
inline Bytes bytes_of(const core::Digest& digest) {
    return {{reinterpret_cast<const char*>(digest.data()), digest.size()}};
}

inline core::Digest digest_from(const Row& row, int column) {
    const auto bytes = row.bytes(column);
    core::Digest digest{};
    ASSERT(bytes.size() == digest.size());
    std::copy(bytes.begin(), bytes.end(), digest.begin());
    return digest;
}

}  // namespace rb::store_pg
