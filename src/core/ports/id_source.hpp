// New ids, UUIDv7 (RFC 9562, 5.7). A test's twin counts.

#pragma once

#include "base/id.hpp"

namespace rb::core {

class IdSource {
public:
    virtual ~IdSource() = default;
    // Thread-safe.
    virtual Uuid next() = 0;

    template <typename TypedId>
    TypedId next_id() {
        return TypedId(next());
    }
};

}  // namespace rb::core
