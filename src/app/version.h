// The product's version, as CMakeLists.txt says it.
#pragma once

namespace relay {

inline constexpr const char* kVersion = RELAY_VERSION;

}  // namespace relay
