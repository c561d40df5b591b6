# How every target of the project is built: one place for flags, the linker and the cache.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS ON) # TRY is a GNU statement expression
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

find_program(RB_CCACHE ccache)
if(RB_CCACHE)
    # The sloppiness is what ccache asks for where precompiled headers are used; no file of ours
    # reads __DATE__ or __TIME__.
    set(launcher env CCACHE_SLOPPINESS=pch_defines,time_macros ${RB_CCACHE})
    set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
    set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()

find_program(RB_MOLD mold)
if(RB_MOLD)
    add_link_options(-fuse-ld=mold)
endif()

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(GTest REQUIRED)

add_library(rb_warnings INTERFACE)
target_compile_options(rb_warnings INTERFACE -Wall -Wextra -Wconversion -Werror)

include(Joined)
include(Precompiled)

# rb_library(NAME SOURCES a.cpp ... DEPENDS rb_base ... [PRIVATE_DEPENDS libpq ...])
# A layer. Headers are found by their path below src/ ("core/order/order.hpp"). APART: its files
# share private names, so that each is compiled for itself.
function(rb_library name)
    cmake_parse_arguments(ARG "APART" "" "SOURCES;DEPENDS;PRIVATE_DEPENDS" ${ARGN})
    add_library(${name} STATIC ${ARG_SOURCES})
    target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(${name} PUBLIC ${ARG_DEPENDS} PRIVATE rb_warnings ${ARG_PRIVATE_DEPENDS})
    if(NOT ARG_APART)
        rb_join(${name})
    endif()
    rb_precompile(${name} layer)
endfunction()

# rb_executable(NAME SOURCES main.cpp DEPENDS ...): a program people start; it stands in build/…/bin.
function(rb_executable name)
    cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
    add_executable(${name} ${ARG_SOURCES})
    target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(${name} PRIVATE rb_warnings ${ARG_DEPENDS})
    rb_join(${name})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()

# rb_test(NAME SOURCES a_test.cpp ... DEPENDS rb_core ... [LABELS pg wire ...])
# One gtest binary, one ctest entry. Label `pg` means: needs the test cluster. What is tested is
# optimised as it ships; the tests themselves are not, because compiling them would take longer than
# running them. APART as for a layer.
function(rb_test name)
    cmake_parse_arguments(ARG "APART" "" "SOURCES;DEPENDS;LABELS" ${ARGN})
    add_executable(${name} ${ARG_SOURCES})
    target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/tests)
    target_link_libraries(${name} PRIVATE rb_warnings ${ARG_DEPENDS} GTest::gtest GTest::gmock GTest::gtest_main)
    target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O0>)
    if(NOT ARG_APART)
        rb_join(${name})
    endif()
    rb_precompile(${name} test)
    add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT 600)
endfunction()

# rb_script_test(NAME COMMAND tests/e2e/buy.py ... [LABELS e2e ...])
# A test that is a program, run from the top of the tree with the build in RB_BUILD. It ends with a
# line "N passed, N failed" (", N skipped"), or counts as one; exit code 77 skips it whole, and its
# last line says why. Labels `e2e` and `chaos` run after all others and alone.
function(rb_script_test name)
    cmake_parse_arguments(ARG "" "TIMEOUT" "COMMAND;LABELS" ${ARGN})
    if(NOT ARG_TIMEOUT)
        set(ARG_TIMEOUT 600)
    endif()
    add_test(NAME ${name} COMMAND ${ARG_COMMAND} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT}
        SKIP_RETURN_CODE 77 ENVIRONMENT "RB_BUILD=${CMAKE_BINARY_DIR}")
endfunction()
