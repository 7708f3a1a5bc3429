// How many file descriptors there are, and how many of them clients may have.
#pragma once

#include <cstddef>

namespace relay {

struct Settings;

/// Raises the soft limit of file descriptors, which is for programs that use select(), to the hard one.
void allow_many_descriptors();

/// What this process may open in all, and what it needs beside connections: store, journal, log, event loops.
std::size_t descriptors_allowed();
inline constexpr std::size_t kDescriptorsOfItsOwn = 64;

/// Client connections that may be open at one time: CLIENT_CONNECTIONS_MAX, or fewer where the descriptors
/// would not do. Each may have a call with a socket to an upstream; what is left is for store and journal,
/// which must never find none.
std::size_t client_connections_max(const Settings& settings, std::size_t descriptors);

}  // namespace relay
