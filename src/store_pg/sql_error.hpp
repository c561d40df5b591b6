// SQLSTATE to Error. What the caller reads never holds SQL; what the log gets (detail) does.
//
//   class 08, 57P0x     unavailable: the server is away or going away
//   40001, 40P01        conflict: a race lost, the same transaction may be run again
//   55P03, 57014        deadline_exceeded: a lock or a statement took too long
//   23505, 23514, 23503 by the constraint's name, where a caller can do something about it
//   53xxx               unavailable: out of connections, memory, disk
//   anything else       internal

#pragma once

#include "base/error.hpp"

#include <string_view>

struct pg_result;
struct pg_conn;

namespace rb::store_pg {

struct SqlFailure {
    std::string_view sqlstate;
    std::string_view constraint;
    std::string_view message;
    // The statement's name, for the log.
    std::string_view statement;
};

Error error_from(const SqlFailure& failure);
Error error_from(const pg_result* result, std::string_view statement);
// The connection itself broke (or could not be made).
Error connection_lost(const pg_conn* connection);

}  // namespace rb::store_pg
