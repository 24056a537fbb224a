# Gives utf8proc::utf8proc where that library is installed, to our build and to users of the static
# library: older releases of it bring no CMake files of their own.
if(NOT TARGET utf8proc::utf8proc)
  find_path(CAIRN_UTF8PROC_INCLUDE utf8proc.h)
  find_library(CAIRN_UTF8PROC_LIBRARY utf8proc)
  mark_as_advanced(CAIRN_UTF8PROC_INCLUDE CAIRN_UTF8PROC_LIBRARY)
  if(CAIRN_UTF8PROC_INCLUDE AND CAIRN_UTF8PROC_LIBRARY)
    add_library(utf8proc::utf8proc UNKNOWN IMPORTED)
    set_target_properties(utf8proc::utf8proc PROPERTIES
      IMPORTED_LOCATION ${CAIRN_UTF8PROC_LIBRARY}
      INTERFACE_INCLUDE_DIRECTORIES ${CAIRN_UTF8PROC_INCLUDE})
  endif()
endif()
