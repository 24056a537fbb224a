# The engine inside one module of another language, such as an addon, an extension or a JNI library, which
# goes to machines without our packages. Include it after project(): it configures cairn_static. Then
# cairn_module(TARGET [EXPORTS]) makes a module of it that shows nothing of the engine; EXPORTS is a
# version script with the symbols that are seen, for linkers that take one.
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
# Compilers optimize better for work that they have seen: a module built with `generate` notes what it does
# when its process ends; `use`, in the same folder, builds one for what was noted.
set(CAIRN_PROFILE "" CACHE STRING "generate or use: steps of a profile-guided build")
if(NOT CAIRN_PROFILE MATCHES "^(generate|use)?$")
  message(FATAL_ERROR "CAIRN_PROFILE is generate or use, not ${CAIRN_PROFILE}")
elseif(CAIRN_PROFILE AND NOT CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
  message(FATAL_ERROR "CAIRN_PROFILE needs GCC or Clang")
elseif(CAIRN_PROFILE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(profile_generate -fprofile-generate -fprofile-update=atomic)
  set(profile_use -fprofile-use -fprofile-partial-training -Wno-missing-profile)
elseif(CAIRN_PROFILE)
  set(profile_generate -fprofile-generate=${CMAKE_BINARY_DIR}/profile)
  set(profile_use -fprofile-use=${CMAKE_BINARY_DIR}/profile/merged.profdata -Wno-profile-instr-unprofiled)
endif()
add_compile_options(${profile_${CAIRN_PROFILE}})
add_link_options(${profile_${CAIRN_PROFILE}})
foreach(part IN ITEMS TESTS CLI BENCHMARKS INSTALL)
  set(CAIRN_${part} OFF CACHE BOOL "" FORCE)
endforeach()
# utf8proc goes into the module, too, where that is possible.
find_library(CAIRN_UTF8PROC_LIBRARY NAMES libutf8proc.a utf8proc)
# Modules that build the engine in one folder can share a compiler cache, which goes by paths: one after
# another, since each writes that folder's files anew.
set(engine_build cairn)
if(DEFINED ENV{CAIRN_ENGINE_BUILD})
  set(engine_build $ENV{CAIRN_ENGINE_BUILD})
endif()
# A third of the work of one file after another.
set(CMAKE_UNITY_BUILD ON)
add_subdirectory(${CMAKE_CURRENT_LIST_DIR}/../.. ${engine_build} EXCLUDE_FROM_ALL)
set(CMAKE_UNITY_BUILD OFF)

# SQLite must not be seen from outside: an app may have another one, and the two must never answer for
# each other.
function(cairn_module target)
  set_target_properties(${target} PROPERTIES C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF)
  target_link_libraries(${target} PRIVATE cairn_static)
  if(APPLE)
    return()
  endif()
  target_link_options(${target} PRIVATE $<$<CONFIG:Release>:-Wl,-s> -Wl,--exclude-libs,ALL
    -static-libstdc++ -static-libgcc)
  if(ARGC GREATER 1)
    target_link_options(${target} PRIVATE -Wl,--version-script=${ARGV1})
    set_target_properties(${target} PROPERTIES LINK_DEPENDS ${ARGV1})
  endif()
endfunction()
