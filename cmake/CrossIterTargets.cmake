# What every target of the project shares: warnings, sanitizers, ccache, clang-tidy.

add_library(crossiter_flags INTERFACE)
target_compile_options(crossiter_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
    -Wno-missing-field-initializers)
target_include_directories(crossiter_flags INTERFACE "${CMAKE_SOURCE_DIR}")
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # At -O3 gcc 12 finds overruns inside std::string's operator+ and an unset std::optional behind its
    # own check that are not there; the other presets (-O2) keep these warnings.
    target_compile_options(crossiter_flags INTERFACE "$<$<CONFIG:Release>:-Wno-array-bounds;\
-Wno-maybe-uninitialized;-Wno-restrict;-Wno-stringop-overflow;-Wno-stringop-overread>")
endif()
if(CROSSITER_SANITIZE)
    target_compile_options(crossiter_flags INTERFACE -fsanitize=${CROSSITER_SANITIZE}
        -fno-sanitize-recover=all)
    # LibTorch's headers hold members that vptr checks cannot see into (built without RTTI data here).
    target_compile_options(crossiter_flags INTERFACE -fno-sanitize=vptr)
    target_link_options(crossiter_flags INTERFACE -fsanitize=${CROSSITER_SANITIZE})
endif()

find_program(CROSSITER_CCACHE ccache)
if(CROSSITER_CCACHE)
    # Precompiled headers are cached only when ccache may trust their time stamps.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
        ${CROSSITER_CCACHE})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        add_compile_options(-fpch-preprocess)
    endif()
endif()

if(CROSSITER_TIDY)
    # Nothing is compiled: the target `tidy` makes what code generators make, and checks all sources.
    set(CMAKE_DISABLE_PRECOMPILE_HEADERS ON)
    set(CMAKE_AUTOGEN_ORIGIN_DEPENDS OFF) # moc needs no library
    find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)
    add_custom_target(tidy
        COMMAND Python3::Interpreter -B "${CMAKE_SOURCE_DIR}/tests/architecture/check_tidy.py" --all
            "${CMAKE_SOURCE_DIR}" "${CMAKE_BINARY_DIR}"
        USES_TERMINAL)
endif()

# After all targets: `tidy` waits for their moc files.
function(crossiter_tidy_after_generators folder)
    get_property(targets DIRECTORY "${folder}" PROPERTY BUILDSYSTEM_TARGETS)
    foreach(target ${targets})
        get_target_property(automoc ${target} AUTOMOC)
        if(automoc)
            add_dependencies(tidy ${target}_autogen)
        endif()
    endforeach()
    get_property(folders DIRECTORY "${folder}" PROPERTY SUBDIRECTORIES)
    foreach(below ${folders})
        crossiter_tidy_after_generators("${below}")
    endforeach()
endfunction()

# crossiter_test(tst_Name FILES... [TORCH] [UI] [LOCALE] [LABELS ...]): one Qt Test program, one ctest test.
# TORCH: sees core's inside and LibTorch. UI: links the window. LOCALE: it runs a second time, as
# tst_Name.de, under a locale of decimal commas. Every test runs offscreen.
function(crossiter_test name)
    cmake_parse_arguments(ARG "TORCH;UI;LOCALE" "TIMEOUT" "LABELS" ${ARGN})
    add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
    set_target_properties(${name} PROPERTIES AUTOMOC ON
        RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
    target_link_libraries(${name} PRIVATE crossiter_flags crossiter_core crossiter_test_support Qt6::Test)
    if(ARG_TORCH)
        target_link_libraries(${name} PRIVATE LibTorch::cpu)
        target_compile_definitions(${name} PRIVATE QT_NO_KEYWORDS)
        target_precompile_headers(${name} REUSE_FROM crossiter_core_torch_tests)
    endif()
    if(ARG_UI)
        target_link_libraries(${name} PRIVATE crossiter_ui)
    endif()
    if(NOT ARG_TIMEOUT)
        set(ARG_TIMEOUT 600)
    endif()
    set(environment "QT_QPA_PLATFORM=offscreen;OMP_WAIT_POLICY=passive;GOMP_SPINCOUNT=1000")
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}"
        SKIP_RETURN_CODE 77
        ENVIRONMENT "${environment};LC_ALL=C.UTF-8")
    if(ARG_LOCALE)
        target_sources(${name} PRIVATE "${CMAKE_SOURCE_DIR}/tests/support/TestLocale.cpp")
        add_test(NAME ${name}.de COMMAND "${CMAKE_SOURCE_DIR}/tests/support/under_locale"
            "${CMAKE_BINARY_DIR}/locales" $<TARGET_FILE:${name}>)
        set_tests_properties(${name}.de PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}"
            SKIP_RETURN_CODE 77 ENVIRONMENT "${environment}")
    endif()
endfunction()
