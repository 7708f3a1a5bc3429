# relay_embed(target FUNCTION name FOLDER dir [GLOB pattern...])
# Files below `dir` (relative to the project) become part of `target`, text and binary alike. The function
#   std::span<const relay::EmbeddedFile> relay::name();
# lists them by their path below `dir`, in the order of the names; declare it in a header of your own. A changed
# file is built anew, a new one is found. The assembler reads the bytes (.incbin): megabytes cost no compile time.
function(relay_embed target)
  cmake_parse_arguments(ARG "" "FUNCTION;FOLDER" "GLOB" ${ARGN})
  if(NOT ARG_GLOB)
    set(ARG_GLOB "*")
  endif()
  list(TRANSFORM ARG_GLOB PREPEND "${CMAKE_SOURCE_DIR}/${ARG_FOLDER}/")
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${ARG_GLOB})
  list(SORT files)

  set(symbols "")
  set(table "")
  set(number 0)
  foreach(path ${files})
    file(RELATIVE_PATH name "${CMAKE_SOURCE_DIR}/${ARG_FOLDER}" "${path}")
    set(symbol "relay_${ARG_FUNCTION}_${number}")
    string(APPEND symbols
      "asm(\".section .rodata\\n.balign 16\\n.global ${symbol}\\n.hidden ${symbol}\\n${symbol}:\\n\"\n"
      "    \".incbin \\\"${path}\\\"\\n.global ${symbol}_end\\n.hidden ${symbol}_end\\n${symbol}_end:\\n\"\n"
      "    \".byte 0\\n.previous\\n\");\n"
      "extern \"C\" __attribute__((visibility(\"hidden\"))) const char ${symbol}[], ${symbol}_end[];\n")
    string(APPEND table "      {\"${name}\", {${symbol}, static_cast<std::size_t>(${symbol}_end - ${symbol})}},\n")
    math(EXPR number "${number} + 1")
  endforeach()

  if(number EQUAL 0)
    set(body "  return {};\n")
  else()
    set(body "  static const EmbeddedFile files[] = {\n${table}  };\n  return files;\n")
  endif()
  set(out "${CMAKE_BINARY_DIR}/embedded/${ARG_FUNCTION}.cpp")
  file(CONFIGURE OUTPUT "${out}" @ONLY CONTENT
    "// Made by cmake/embed.cmake from @ARG_FOLDER@.
#include \"base/embedded_file.h\"

#include <cstddef>
#include <span>

@symbols@
namespace relay {

std::span<const EmbeddedFile> @ARG_FUNCTION@();
std::span<const EmbeddedFile> @ARG_FUNCTION@() {
@body@}

}  // namespace relay
")
  # On its own: a file of several would not be built anew with what is embedded.
  set_source_files_properties("${out}" PROPERTIES OBJECT_DEPENDS "${files}" SKIP_UNITY_BUILD_INCLUSION ON)
  target_sources(${target} PRIVATE "${out}")
endfunction()
