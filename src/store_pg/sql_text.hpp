// SQL put together at compile time, so that a list of columns is written once:
//
//     constexpr char columns[] = "id, username";
//     constexpr auto find_sql = sql_text("SELECT ", columns, " FROM users WHERE id = $1");
//     constexpr Statement find_user{"user_find", find_sql.data()};

#pragma once

#include <array>
#include <cstddef>

namespace rb::store_pg {

template <std::size_t... Sizes>
consteval auto sql_text(const char (&... parts)[Sizes]) {
    // Each part brings a terminating NUL; the whole keeps one.
    std::array<char, (Sizes + ...) - sizeof...(Sizes) + 1> text{};
    std::size_t length = 0;
    const auto append = [&](const char* part, std::size_t size) {
        for (std::size_t i = 0; i + 1 < size; ++i) text[length++] = part[i];
    };
    (append(parts, Sizes), ...);
    return text;
}

}  // namespace rb::store_pg
