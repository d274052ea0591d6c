# One function for every folder of the house: explicit files, explicit dependencies, one test program.
#
#   add_module(NAME pollux_net
#     SRCS ... HDRS ...        files of this folder, named one by one (no globs)
#     DEPS pollux_base ...     modules that stand below it, and packaged libraries, public
#     PRIVATE_DEPS ...         packaged libraries that no header of the module shows
#     TESTS x_test.cpp ...     the module's unit tests: one program, NAME_test
#     TEST_DEPS ...)           what only the tests need
#
# tools/check_layers.py reads the same calls and fails the build on an #include that goes up or sideways.
function(add_module)
  cmake_parse_arguments(M "" "NAME" "SRCS;HDRS;DEPS;PRIVATE_DEPS;TESTS;TEST_DEPS" ${ARGN})
  if(M_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "add_module(${M_NAME}): unknown words: ${M_UNPARSED_ARGUMENTS}")
  endif()
  if(M_SRCS)
    add_library(${M_NAME} STATIC ${M_SRCS} ${M_HDRS})
    target_link_libraries(${M_NAME} PUBLIC pollux_options ${M_DEPS} PRIVATE ${M_PRIVATE_DEPS})
    target_include_directories(${M_NAME} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  else()
    add_library(${M_NAME} INTERFACE)
    target_link_libraries(${M_NAME} INTERFACE pollux_options ${M_DEPS})
    target_include_directories(${M_NAME} INTERFACE ${PROJECT_SOURCE_DIR}/src)
  endif()
  if(M_TESTS AND POLLUX_TESTS)
    add_executable(${M_NAME}_test ${M_TESTS})
    target_link_libraries(${M_NAME}_test PRIVATE ${M_NAME} ${M_TEST_DEPS} GTest::gmock GTest::gtest_main)
    target_include_directories(${M_NAME}_test PRIVATE ${PROJECT_SOURCE_DIR})
    target_compile_definitions(${M_NAME}_test PRIVATE
      POLLUX_SOURCE_DIR="${PROJECT_SOURCE_DIR}" POLLUX_BINARY_DIR="${PROJECT_BINARY_DIR}")
    add_test(NAME ${M_NAME} COMMAND ${M_NAME}_test)
    set_tests_properties(${M_NAME} PROPERTIES TIMEOUT 300)
  endif()
endfunction()
