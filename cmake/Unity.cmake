# SPDX-License-Identifier: Apache-2.0
#
# outrider_unity(target): several sources in one translation unit, as the headers of libraries are
# most of what a compiler reads here. Each source keeps its names in an unnamed namespace to
# itself as far as it can: two that define the same one are not put together. The names are found
# by the shape of lines, which clang-format sees to; one that is missed is an error of the
# compiler, and not a program that does something else.
option(OUTRIDER_UNITY "several sources in one translation unit" OFF)

set(OUTRIDER_UNITY_SOURCES 10)  # more gains little

# The names that a file defines at the first column; with UNNAMED, in unnamed namespaces only.
function(outrider_defined_names file which result)
  set(shapes "^(struct|class|union|enum class|enum|using) ([A-Za-z_]+)( =| {)"
             "^(const|static|inline)[ a-z].*[ *&](k[A-Z][A-Za-z0-9_]*)( =|=|{|\\()"
             "^([A-Za-z][^(=]*)[ *&]([a-z_][a-z0-9_]*)\\(")
  file(STRINGS ${file} lines
       REGEX "^[a-z].*[({=\\[]|^[A-Z][A-Za-z:<>]*[*&]* [^(]*\\(|^namespace {$|^}  // namespace$")
  # What CMake takes for the syntax of a list.
  string(REGEX REPLACE "[][]" "=" lines "${lines}")
  set(names "")
  set(unnamed OFF)
  foreach(line IN LISTS lines)
    if(line MATCHES "^namespace {$")
      set(unnamed ON)
    elseif(line MATCHES "^}  // namespace$")
      set(unnamed OFF)
    elseif(unnamed OR NOT which STREQUAL "UNNAMED")
      foreach(shape IN LISTS shapes)
        if(line MATCHES "${shape}")
          list(APPEND names ${CMAKE_MATCH_2})
        endif()
      endforeach()
    endif()
  endforeach()
  list(REMOVE_DUPLICATES names)
  set(${result} "${names}" PARENT_SCOPE)
endfunction()

function(outrider_unity target)
  if(NOT OUTRIDER_UNITY)
    return()
  endif()
  get_target_property(sources ${target} SOURCES)
  list(FILTER sources INCLUDE REGEX "\\.cpp$")
  # A namespace of their own keeps names apart.
  file(GLOB_RECURSE headers ${PROJECT_SOURCE_DIR}/src/*.h ${CMAKE_CURRENT_SOURCE_DIR}/support/*.h)
  list(FILTER headers EXCLUDE REGEX "/call_table\\.h$")
  set(everybodys "")
  foreach(header IN LISTS headers)
    outrider_defined_names(${header} ALL names)
    list(APPEND everybodys ${names})
  endforeach()
  list(LENGTH sources groups)
  math(EXPR groups "${groups} / ${OUTRIDER_UNITY_SOURCES} + 1")
  foreach(source IN LISTS sources)
    get_source_file_property(options ${source} COMPILE_OPTIONS)
    outrider_defined_names(${source} UNNAMED names)
    # Names that it takes from elsewhere, or has in common with a header, would be in the way of
    # those behind it.
    file(STRINGS ${source} opens REGEX "^using (enum|namespace) [A-Za-z_]+;")
    set(common "${names}")
    list(REMOVE_ITEM common ${everybodys} "")
    if(options OR opens OR NOT common STREQUAL "${names}")
      set_source_files_properties(${source} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
      continue()
    endif()
    # Where it begins to look for room is its own, so that a new source moves few others.
    file(RELATIVE_PATH path ${PROJECT_SOURCE_DIR} ${source})
    string(MD5 hash ${path})
    string(SUBSTRING ${hash} 0 6 hash)
    math(EXPR group "0x${hash} % ${groups}")
    set(left ${groups})
    while(left GREATER 0)
      list(LENGTH sources_${group} size)
      set(common "${names}")
      list(REMOVE_ITEM common ${names_${group}} "")
      # Nothing was taken away from the names: none is there already.
      if(size LESS OUTRIDER_UNITY_SOURCES AND common STREQUAL "${names}")
        break()
      endif()
      math(EXPR group "(${group} + 1) % ${groups}")
      math(EXPR left "${left} - 1")
    endwhile()
    if(left EQUAL 0)
      set(group ${groups})
      math(EXPR groups "${groups} + 1")
    endif()
    list(APPEND sources_${group} ${source})
    list(APPEND names_${group} ${names})
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${target}_${group})
  endforeach()
  # A constant of a function is not shadowing if it has the name of another source's.
  # GCC takes a type of the unnamed namespace for one of a header.
  target_compile_options(${target} PRIVATE -Wno-shadow
    $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-subobject-linkage>)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
endfunction()
