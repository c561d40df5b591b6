# The headers that nearly every file reads, read once: a file of core compiles in two thirds of the
# time. A file still includes what it uses: every preset but `release` goes without.

option(RB_PRECOMPILE "Read the headers that nearly every file needs once" OFF)
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    set(RB_PRECOMPILE OFF)
endif()

if(RB_PRECOMPILE)
    set(empty ${CMAKE_BINARY_DIR}/precompiled/empty.cpp)
    file(CONFIGURE OUTPUT ${empty} CONTENT "")

    add_library(rb_precompiled_layer OBJECT ${empty})
    target_precompile_headers(rb_precompiled_layer PRIVATE
        <boost/system/result.hpp> <chrono> <functional> <map> <memory> <optional> <string> <vector>)

    set(main ${CMAKE_BINARY_DIR}/precompiled/main.cpp)
    file(CONFIGURE OUTPUT ${main} CONTENT "int main() {}\n")
    add_executable(rb_precompiled_test ${main}) # a program, because its code is -fPIE as the tests' is
    target_link_libraries(rb_precompiled_test PRIVATE GTest::gtest GTest::gmock)
    target_compile_options(rb_precompiled_test PRIVATE $<$<CONFIG:Release>:-O0>)
    target_precompile_headers(rb_precompiled_test PRIVATE
        <boost/system/result.hpp> <chrono> <functional> <gmock/gmock.h> <gtest/gtest.h> <map> <memory>
        <optional> <string> <vector>)
endif()

# rb_precompile(TARGET layer|test)
function(rb_precompile target kind)
    if(RB_PRECOMPILE)
        target_precompile_headers(${target} REUSE_FROM rb_precompiled_${kind})
    endif()
endfunction()
