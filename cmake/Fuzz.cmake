# rb_fuzz(NAME SOURCES fuzz/x_fuzz.cpp DEPENDS rb_base ... [PARSERS parser.cpp ... OF rb_layer])
# A fuzz target: SOURCES hold LLVMFuzzerTestOneInput.
#
# In every build the ordinary test NAME_corpus gives it each file of tests/fuzz/NAME, whole and cut
# off; there stand seeds, and what once broke it. With RB_BUILD_FUZZ it becomes a libFuzzer program
# as well, which tools/fuzz runs: that one compiles the PARSERS it is about with the fuzzer's
# instruments, while the corpus test links the layer that they are OF.
function(rb_fuzz name)
    cmake_parse_arguments(ARG "" "OF" "SOURCES;PARSERS;DEPENDS" ${ARGN})
    add_executable(${name}_corpus ${ARG_SOURCES})
    target_include_directories(${name}_corpus PRIVATE ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(${name}_corpus PRIVATE rb_warnings rb_fuzz_corpus ${ARG_OF} ${ARG_DEPENDS})
    add_test(NAME ${name}_corpus COMMAND ${name}_corpus tests/fuzz/${name}
        WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(${name}_corpus PROPERTIES LABELS unit TIMEOUT 600)

    if(RB_BUILD_FUZZ)
        rb_executable(${name} SOURCES ${ARG_SOURCES} ${ARG_PARSERS} DEPENDS ${ARG_DEPENDS})
        target_compile_options(${name} PRIVATE -fsanitize=fuzzer-no-link)
        target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    endif()
endfunction()
