# Files of a target compiled several as one: most of the time a file takes goes into headers that its
# neighbours read too, so what it costs to compile core is halved this way. Names in anonymous
# namespaces are therefore unique within a target, unless it is kept APART. The preset `dev` compiles file
# by file, which shows that each includes what it uses.

option(RB_JOIN "Compile several files of a target as one" OFF)
set(RB_JOINED_FILES_MAX 12) # so that a changed file is still compiled in seconds

# rb_join(TARGET): called once its sources are known.
function(rb_join target)
    if(NOT RB_JOIN)
        return()
    endif()
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
    get_target_property(sources ${target} SOURCES)
    list(SORT sources)
    set(files 0)
    foreach(source ${sources})
        if(IS_ABSOLUTE ${source} OR NOT source MATCHES "\\.cpp$")
            continue() # made by the build, with names of its maker's choice
        endif()
        math(EXPR part "${files} / ${RB_JOINED_FILES_MAX}")
        math(EXPR files "${files} + 1")
        set_source_files_properties(${source} PROPERTIES UNITY_GROUP of_${part})
    endforeach()
endfunction()
