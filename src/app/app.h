// The composition root: builds every part of the server once, top to bottom, and runs it.
#pragma once

#include "app/settings.h"
#include "base/clock.h"
#include "base/random.h"

#include <cstdint>
#include <memory>

namespace relay {

class Handover;
class KeyService;
class Stores;

class App {
 public:
  /// Opens and migrates the store, opens the journal and binds the port. `clock` and `random` must
  /// outlive it. Throws std::exception with words for the operator.
  /// `handover`: null: this server has none before it, and none can follow without a gap.
  App(Settings settings, const Clock& clock, Random& random, Handover* handover = nullptr);
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  std::uint16_t port() const;
  Stores& stores();
  KeyService& keys();

  /// Serves until stop() or SIGTERM or SIGINT; then drains: no new connections, running answers end (at
  /// most settings.drain_limit), usage is stored. A second signal cuts the wait short. SIGUSR2 starts a
  /// successor, and drains when that serves (at most settings.handover_limit).
  void run();
  /// From any thread.
  void stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace relay
