# Files of a target compiled several as one: most of the time a file takes goes into headers that its
# neighbours read too, so a clean build takes about half the time this way. Names in anonymous
# namespaces are therefore unique within a target (APART: the target does without; FOLDERS: within a
# folder). Every preset but `release` compiles file by file,
# which shows that each includes what it uses.

option(RB_JOIN "Compile several files of a target as one" OFF)
set(RB_JOINED_FILES_MAX 12) # so that a changed file is still compiled in seconds

# rb_join(TARGET [folders]): called once its sources are known; with `folders`, only files of one
# folder come together.
function(rb_join target)
    if(NOT RB_JOIN)
        return()
    endif()
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
    get_target_property(sources ${target} SOURCES)
    list(SORT sources)
    foreach(source ${sources})
        if(IS_ABSOLUTE ${source} OR NOT source MATCHES "\\.cpp$")
            continue() # made by the build, with names of its maker's choice
        endif()
        set(group of)
        if("${ARGN}" STREQUAL folders)
            get_filename_component(folder ${source} DIRECTORY)
            string(MAKE_C_IDENTIFIER "of_${folder}" group)
        endif()
        if(NOT DEFINED files_${group})
            set(files_${group} 0)
        endif()
        math(EXPR part "${files_${group}} / ${RB_JOINED_FILES_MAX}")
        math(EXPR files_${group} "${files_${group}} + 1")
        set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${group}_${part})
    endforeach()
endfunction()
