// The bounds of the domain, each with its reason.

#pragma once

#include <chrono>
#include <cstdint>

namespace rb::core {

// A transaction that lost a deadlock or a serialization race is run again, this often in all.
inline constexpr int transaction_attempts_max = 5;

namespace limits {

// An unpaid order ends after this (operations manual 6.3).
inline constexpr std::chrono::hours order_unpaid_max{24};
// An unpaid order whose payment is still open at the gateway waits this much longer for an answer,
// again and again, before the next look.
inline constexpr std::chrono::minutes order_payment_grace{30};
// Of a product whose stock is counted, a customer has at most so many unpaid orders: each keeps one
// piece from others for as long as it may stay unpaid, and costs nothing.
inline constexpr std::size_t unpaid_orders_of_product_max = 20;
// What a customer may write beside an order; also a CHECK in the database.
inline constexpr std::size_t order_notes_chars_max = 2000;
// A client's own key: a UUID or a hash in hexadecimal fits.
inline constexpr std::size_t idempotency_key_bytes_max = 128;
// Specs of one order, and of one key or value: what a provider's template may hold, generously.
inline constexpr std::size_t spec_fields_max = 64;
inline constexpr std::size_t spec_value_bytes_max = 256;
// A search string that reaches the database.
inline constexpr std::size_t search_bytes_max = 100;
// Why somebody cancels, refunds, adjusts: a sentence.
inline constexpr std::size_t reason_chars_max = 500;

// The least a recharge may be (wire contract): 10.00.
inline constexpr std::int64_t recharge_minor_units_min = 1000;
// A bank's reference number.
inline constexpr std::size_t reference_chars_max = 128;
// A callback's body: gateways send a form or a small document.
inline constexpr std::size_t callback_body_bytes_max = 256UL * 1024;
// Of the callbacks of a gateway that nobody could verify, this many are kept for each window, from
// the last one back: strangers send them, so they must not fill the disk (50 MB a day at the most),
// and whoever looks for the cause of a rejection finds it in a few. Past it a callback is verified
// first, and stored when it is genuine.
inline constexpr int unverified_callbacks_max = 200;
inline constexpr std::chrono::hours unverified_callbacks_window{24};
// Repeats of what was applied, kept for each payment. Gateways give up after some ten; the payer's
// browser may have brought a genuine one back, which he can send as often as he likes.
inline constexpr int duplicate_callbacks_max = 20;

// The poller asks a gateway after 15 s, then twice as long each time, at most hourly.
inline constexpr std::chrono::seconds payment_query_first{15};
inline constexpr std::chrono::seconds payment_query_interval_max{3600};
// An attempt that nobody has finished so long after it was begun ends as failed: it is asked about
// no more and stands in nobody's way. Money that comes all the same is still taken.
inline constexpr std::chrono::hours payment_open_max{7 * 24};
// An attempt whose call got no answer, and of which the gateway knows nothing this much later, was
// never made there: longer than any gateway takes to show what it took.
inline constexpr std::chrono::hours payment_not_found_after{1};
static_assert(payment_not_found_after < order_unpaid_max && order_unpaid_max < payment_open_max);
// How long one poller keeps a payment to itself.
inline constexpr std::chrono::seconds payment_query_lease{60};

// How long a worker has an event to itself: longer than all the plugin calls of one opening may
// take. What a dead server held is free when the server is struck off, long before this.
inline constexpr std::chrono::seconds event_lease{240};
// An event that has waited so long for the others of its batch is leased anew before it is begun.
inline constexpr std::chrono::seconds event_lease_fresh{60};
static_assert(event_lease_fresh * 2 < event_lease);
// Attempts before an event is buried. With the back-off below they span about a day.
inline constexpr int event_attempts_max = 12;
inline constexpr std::chrono::seconds event_backoff_first{2};
inline constexpr std::chrono::seconds event_backoff_max{3 * 3600};
// An event that was begun this many times as often as it may fail has killed its workers, each
// before it could say that it failed: it is buried untouched, so that the next server lives.
inline constexpr int event_unconcluded_factor = 2;

}  // namespace limits
}  // namespace rb::core
