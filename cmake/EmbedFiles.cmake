# rb_embed_files(OUTPUT out.cpp FUNCTION admin_files FOLDER dir FILES a b ...)
# Makes a C++ file that holds the files as constants (src/server/http/embedded_file.hpp).
# Run as a script (cmake -P) it does the work; included, it declares the function.

if(CMAKE_SCRIPT_MODE_FILE)
    set(body "")
    set(table "")
    set(index 0)
    string(REPLACE "," ";" names "${FILES}")
    foreach(name ${names})
        file(READ "${FOLDER}/${name}" hex HEX)
        string(LENGTH "${hex}" length)
        math(EXPR bytes "${length} / 2")
        string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" literal "${hex}")
        # Lines of 16 bytes: compilers and people both choke on one long one.
        string(REGEX REPLACE "(................................................................)" "\\1\"\n    \"" literal "${literal}")
        string(APPEND body "constexpr char file_${index}[] =\n    \"${literal}\";\n")
        string(APPEND table "    {\"${name}\", {file_${index}, ${bytes}}},\n")
        math(EXPR index "${index} + 1")
    endforeach()
    file(WRITE "${OUTPUT}"
"// Made by cmake/EmbedFiles.cmake.
#include \"server/http/embedded_file.hpp\"

#include <array>

namespace rb::server {
namespace {
${body}
constexpr std::array<EmbeddedFile, ${index}> files = {{
${table}}};
}  // namespace

std::span<const EmbeddedFile> ${FUNCTION}() { return files; }

}  // namespace rb::server
")
    return()
endif()

set(RB_EMBED_SCRIPT "${CMAKE_CURRENT_LIST_FILE}")

function(rb_embed_files)
    cmake_parse_arguments(ARG "" "OUTPUT;FUNCTION;FOLDER" "FILES" ${ARGN})
    list(TRANSFORM ARG_FILES PREPEND "${ARG_FOLDER}/" OUTPUT_VARIABLE paths)
    string(REPLACE ";" "," names "${ARG_FILES}")
    add_custom_command(
        OUTPUT ${ARG_OUTPUT}
        COMMAND ${CMAKE_COMMAND} -DOUTPUT=${ARG_OUTPUT} -DFUNCTION=${ARG_FUNCTION}
                -DFOLDER=${ARG_FOLDER} "-DFILES=${names}" -P ${RB_EMBED_SCRIPT}
        DEPENDS ${paths} ${RB_EMBED_SCRIPT}
        VERBATIM)
endfunction()
