// Restart without a moment in which nobody serves: the sockets that listen, and DATA_DIR, pass from a running
// server to the one that follows it (docs/restart.md has the operator's view).
#pragma once

#include "base/result.h"

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace relay {

struct Settings;

/// A descriptor, closed at the end.
class OwnDescriptor {
 public:
  explicit OwnDescriptor(int number = -1) : number_(number) {}
  ~OwnDescriptor() { close(); }
  OwnDescriptor(OwnDescriptor&& other) noexcept;
  OwnDescriptor& operator=(OwnDescriptor&& other) noexcept;

  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }
  int release();
  void close();

 private:
  int number_;
};

/// What a server gives to the next one. The numbers stay those of the giver.
struct HandedOver {
  std::vector<int> listeners;
  std::string host;  // as it was set: who is set to listen elsewhere does not take the sockets
  std::uint16_t port = 0;
};

/// One for each server, from before its first thread to its end. Methods are for one thread at a time.
class Handover {
 public:
  /// Takes what the process was given: by the server before it, or by systemd (sd_listen_fds(3)). Without
  /// either it locks DATA_DIR. Throws std::runtime_error with words for the operator: another server has the
  /// folder, or what was given is of no use.
  explicit Handover(const Settings& settings);
  ~Handover();
  Handover(const Handover&) = delete;
  Handover& operator=(const Handover&) = delete;

  /// Sockets that listen already; the caller owns them from here on. Empty: listen for yourself.
  std::vector<int> take_listeners();
  bool has_predecessor() const { return predecessor_.is_open(); }

  /// Serving: the server before us may go, and systemd is told.
  void tell_ready();
  /// Not serving, and why: the server before us goes on. Of no effect without one.
  void tell_failed(std::string_view why);

  /// Starts this program anew as it was started, with the same environment, and gives it the sockets and the
  /// lock. What it says comes through `said`: words of tell_ready() or tell_failed(), then its end.
  /// unavailable when it can't be started.
  Result<pid_t> start_successor(const HandedOver& given, OwnDescriptor& said);
  /// It serves: DATA_DIR is its own, and systemd's main process is another.
  void successor_serves(pid_t successor);
  /// Waits for the end of a process that did not get as far, ends it after a second, and says how it ended.
  static std::string end_successor(pid_t successor);

  /// About to drain for good.
  void tell_stopping();

  static constexpr std::string_view kReady = "ready\n";
  static constexpr std::string_view kFailed = "failed: ";

 private:
  void take_from_server(std::string_view what, const Settings& settings);

  std::vector<std::string> command_line_;
  std::string program_;
  std::vector<int> listeners_;
  OwnDescriptor folder_lock_;
  OwnDescriptor predecessor_;
  bool has_handed_over_ = false;
};

}  // namespace relay
