# SPDX-License-Identifier: Apache-2.0
#
# outrider_dwarf.so, the only thing that needs libdw. Without it the arguments of a program's
# functions have no names and types; everything else is the same.
pkg_check_modules(LIBDW QUIET IMPORTED_TARGET libdw)
if(NOT LIBDW_FOUND)
  message(STATUS "No libdw: outrider_dwarf.so is not built")
  return()
endif()

add_library(outrider_dwarf MODULE src/sensors/probe/dwarf/dwarf_module.cpp)
target_include_directories(outrider_dwarf PRIVATE src)
target_link_libraries(outrider_dwarf PRIVATE PkgConfig::LIBDW)
set_target_properties(outrider_dwarf PROPERTIES
  PREFIX "" NO_SONAME ON CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
  LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
