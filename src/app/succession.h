// The way from the wish for a successor to one that serves.
#pragma once

#include "app/handover.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <functional>
#include <memory>
#include <string>

namespace relay {

/// On the control loop's thread; everything it is given outlives it.
class Succession {
 public:
  /// ok: it serves, and this server is to drain. Else why not: this server goes on.
  using Done = std::function<void(Result<>)>;

  Succession(boost::asio::io_context& control, Handover& handover);
  ~Succession();
  Succession(const Succession&) = delete;
  Succession& operator=(const Succession&) = delete;

  /// Calls `done` once, behind this call. Not while one is under way.
  void start(const HandedOver& given, Done done);
  bool is_under_way() const { return done_ != nullptr; }
  /// This server is told to stop: so is the one that is starting.
  void stop();

 private:
  using Descriptor = boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type>;

  void listen();
  void finish(Result<> outcome);
  void fail(const std::string& why);

  boost::asio::io_context& control_;
  Handover& handover_;
  boost::asio::steady_timer limit_;
  std::unique_ptr<Descriptor> said_;
  std::array<char, 512> room_{};
  std::string words_;
  int round_ = 0;  // of starts: what was asked for an earlier one may still be answered
  pid_t successor_ = 0;
  Done done_;
};

}  // namespace relay
