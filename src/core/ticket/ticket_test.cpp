#include "core/ticket/ticket.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace rb::core {
namespace {

TEST(TicketStatus, moves_by_its_table) {
    using enum TicketStatus;
    const std::vector<std::pair<TicketStatus, TicketStatus>> forbidden{
        {processing, pending}, {resolved, pending}, {closed, pending}, {closed, resolved}};
    for (const auto from : {pending, processing, resolved, closed}) {
        for (const auto to : {pending, processing, resolved, closed}) {
            const bool expected =
                std::ranges::find(forbidden, std::pair(from, to)) == forbidden.end();
            EXPECT_EQ(is_transition_allowed(from, to), expected)
                << name_of(from) << " → " << name_of(to);
        }
    }
}

}  // namespace
}  // namespace rb::core
