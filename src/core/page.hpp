// Pages of a list: which one is asked for, and what came of it.

#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace rb::core {

namespace limits {
// What a client gets that does not ask: one screen.
constexpr std::uint32_t page_size_default = 20;
// Bounds the memory and the time of one list call.
constexpr std::uint32_t page_size_max = 100;
// Bounds what OFFSET must walk past; nobody pages this far, a crawler would.
constexpr std::uint32_t page_max = 10'000;
// Of a search's text: longer ones find nothing more and cost the database more.
constexpr std::size_t search_chars_max = 100;
}  // namespace limits

// Pages count from 1.
struct PageRequest {
    std::uint32_t page = 1;
    std::uint32_t page_size = limits::page_size_default;

    // Zero means the default in either place, as an absent message does on the wire.
    // ERRORS: invalid_argument  page over page_max (pagination.page), page_size over page_size_max
    //                           (pagination.page_size)
    static Result<PageRequest> create(std::uint32_t page, std::uint32_t page_size);

    [[nodiscard]] std::uint64_t offset() const { return std::uint64_t{page - 1} * page_size; }
};

template <typename Item>
struct Page {
    std::vector<Item> items;
    // Of the whole list, not of this page.
    std::uint64_t total = 0;
};

// How many pages `total` items fill.
std::uint32_t page_count(std::uint64_t total, std::uint32_t page_size);

}  // namespace rb::core
