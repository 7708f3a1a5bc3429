// The composition root: builds every part of the server once, top to bottom, and runs it.
#pragma once

#include "app/settings.h"
#include "base/clock.h"
#include "base/random.h"

#include <cstdint>
#include <memory>

namespace relay {

class KeyService;
class Stores;

class App {
 public:
  /// Opens and migrates the store, opens the journal and binds the port. `clock` and `random` must
  /// outlive it. Throws std::exception with words for the operator.
  App(Settings settings, const Clock& clock, Random& random);
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  std::uint16_t port() const;
  Stores& stores();
  KeyService& keys();

  /// Serves until stop() or SIGTERM or SIGINT; then drains: no new connections, running answers end (at
  /// most settings.drain_limit), usage is stored. A second signal cuts the wait short.
  void run();
  /// From any thread.
  void stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace relay
