// A read that was asked for and is not waited for yet. Reads that are put off together travel to
// the database in one round trip; the first get() sends them all.
//
//     auto order = unit.orders().find_for_update_later(id);
//     auto payer = unit.ledger().find_payer_for_update_later(id);
//     auto found = TRY(order.get());     // one round trip for both, order first
//
// Belongs to the UnitOfWork it came from and must not outlive it. get() may be called once.

#pragma once

#include "base/result.hpp"

#include <functional>
#include <utility>

namespace rb::core {

template <typename T>
class Later {
public:
    explicit Later(std::function<Result<T>()> take) : take_(std::move(take)) {}

    // ERRORS: those of the read, and of what was put off before it
    Result<T> get() { return std::exchange(take_, nullptr)(); }

private:
    std::function<Result<T>()> take_;
};

}  // namespace rb::core
