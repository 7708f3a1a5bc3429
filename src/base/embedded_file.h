// A file that was compiled into the binary (cmake/embed.cmake).
#pragma once

#include <string_view>

namespace relay {

/// Both live as long as the program. `name` is the path below the embedded folder, with '/'.
struct EmbeddedFile {
  std::string_view name;
  std::string_view content;
};

}  // namespace relay
