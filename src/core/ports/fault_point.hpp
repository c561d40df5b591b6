// Named points where a process may be killed: before and after every commit, and around every call
// to a plugin that has an effect. Tests and the chaos run stop there and look at what is left.
//
// In production nothing listens.

#pragma once

#include <string_view>

namespace rb::core {

class FaultPoint {
public:
    virtual ~FaultPoint() = default;
    // Thread-safe. `name` is "before:<commit>", "after:<commit>", "before-call:<call>" or
    // "after-call:<call>". May throw (tests) or never return (a kill).
    virtual void reached(std::string_view name) = 0;
};

class NoFaultPoint final : public FaultPoint {
public:
    void reached(std::string_view) override {}
};

}  // namespace rb::core
