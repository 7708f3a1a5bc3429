// One thread's share of the simulator's port.
#pragma once

#include "async/deadline_wheel.h"
#include "net/readiness.h"
#include "simulate/connection.h"

#include <cstdint>
#include <memory>
#include <string>

namespace relay::simulate {

/// Belongs to its worker's thread, but for the constructor and port().
class Listener final : public ReadinessEvents {
 public:
  struct Parts {
    Worker& worker;
    ProviderState& state;
    const Clock& clock;
    const TlsServer* tls;  // null: plain
    int number;
  };

  struct Address {
    std::string host;
    std::uint16_t port = 0;
    bool shared = false;  // with the listeners of other threads, and then of other processes too
  };

  /// Throws std::system_error.
  Listener(Parts parts, const Address& address);
  ~Listener() override;

  std::uint16_t port() const;
  void start();
  /// Closes everything; the worker's loop is stopped when the last connection is over.
  void stop();

 private:
  // When descriptors run out, accepting rests a moment: the listener stays readable and would spin.
  struct Rest final : Deadline {
    Rest(DeadlineWheel& wheel, Listener& owner_) : Deadline(wheel), owner(owner_) {}
    void on_expiry() override { owner.accept_all(); }
    Listener& owner;
  };

  void on_readable() override { accept_all(); }
  void on_writable() override {}
  void on_abandoned() override {}
  void accept_all();
  void close();
  Awaitable<void> run(int descriptor);

  Parts parts_;
  Provider provider_;
  int descriptor_;
  std::unique_ptr<Readiness> readiness_;
  Rest rest_;
  Connection::List connections_;
  bool stopping_ = false;
};

}  // namespace relay::simulate
