// Presence: this process in the table of running servers.

#pragma once

#include "base/result.hpp"

#include "core/node/node_store.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/log.hpp"
#include "core/unit_of_work.hpp"

#include <string>

namespace rb::server {

class Presence {
public:
    struct Ports {
        core::Database& database;
        const core::Clock& clock;
        core::Log& log;
    };
    // `address`: where this process listens, for people.
    Presence(Ports ports, core::NodeId node, std::string address);

    // Registers the process, or says that it still lives; strikes off who has been silent too long
    // and frees the events that their workers held.
    // ERRORS (both): unavailable
    Result<> beat();
    Result<> leave();

private:
    const Ports ports_;
    core::Node node_;
};

}  // namespace rb::server
