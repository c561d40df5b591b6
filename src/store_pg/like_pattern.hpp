// A search text as a pattern for ILIKE, found anywhere: what LIKE treats as special is escaped.

#pragma once

#include <string>
#include <string_view>

namespace rb::store_pg {

inline std::string like_pattern(std::string_view search) {
    std::string pattern = "%";
    for (const char c : search) {
        if (c == '%' || c == '_' || c == '\\') pattern += '\\';
        pattern += c;
    }
    return pattern + "%";
}

}  // namespace rb::store_pg
