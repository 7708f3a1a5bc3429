#include "app/descriptor_limit.h"

#include "app/settings.h"

#include <sys/resource.h>

#include <algorithm>

namespace relay {
namespace {

constexpr std::size_t kConnectionsMin = 16;

}  // namespace

void allow_many_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));
}

std::size_t descriptors_allowed() {
  rlimit limit{};
  static_cast<void>(::getrlimit(RLIMIT_NOFILE, &limit));
  return static_cast<std::size_t>(limit.rlim_cur);
}

std::size_t client_connections_max(const Settings& settings, std::size_t descriptors) {
  // Store connections and an event loop's own descriptors come with their settings.
  const auto own = kDescriptorsOfItsOwn + settings.mysql_connections + 8 * settings.threads;
  const auto left = descriptors > own ? descriptors - own : 0;
  // No more upstream sockets than calls in flight; past those a client's socket stands alone.
  const auto in_pairs = std::min(left / 2, settings.in_flight_max);
  const auto fitting = in_pairs < settings.in_flight_max ? in_pairs : left - in_pairs;
  return std::max(std::min(settings.connections_max, fitting), kConnectionsMin);
}

}  // namespace relay
