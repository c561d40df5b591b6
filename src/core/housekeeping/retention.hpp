// How long rows that have done their work are kept, with the reason for each. What is evidence of
// money (the books, callbacks that were genuine or could not be read, the operation log) is kept
// for good and does not stand here.

#pragma once

#include "core/identity/limits.hpp"
#include "core/limits.hpp"

#include <chrono>

namespace rb::core::retention {

// After an administrator's session has ended for good: long enough to ask, after a break-in, from
// where it was used. That he signed in stays in the operation log.
inline constexpr std::chrono::days sessions{30};

// After the last token of a family has expired. Until then all its spent tokens are needed: one
// that is presented again ends the family (SignInService::refresh). Afterwards none opens anything,
// and what remains is the same question as above.
inline constexpr std::chrono::days refresh_token_families{30};

// After a code has expired: support can see for a day that one was made. Sending another looks back
// no further than its interval.
inline constexpr std::chrono::hours verification_codes{24};
static_assert(verification_codes > limits::verification_resend_interval);

// After the challenge of a passkey that somebody signed in with has expired, by the clock of the
// server that removes it. To one whose clock is behind it is good for that much longer, and must
// still be known as used; nobody's clock is an hour wrong.
inline constexpr std::chrono::hours passkey_challenges{1};

// After a callback was received that its gateway's plugin took for forged: a wrong key in the
// plugin's configuration is found, and what it rejected replayed, within a month.
inline constexpr std::chrono::days rejected_callbacks{30};
static_assert(rejected_callbacks > limits::unverified_callbacks_window);

// After somebody was told something: complaints come within half a year, and no attempt to tell it
// again, which the row keeps from doing harm, lasts longer than its event's tries.
inline constexpr std::chrono::days notifications{180};
static_assert(notifications > limits::event_backoff_max * limits::event_attempts_max);

// Rows of a kind that one transaction removes: it is over in milliseconds and nobody waits for it.
inline constexpr int rows_per_batch = 1000;

}  // namespace rb::core::retention
