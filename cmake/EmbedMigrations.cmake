# cmake -P script: writes OUTPUT, a .cpp that holds every migrations/NNN_name.sql in SOURCE_DIR.
# Run at build time when one of them changes.
file(GLOB files RELATIVE ${SOURCE_DIR} ${SOURCE_DIR}/*.sql)
list(SORT files)
set(entries "")
foreach(file ${files})
    if(NOT file MATCHES "^([0-9]+)_([a-z0-9_]+)\\.sql$")
        message(FATAL_ERROR "migrations/${file}: a migration is named NNN_what_it_does.sql")
    endif()
    set(digits ${CMAKE_MATCH_1})
    set(words ${CMAKE_MATCH_2})
    string(REGEX REPLACE "^0+" "" version ${digits})
    string(REPLACE "_" " " description ${words})
    file(READ ${SOURCE_DIR}/${file} sql)
    string(APPEND entries "    Migration{${version}, \"${description}\", R\"rbsql(${sql})rbsql\"},\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"store_pg/migration.hpp\"

#include <array>

namespace rb::store_pg {
namespace {

constexpr std::array migrations = {
${entries}};

}  // namespace

std::span<const Migration> embedded_migrations() {
    return migrations;
}

}  // namespace rb::store_pg
")
