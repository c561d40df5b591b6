// The migrations that are built into this binary, in order of their numbers.

#pragma once

#include <span>
#include <string>
#include <string_view>

namespace rb::store_pg {

struct Migration {
    // "001_initial.sql" is version 1, description "initial" (as sqlx records it).
    long version;
    std::string_view description;
    std::string_view sql;

    // SHA-384 of the file, 48 bytes.
    [[nodiscard]] std::string checksum() const;
};

// Generated from migrations/*.sql when the binary is built.
std::span<const Migration> embedded_migrations();

}  // namespace rb::store_pg
