// A statement is a named constant: SQL text with $n parameters, prepared on each connection when it
// is first used there. Names are unique in the process; a second statement with the same name is a
// bug that the connection asserts.

#pragma once

namespace rb::store_pg {

struct Statement {
    const char* name;
    const char* sql;
};

}  // namespace rb::store_pg
