// The numbers of provisioning and reconciling, each with its reason.

#pragma once

#include <chrono>
#include <cstdint>

namespace rb::core::instance_limits {

// How often an opening is tried before the customer gets his money back. With the back-off below
// this is about a quarter of an hour: longer than a provider's restart, shorter than patience.
constexpr int opening_attempts_max = 8;
constexpr std::chrono::seconds opening_backoff_max{300};
// An accepted opening may stay under way this long before it counts as failed: a large image on a
// slow disk.
constexpr std::chrono::minutes opening_patience{60};

// How often a settled instance is looked at: finds what was changed or lost behind our back.
constexpr std::chrono::minutes settled_check_interval{15};
// How soon one that is not settled is looked at again when nothing else wakes us.
constexpr std::chrono::seconds unsettled_check_interval{30};
// How long a server has for one look before another may take it up.
constexpr std::chrono::minutes check_lease{5};
constexpr std::uint32_t checks_per_pass_max = 50;

// How long a server must have been seen as an orphan before it counts as one: longer than an
// opening or an end that is under way takes to be written down.
constexpr std::chrono::minutes orphan_patience{25};
// Pages of one provider's list; past it the list has no end.
constexpr int orphan_pages_max = 1'000;

// A description younger than this is answered from the database.
constexpr std::chrono::seconds description_age_max{10};
constexpr std::size_t action_arguments_max = 32;
constexpr std::size_t action_argument_bytes_max = 4096;

}  // namespace rb::core::instance_limits
