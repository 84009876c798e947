# Finds Little CMS 2; Debian's package brings no CMake configuration.
#
#   LCMS2::lcms2
#
# LCMS2_VERSION is read from the header: 2140 is 2.14.

find_path(LCMS2_INCLUDE_DIR lcms2.h)
find_library(LCMS2_LIBRARY lcms2)
if(LCMS2_INCLUDE_DIR)
    file(STRINGS "${LCMS2_INCLUDE_DIR}/lcms2.h" _lcms2_line REGEX "define LCMS_VERSION +[0-9]+")
    string(REGEX MATCH "[0-9]+$" _lcms2_number "${_lcms2_line}")
    if(_lcms2_number)
        math(EXPR _lcms2_major "${_lcms2_number} / 1000")
        math(EXPR _lcms2_minor "${_lcms2_number} % 1000 / 10")
        set(LCMS2_VERSION "${_lcms2_major}.${_lcms2_minor}")
    endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LCMS2 REQUIRED_VARS LCMS2_LIBRARY LCMS2_INCLUDE_DIR VERSION_VAR LCMS2_VERSION
    REASON_FAILURE_MESSAGE "apt-get install liblcms2-dev")
if(LCMS2_FOUND AND NOT TARGET LCMS2::lcms2)
    add_library(LCMS2::lcms2 UNKNOWN IMPORTED)
    set_target_properties(LCMS2::lcms2 PROPERTIES IMPORTED_LOCATION "${LCMS2_LIBRARY}")
    target_include_directories(LCMS2::lcms2 SYSTEM INTERFACE "${LCMS2_INCLUDE_DIR}")
endif()
mark_as_advanced(LCMS2_INCLUDE_DIR LCMS2_LIBRARY)
