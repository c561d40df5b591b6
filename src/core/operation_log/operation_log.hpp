// The operation log: who did what to which object, and what changed. Written in the transaction of
// the change itself, append-only, never with a secret in it.

#pragma once

#include "base/result.hpp"

#include "core/identity/actor.hpp"
#include "core/page.hpp"
#include "core/ports/clock.hpp"

#include <map>
#include <optional>
#include <string>
#include <utility>

namespace rb::core {

using OperationId = Id<struct OperationTag>;

// Who acts, as the log keeps him. The command line has no user: whoever may read the database's
// credentials is above them.
struct ActorStamp {
    std::string kind;  // admin, customer, api_key, system, cli
    std::optional<UserId> user = {};
    std::string request_id = {};
    std::string ip = {};

    static ActorStamp of(const Actor& actor);
    static ActorStamp command_line() { return {.kind = "cli"}; }
};

// Field to (old, new), as text for people.
struct Change {
    std::string before;
    std::string after;
};
using Changes = std::map<std::string, Change>;

// Adds the field when it changed.
void note_change(Changes& changes, std::string field, std::string before, std::string after);

struct Operation {
    OperationId id;
    ActorStamp by;
    std::optional<CustomerId> customer = {};
    std::string action;       // "customer.update"
    std::string object_type;  // "customer"
    std::string object_id;
    Changes changes = {};
    Timestamp at = {};
};

struct OperationFilter {
    std::optional<std::string> object_type = {};
    std::optional<std::string> object_id = {};
};

class OperationLogStore {
public:
    virtual ~OperationLogStore() = default;
    virtual Result<> append(const Operation& operation) = 0;
    // Newest first.
    virtual Result<Page<Operation>> list(const OperationFilter& filter, PageRequest page) = 0;
};

}  // namespace rb::core
