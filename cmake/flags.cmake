# One set of flags for every target: the precompiled header is dropped in silence when they differ.
option(RELAY_PCH "Use the precompiled header" ON)
set(RELAY_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize takes them: address,undefined or thread")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Threads REQUIRED)

add_library(relay_flags INTERFACE)
target_compile_options(relay_flags INTERFACE -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion
                       -Wnon-virtual-dtor -Woverloaded-virtual -Werror=unused-result)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  target_compile_options(relay_flags INTERFACE -Winvalid-pch)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # g++ 12 invents these for moved std::string at -O2; the sanitizer builds look for the real ones.
  target_compile_options(relay_flags INTERFACE -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread
                         -Wno-restrict -Wno-maybe-uninitialized -Wno-mismatched-new-delete
                         -Wno-free-nonheap-object)
endif()
if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # It takes a source that is included beside others for a header with types of its own.
  target_compile_options(relay_flags INTERFACE -Wno-subobject-linkage)
endif()
if(RELAY_SANITIZE)
  # SOCI is built without type information for its back ends: vptr checks would report foreign code.
  target_compile_options(relay_flags INTERFACE -fsanitize=${RELAY_SANITIZE} -fno-omit-frame-pointer
                         -fno-sanitize-recover=all -fno-sanitize=vptr)
  target_link_options(relay_flags INTERFACE -fsanitize=${RELAY_SANITIZE})
endif()
target_include_directories(relay_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_include_directories(relay_flags SYSTEM INTERFACE ${Boost_INCLUDE_DIRS})
target_link_libraries(relay_flags INTERFACE Threads::Threads)
target_compile_definitions(relay_flags INTERFACE BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
                           BOOST_ASIO_NO_DEPRECATED RELAY_VERSION="${PROJECT_VERSION}")
# Coroutine frames: Asio's aligned_alloc bypasses glibc's per-thread cache, and two kept frames are too few for
# a call that is a dozen frames deep.
target_compile_definitions(relay_flags INTERFACE BOOST_ASIO_DISABLE_STD_ALIGNED_ALLOC BOOST_ASIO_DISABLE_BOOST_ALIGN
                           BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE=8)
