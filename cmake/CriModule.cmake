# SPDX-License-Identifier: Apache-2.0
#
# outrider_cri.so, the only thing that needs gRPC. Without it the program has no names from CRI,
# and says so in `status`; everything else is the same.
if(NOT OUTRIDER_CRI)
  return()
endif()

pkg_check_modules(GRPC QUIET IMPORTED_TARGET grpc++ protobuf)
find_program(OUTRIDER_PROTOC protoc)
find_program(OUTRIDER_GRPC_PLUGIN grpc_cpp_plugin)
if(NOT GRPC_FOUND OR NOT OUTRIDER_PROTOC OR NOT OUTRIDER_GRPC_PLUGIN)
  if(OUTRIDER_CRI STREQUAL "AUTO")
    message(STATUS "No gRPC: outrider_cri.so is not built")
    return()
  endif()
  message(FATAL_ERROR "outrider_cri.so needs libgrpc++-dev and protobuf-compiler-grpc")
endif()

set(folder ${PROJECT_SOURCE_DIR}/src/workloads/containers/cri)
set(generated ${PROJECT_BINARY_DIR}/cri)
file(MAKE_DIRECTORY ${generated})
set(outputs ${generated}/cri.pb.cc ${generated}/cri.grpc.pb.cc)
add_custom_command(
  OUTPUT ${outputs} ${generated}/cri.pb.h ${generated}/cri.grpc.pb.h
  COMMAND ${OUTRIDER_PROTOC} --proto_path=${folder} --cpp_out=${generated}
          --grpc_out=${generated} --plugin=protoc-gen-grpc=${OUTRIDER_GRPC_PLUGIN}
          ${folder}/cri.proto
  DEPENDS ${folder}/cri.proto
  VERBATIM)
add_custom_target(outrider_cri_generated DEPENDS ${outputs})
add_dependencies(outrider_generated outrider_cri_generated)
set_source_files_properties(${outputs} PROPERTIES COMPILE_OPTIONS -w)

add_library(outrider_cri_protocol STATIC ${outputs})
target_include_directories(outrider_cri_protocol SYSTEM PUBLIC ${generated})
target_link_libraries(outrider_cri_protocol PUBLIC PkgConfig::GRPC Threads::Threads)
set_target_properties(outrider_cri_protocol PROPERTIES
  POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)

add_library(outrider_cri MODULE ${folder}/cri_module.cpp)
target_include_directories(outrider_cri PRIVATE src)
target_link_libraries(outrider_cri PRIVATE outrider_cri_protocol)
set_target_properties(outrider_cri PROPERTIES
  PREFIX "" NO_SONAME ON CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
  LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
