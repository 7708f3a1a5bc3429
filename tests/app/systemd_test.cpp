#include "app/systemd.h"

#include "store/temporary_folder.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace relay {
namespace systemd_test {

TEST(Systemd, IsToldThroughItsSocket) {
  const test::TemporaryFolder folder;
  const auto path = folder.file("notify");
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  std::strncpy(where.sun_path, path.c_str(), sizeof where.sun_path - 1);
  ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&where), sizeof where), 0);
  ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  tell_systemd("MAINPID=12\nREADY=1");
  ::unsetenv("NOTIFY_SOCKET");
  char room[64];
  const auto got = ::recv(socket, room, sizeof room, MSG_DONTWAIT);
  ::close(socket);
  ASSERT_GT(got, 0);
  EXPECT_EQ(std::string(room, static_cast<std::size_t>(got)), "MAINPID=12\nREADY=1");
}

TEST(Systemd, IsNotWaitedForWhereThereIsNone) {
  ::unsetenv("NOTIFY_SOCKET");
  tell_systemd("READY=1");
  ::setenv("NOTIFY_SOCKET", "relative/path", 1);
  tell_systemd("READY=1");
  ::unsetenv("NOTIFY_SOCKET");
}

TEST(Systemd, GivesSocketsOnlyToTheProcessTheyAreFor) {
  ::setenv("LISTEN_FDS", "2", 1);
  ::setenv("LISTEN_PID", "1", 1);
  EXPECT_TRUE(take_systemd_sockets().empty());
  ::setenv("LISTEN_FDS", "2", 1);
  ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
  EXPECT_EQ(take_systemd_sockets(), (std::vector<int>{3, 4}));
  EXPECT_TRUE(take_systemd_sockets().empty()) << "once";
}

}  // namespace systemd_test
}  // namespace relay
