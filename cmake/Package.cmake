# SPDX-License-Identifier: Apache-2.0
#
# Debian packages by `cpack` (scripts/package): outrider, and outrider-cri for what needs gRPC. Only
# suggested, so that nobody gets gRPC who did not ask for it: names from CRI come on top of those
# that files tell.
set(OUTRIDER_MAINTAINER "Outrider maintainers <maintainers@outrider.example>" CACHE STRING
    "who answers for the packages")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME outrider)
set(CPACK_PACKAGE_VENDOR Outrider)
set(CPACK_PACKAGE_CONTACT "${OUTRIDER_MAINTAINER}")
set(CPACK_OUTPUT_FILE_PREFIX ${PROJECT_BINARY_DIR})
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/PackageFiles.cmake)
set(CPACK_PROJECT_CONFIG_FILE "")
set(CPACK_OUTRIDER_DEBIAN ${PROJECT_SOURCE_DIR}/deploy/debian)
set(CPACK_OUTRIDER_GZIP ${OUTRIDER_GZIP})

set(CPACK_COMPONENTS_ALL program)
if(TARGET outrider_cri)
  list(APPEND CPACK_COMPONENTS_ALL cri)
endif()
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME outrider)
# groupadd
set(CPACK_DEBIAN_PROGRAM_PACKAGE_DEPENDS passwd)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SUGGESTS outrider-cri)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_CONTROL_EXTRA
    ${CPACK_OUTRIDER_DEBIAN}/postinst ${CPACK_OUTRIDER_DEBIAN}/prerm
    ${CPACK_OUTRIDER_DEBIAN}/postrm ${CPACK_OUTRIDER_DEBIAN}/conffiles)
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION
"see what happens on a Linux machine, by eBPF
Shows processes, files, sockets and more of the host and of its containers as
they happen, as groups that the kernel adds up, or as a snapshot. No kernel
module, no change to the programs that it looks at.

An agent in the background serves the same to several readers, to members of
the group outrider, and to Prometheus. It is not started by itself.")

set(CPACK_DEBIAN_CRI_PACKAGE_NAME outrider-cri)
set(CPACK_DEBIAN_CRI_PACKAGE_DEPENDS
    "outrider (= ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})")
# With scripts of its own, or CPack adds ones that call ldconfig for what is no library.
set(CPACK_DEBIAN_CRI_PACKAGE_CONTROL_EXTRA
    ${CPACK_OUTRIDER_DEBIAN}/cri/postinst ${CPACK_OUTRIDER_DEBIAN}/cri/postrm)
set(CPACK_COMPONENT_CRI_DESCRIPTION
"names of containers from CRI, for outrider
Most names of containers are found in the files of their runtimes. This module
asks runtimes that serve Kubernetes' Container Runtime Interface besides.")
include(CPack)
