#include "core/ticket/ticket.hpp"

#include <array>

namespace rb::core {

bool is_transition_allowed(TicketStatus from, TicketStatus to) {
    using enum TicketStatus;
    // Row: from; column: to; in the order of the enumeration.
    constexpr bool allowed[4][4] = {
        /* pending    */ {true, true, true, true},
        /* processing */ {false, true, true, true},
        /* resolved   */ {false, true, true, true},
        /* closed     */ {false, true, false, true},
    };
    return allowed[static_cast<std::size_t>(from)][static_cast<std::size_t>(to)];
}

}  // namespace rb::core
