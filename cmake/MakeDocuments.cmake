# SPDX-License-Identifier: Apache-2.0
#
# cmake -DPROGRAM=... -DDIRECTORY=... -DGZIP=... -DCHANGELOG=... -P MakeDocuments.cmake
#
# What the program writes of itself, as packages have it. The same program gives the same bytes.
set(man ${DIRECTORY}/man)
set(completion ${DIRECTORY}/completion)
file(REMOVE_RECURSE ${DIRECTORY})
file(MAKE_DIRECTORY ${man} ${completion})

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()
# Without time and name, which gzip would put in.
function(compress)
  run(${GZIP} -9 -n ${ARGN})
endfunction()

run(${PROGRAM} document manual ${man})
run(${PROGRAM} document completion ${completion})
file(GLOB pages ${man}/*.8)
compress(${pages})
file(COPY_FILE ${CHANGELOG} ${DIRECTORY}/changelog)
compress(${DIRECTORY}/changelog)

# Every key behind a '#', its section before it, so that taking the '#' away is enough to change
# one, and what nobody changed follows the defaults of the next version.
execute_process(COMMAND ${PROGRAM} agent --print-config OUTPUT_VARIABLE text
                COMMAND_ERROR_IS_FATAL ANY)
string(REGEX REPLACE "\n( *)([a-z_]+: )" "\n\\1#\\2" text "${text}")
file(WRITE ${DIRECTORY}/agent.yaml "${text}")
