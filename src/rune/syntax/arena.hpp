// Arena: where the nodes of one compilation live.

#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace rb::rune {

// Bump allocation; everything is freed at once.
class Arena {
public:
    template <typename T, typename... Args>
    T* make(Args&&... args) {
        static_assert(std::is_trivially_destructible_v<T>);
        return new (allocate(sizeof(T), alignof(T))) T{std::forward<Args>(args)...};
    }
    template <typename T>
    std::span<T> copy(const std::vector<T>& items) {
        static_assert(std::is_trivially_destructible_v<T>);
        if (items.empty()) return {};
        T* target = static_cast<T*>(allocate(std::span(items).size_bytes(), alignof(T)));
        std::uninitialized_copy(items.begin(), items.end(), target);
        return {target, items.size()};
    }
    // Text that does not stand in a source (an unescaped literal).
    std::string_view keep(std::string text) {
        texts_.push_back(std::move(text));
        return texts_.back();
    }

private:
    void* allocate(std::size_t bytes, std::size_t align);

    std::vector<std::unique_ptr<std::byte[]>> blocks_;
    std::size_t used_ = 0;
    std::size_t size_ = 0;
    std::deque<std::string> texts_;
};

}  // namespace rb::rune
