# SPDX-License-Identifier: Apache-2.0
#
# What is installed besides the program and its module: manual pages, completion, the
# configuration with its defaults, the unit. The program writes all but the last itself, so that
# nothing says it twice. Components: `program`, and `cri`, which needs gRPC.
find_program(OUTRIDER_GZIP gzip REQUIRED)

set(OUTRIDER_DOCUMENTS ${PROJECT_BINARY_DIR}/documents)
add_custom_command(
  OUTPUT ${OUTRIDER_DOCUMENTS}/agent.yaml
  COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:outrider_program>
          -DDIRECTORY=${OUTRIDER_DOCUMENTS} -DGZIP=${OUTRIDER_GZIP}
          -DCHANGELOG=${PROJECT_SOURCE_DIR}/CHANGELOG.md
          -P ${PROJECT_SOURCE_DIR}/cmake/MakeDocuments.cmake
  DEPENDS outrider_program cmake/MakeDocuments.cmake CHANGELOG.md
  COMMENT "Writing manual pages, completion and configuration"
  VERBATIM)
add_custom_target(outrider_documents DEPENDS ${OUTRIDER_DOCUMENTS}/agent.yaml)
# All that `cmake --install` needs.
add_custom_target(outrider_installed)
add_dependencies(outrider_installed outrider_program outrider_documents)
if(TARGET outrider_cri)
  add_dependencies(outrider_installed outrider_cri)
endif()

install(TARGETS outrider_program RUNTIME DESTINATION ${CMAKE_INSTALL_SBINDIR} COMPONENT program)
if(TARGET outrider_cri)
  install(TARGETS outrider_cri LIBRARY DESTINATION ${OUTRIDER_MODULE_PATH} COMPONENT cri)
endif()
if(TARGET outrider_dwarf)
  add_dependencies(outrider_installed outrider_dwarf)
  install(TARGETS outrider_dwarf LIBRARY DESTINATION ${OUTRIDER_MODULE_PATH} COMPONENT program)
endif()
configure_file(cmake/InstallFiles.cmake.in ${PROJECT_BINARY_DIR}/InstallFiles.cmake @ONLY)
install(SCRIPT ${PROJECT_BINARY_DIR}/InstallFiles.cmake COMPONENT program)
