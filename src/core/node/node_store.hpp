// The ports to running server processes and to the roles only one of them plays at a time. Calls
// act inside the UnitOfWork the store was taken from and must not outlive it.

#pragma once

#include "base/result.hpp"

#include "core/ids.hpp"
#include "core/named_enum.hpp"
#include "core/ports/clock.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rb::core {

struct Node {
    NodeId id;
    std::string hostname = {};
    int pid = 0;
    std::string address = {};
    std::string version = {};
    Timestamp started_at = {};
    Timestamp last_heartbeat = {};
};

class NodeStore {
public:
    virtual ~NodeStore() = default;
    // Registers the node, or renews its heartbeat, which is the store's time: servers whose clocks
    // differ must agree on who is silent. `node.last_heartbeat` is not looked at.
    virtual Result<> beat(const Node& node) = 0;
    // It leaves in order.
    virtual Result<> remove(NodeId id) = 0;
    virtual Result<std::vector<Node>> list() = 0;
    // Forgets those silent for longer than that by the store's time; returns which.
    virtual Result<std::vector<NodeId>> remove_silent(std::chrono::seconds silence) = 0;
};

enum class LeaderRole { migration, events, billing };

template <>
struct EnumNames<LeaderRole> {
    static constexpr std::array<std::string_view, 3> names = {"migration", "events", "billing"};
};

class LeaseStore {
public:
    virtual ~LeaseStore() = default;
    // Takes a role that is free or whose lease has run out, or renews one's own. Returns the term,
    // which rises with each change of holder (a fencing token); nothing when another holds it.
    virtual Result<std::optional<std::int64_t>> take(LeaderRole role, NodeId node, Timestamp now,
                                                     std::chrono::seconds duration) = 0;
    // Whether `node` holds the role in this term at `now`. Locks the role's row until the unit
    // ends, so what is committed with it was done by the leader.
    virtual Result<bool> holds(LeaderRole role, NodeId node, std::int64_t term, Timestamp now) = 0;
    virtual Result<> release(LeaderRole role, NodeId node) = 0;
};

}  // namespace rb::core
