# Runs an example on a new database, and compares what it prints.
# Usage: cmake -DPROGRAM=FILE -DEXPECTED=FILE -DFOLDER=DIR -P check_example.cmake
get_filename_component(name ${PROGRAM} NAME)
set(database ${FOLDER}/${name}.cairn)
file(REMOVE ${database} ${database}-wal ${database}-shm)
execute_process(COMMAND ${PROGRAM} ${database} OUTPUT_VARIABLE output RESULT_VARIABLE result)
file(REMOVE ${database} ${database}-wal ${database}-shm)
file(READ ${EXPECTED} expected)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} ended with ${result}\n${output}")
endif()
if(NOT output STREQUAL expected)
  message(FATAL_ERROR "${PROGRAM} printed\n${output}not\n${expected}")
endif()
