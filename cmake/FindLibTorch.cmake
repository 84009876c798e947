# Finds LibTorch's headers and libraries without its packaged configuration, which refuses to load
# where no CUDA toolkit is installed. Looks into LibTorch_ROOT (a user's own: libtorch/ or the
# Python package's torch/ folder), else into what scripts/setup brought.
#
#   LibTorch::cpu    headers, torch_cpu, c10
#   LibTorch::cuda   the same with torch_cuda, c10_cuda (only with CROSSITER_CUDA)
#
# LibTorch_VERSION is read from the headers; the C++ ABI is tested by linking.

set(_libtorch_hints "${LibTorch_ROOT}" "$ENV{LibTorch_ROOT}" "${CROSSITER_DEPS_DIR}/libtorch")
find_path(LibTorch_INCLUDE_DIR c10/core/Device.h HINTS ${_libtorch_hints} PATH_SUFFIXES include NO_DEFAULT_PATH)
find_library(LibTorch_CPU_LIBRARY torch_cpu HINTS ${_libtorch_hints} PATH_SUFFIXES lib NO_DEFAULT_PATH)
find_library(LibTorch_C10_LIBRARY c10 HINTS ${_libtorch_hints} PATH_SUFFIXES lib NO_DEFAULT_PATH)

if(LibTorch_INCLUDE_DIR)
    # The numbers moved between versions: 2.10 took them to headeronly.
    foreach(_header torch/headeronly/version.h torch/csrc/api/include/torch/version.h)
        if(EXISTS "${LibTorch_INCLUDE_DIR}/${_header}" AND NOT _libtorch_lines)
            file(STRINGS "${LibTorch_INCLUDE_DIR}/${_header}" _libtorch_lines
                REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) [0-9]+")
        endif()
    endforeach()
    string(REGEX MATCHALL "[0-9]+" _libtorch_numbers "${_libtorch_lines}")
    list(JOIN _libtorch_numbers "." LibTorch_VERSION)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
    REQUIRED_VARS LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY LibTorch_INCLUDE_DIR
    VERSION_VAR LibTorch_VERSION
    REASON_FAILURE_MESSAGE "run scripts/setup, or give your own with -DLibTorch_ROOT=DIR")

if(LibTorch_FOUND AND NOT TARGET LibTorch::cpu)
    get_filename_component(_libtorch_lib "${LibTorch_CPU_LIBRARY}" DIRECTORY)
    add_library(LibTorch::c10 SHARED IMPORTED)
    set_target_properties(LibTorch::c10 PROPERTIES IMPORTED_LOCATION "${LibTorch_C10_LIBRARY}")
    add_library(LibTorch::cpu SHARED IMPORTED)
    set_target_properties(LibTorch::cpu PROPERTIES IMPORTED_LOCATION "${LibTorch_CPU_LIBRARY}")
    target_include_directories(LibTorch::cpu SYSTEM INTERFACE "${LibTorch_INCLUDE_DIR}"
        "${LibTorch_INCLUDE_DIR}/torch/csrc/api/include")
    # The libraries' own dependencies (libgomp, libcudart, libcupti) lie beside them.
    target_link_options(LibTorch::cpu INTERFACE "-Wl,-rpath-link,${_libtorch_lib}")
    target_link_libraries(LibTorch::cpu INTERFACE LibTorch::c10)

    if(CROSSITER_CUDA)
        foreach(_part torch_cuda c10_cuda)
            find_library(LibTorch_${_part}_LIBRARY ${_part} HINTS "${_libtorch_lib}" NO_DEFAULT_PATH)
            if(NOT LibTorch_${_part}_LIBRARY)
                message(FATAL_ERROR "LibTorch's lib${_part}.so is missing: run scripts/setup --cuda")
            endif()
            add_library(LibTorch::${_part} SHARED IMPORTED)
            set_target_properties(LibTorch::${_part} PROPERTIES
                IMPORTED_LOCATION "${LibTorch_${_part}_LIBRARY}")
        endforeach()
        # Nothing of ours names a symbol of torch_cuda: it registers itself when it is loaded.
        target_link_options(LibTorch::cpu INTERFACE "-Wl,--no-as-needed")
        target_link_libraries(LibTorch::cpu INTERFACE LibTorch::torch_cuda LibTorch::c10_cuda)
    endif()

    # Wheels older than 2.7 use the C++ ABI from before C++11 and cannot meet Debian's Qt.
    include(CheckCXXSourceCompiles)
    set(CMAKE_REQUIRED_INCLUDES "${LibTorch_INCLUDE_DIR}")
    set(CMAKE_REQUIRED_LIBRARIES "${LibTorch_C10_LIBRARY}")
    set(CMAKE_REQUIRED_FLAGS "-std=c++20")
    check_cxx_source_compiles("#include <c10/util/Exception.h>
        int main() { try { throw c10::Error(c10::SourceLocation{}, std::string()); } catch (...) {} return 0; }"
        LibTorch_HAS_CXX11_ABI)
    unset(CMAKE_REQUIRED_INCLUDES)
    unset(CMAKE_REQUIRED_LIBRARIES)
    unset(CMAKE_REQUIRED_FLAGS)
    if(NOT LibTorch_HAS_CXX11_ABI)
        message(FATAL_ERROR "LibTorch ${LibTorch_VERSION} at ${LibTorch_INCLUDE_DIR} does not link with this "
            "compiler's std::string: it was built with the old C++ ABI. Take 2.7 or newer.")
    endif()
endif()
mark_as_advanced(LibTorch_INCLUDE_DIR LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY)
