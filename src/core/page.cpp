#include "core/page.hpp"

namespace rb::core {

Result<PageRequest> PageRequest::create(std::uint32_t page, std::uint32_t page_size) {
    if (page > limits::page_max) {
        return invalid_field("pagination.page",
                             "must be at most " + std::to_string(limits::page_max));
    }
    if (page_size > limits::page_size_max) {
        return invalid_field("pagination.page_size",
                             "must be at most " + std::to_string(limits::page_size_max));
    }
    return PageRequest{.page = page == 0 ? 1 : page,
                       .page_size = page_size == 0 ? limits::page_size_default : page_size};
}

std::uint32_t page_count(std::uint64_t total, std::uint32_t page_size) {
    ASSERT(page_size > 0);
    return static_cast<std::uint32_t>((total + page_size - 1) / page_size);
}

}  // namespace rb::core
