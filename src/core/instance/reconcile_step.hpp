// What to do next about an instance, given what shall be and what the provider says. Pure: the
// reconciler (reconciler.hpp) only carries it out.

#pragma once

#include "core/instance/instance.hpp"

#include <optional>
#include <set>
#include <string>
#include <variant>

namespace rb::core {

// The provider's state is the desired one, or as near as this provider can come to it.
struct Settled {};
// The provider is busy by itself; look again later.
struct Wait {};
struct Command {
    InstanceCommand command;
};
// It is ended at the provider, as it shall be.
struct Ended {};
// It is not as it shall be and no command of ours mends it: an operator must look.
struct Broken {
    std::string reason;
};

using ReconcileStep = std::variant<Settled, Wait, Command, Ended, Broken>;

// A provider without `suspend` is asked to stop instead, and stopped then counts as suspended.
// What vanished is never made anew: its disk is gone, and only its owner can say what to do.
ReconcileStep next_step(const Instance& instance, ProviderState state,
                        const std::set<ProviderCapability>& capabilities);

// What follows when the provider has refused `command` for good.
struct Refusal {
    // For the customer and the operator, in both languages. The provider's own words are not in it:
    // they go to the operation log.
    std::string reason;
    // Set: what the instance shall be from now on, which is what it is. A customer's wish that
    // cannot be had is given up; an end, a suspension and its lifting are not, for money hangs on
    // them: they stay wished for, and are tried again by the clock.
    std::optional<DesiredStatus> settle_for = {};
};
Refusal refusal_of(const Instance& instance, InstanceCommand command, ProviderState state);

// What customers are shown for it.
InstanceStatus shown_status(const Instance& instance, ProviderState state,
                            const std::set<ProviderCapability>& capabilities);

}  // namespace rb::core
