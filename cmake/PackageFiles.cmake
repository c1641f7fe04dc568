# SPDX-License-Identifier: Apache-2.0
#
# Run by cpack before it packs: what each of Debian's packages has to bring besides what is
# installed. The time is that of SOURCE_DATE_EPOCH, if it is set.
foreach(component IN LISTS CPACK_COMPONENTS_ALL)
  string(TOUPPER ${component} upper)
  set(name ${CPACK_DEBIAN_${upper}_PACKAGE_NAME})
  set(directory ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/${component}/usr/share/doc/${name})
  string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
  file(WRITE ${directory}/changelog.Debian
"${name} (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium

  * As it is built from its own source; what has changed: changelog.gz of
    outrider.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
  execute_process(COMMAND ${CPACK_OUTRIDER_GZIP} -9 -n -f ${directory}/changelog.Debian
                  COMMAND_ERROR_IS_FATAL ANY)
  file(COPY ${CPACK_OUTRIDER_DEBIAN}/copyright DESTINATION ${directory}
       FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
  file(CHMOD ${directory}/changelog.Debian.gz
       PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
endforeach()
