# Finds libwebp; Debian's package brings no CMake configuration.
#
#   WebP::webp    the decoder and encoder
#
# WebP_VERSION is not in the headers; pkg-config's file says it, where it is found.

find_path(WebP_INCLUDE_DIR webp/decode.h)
find_library(WebP_LIBRARY webp)
find_file(WebP_PC libwebp.pc PATHS /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/pkgconfig /usr/lib/pkgconfig
    /usr/local/lib/pkgconfig NO_DEFAULT_PATH)
if(WebP_PC)
    file(STRINGS "${WebP_PC}" _webp_line REGEX "^Version:")
    string(REGEX MATCH "[0-9.]+" WebP_VERSION "${_webp_line}")
else()
    set(WebP_VERSION "${WebP_FIND_VERSION}") # nothing says another one
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(WebP REQUIRED_VARS WebP_LIBRARY WebP_INCLUDE_DIR VERSION_VAR WebP_VERSION
    REASON_FAILURE_MESSAGE "apt-get install libwebp-dev")
if(WebP_FOUND AND NOT TARGET WebP::webp)
    add_library(WebP::webp UNKNOWN IMPORTED)
    set_target_properties(WebP::webp PROPERTIES IMPORTED_LOCATION "${WebP_LIBRARY}")
    target_include_directories(WebP::webp SYSTEM INTERFACE "${WebP_INCLUDE_DIR}")
endif()
mark_as_advanced(WebP_INCLUDE_DIR WebP_LIBRARY WebP_PC)
