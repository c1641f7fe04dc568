# SPDX-License-Identifier: Apache-2.0
#
# bpf_object(NAME SOURCES x.bpf.c...)
#
# Compiles the sources into one BPF object and makes its skeleton, NAME.skel.h, which
# targets get by linking NAME. The sources are included one after the other into one
# translation unit rather than linked: libbpf's static linker before 1.2 refuses a kfunc
# that two objects declare, and one unit lets maps and knobs be defined once, in headers.
find_program(OUTRIDER_BPF_CLANG NAMES clang-19 clang-20 clang-18 clang REQUIRED)
# Ubuntu keeps bpftool with each kernel's tools; the wrapper in /usr/sbin wants the
# running kernel's.
file(GLOB _bpftool_places /usr/lib/linux-tools/*/bpftool /usr/lib/linux-tools-*/bpftool)
foreach(_place ${_bpftool_places})
  get_filename_component(_directory ${_place} DIRECTORY)
  list(APPEND _bpftool_hints ${_directory})
endforeach()
find_program(OUTRIDER_BPFTOOL NAMES bpftool HINTS ${_bpftool_hints} PATHS /usr/sbin /sbin REQUIRED)

if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  set(OUTRIDER_BPF_ARCHITECTURE x86)
elseif(CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64")
  set(OUTRIDER_BPF_ARCHITECTURE arm64)
else()
  message(FATAL_ERROR "no BPF programs for ${CMAKE_SYSTEM_PROCESSOR} yet: see src/syscalls/abi.bpf.h")
endif()

function(bpf_object name)
  cmake_parse_arguments(ARGUMENT "" "" "SOURCES" ${ARGN})
  set(directory ${CMAKE_CURRENT_BINARY_DIR}/bpf/${name})
  set(unit ${directory}/${name}.bpf.c)
  set(object ${directory}/${name}.bpf.o)
  set(skeleton ${directory}/${name}.skel.h)
  set(includes "")
  foreach(source ${ARGUMENT_SOURCES})
    string(APPEND includes "#include \"${CMAKE_CURRENT_SOURCE_DIR}/${source}\"\n")
  endforeach()
  file(CONFIGURE OUTPUT ${unit} CONTENT "${includes}")

  add_custom_command(
    OUTPUT ${object}
    # v3: 32-bit jumps, which all kernels from 5.10 on have.
    COMMAND ${OUTRIDER_BPF_CLANG} -g -O2 -target bpf -mcpu=v3
            -D__TARGET_ARCH_${OUTRIDER_BPF_ARCHITECTURE}
            -Wall -Wextra -Werror -Wno-unused-parameter
            -I${PROJECT_SOURCE_DIR}/src
            -idirafter /usr/include/${CMAKE_LIBRARY_ARCHITECTURE}
            -MD -MF ${object}.d -MT ${object} -c ${unit} -o ${object}
    DEPENDS ${ARGUMENT_SOURCES} ${unit}
    DEPFILE ${object}.d
    COMMENT "Compiling kernel programs ${name}"
    VERBATIM)
  add_custom_command(
    OUTPUT ${skeleton}
    COMMAND ${OUTRIDER_BPFTOOL} gen skeleton ${object} name ${name}_bpf > ${skeleton}
    DEPENDS ${object}
    COMMENT "Making ${name}.skel.h")
  add_custom_target(${name}_skeleton DEPENDS ${skeleton})
  add_library(${name} INTERFACE)
  target_include_directories(${name} SYSTEM INTERFACE ${directory})
  # bpftool writes C's word for it, which clang does not take in C++.
  target_compile_definitions(${name} INTERFACE $<$<COMPILE_LANGUAGE:CXX>:_Bool=bool>)
  add_dependencies(${name} ${name}_skeleton)
endfunction()
