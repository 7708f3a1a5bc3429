#include "app/descriptor_limit.h"

#include "app/settings.h"

#include <gtest/gtest.h>

namespace relay {
namespace descriptor_limit_test {

Settings settings_for(std::size_t connections, std::size_t in_flight) {
  auto settings = parse_settings({}).value();
  settings.connections_max = connections;
  settings.in_flight_max = in_flight;
  settings.threads = 2;
  settings.mysql_connections = 4;
  return settings;
}

constexpr std::size_t kOwn = kDescriptorsOfItsOwn + 4 + 16;

TEST(ClientConnectionsMax, IsTheSettingWhereDescriptorsDo) {
  EXPECT_EQ(client_connections_max(settings_for(16'384, 8'000), 1'048'576), 16'384U);
  EXPECT_EQ(client_connections_max(settings_for(1'000, 500), kOwn + 1'500), 1'000U);
}

TEST(ClientConnectionsMax, LeavesAnUpstreamSocketForEveryCallThatMayBeInFlight) {
  EXPECT_EQ(client_connections_max(settings_for(16'384, 8'000), kOwn + 600), 300U);
  EXPECT_EQ(client_connections_max(settings_for(16'384, 100), kOwn + 600), 500U);
}

TEST(ClientConnectionsMax, LetsSomeInAtTheLeast) {
  EXPECT_EQ(client_connections_max(settings_for(16'384, 8'000), 32), 16U);
}

}  // namespace descriptor_limit_test
}  // namespace relay
