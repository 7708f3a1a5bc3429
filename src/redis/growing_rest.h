// How long to wait before the next try to connect.
#pragma once

#include "async/task.h"

#include <boost/asio/basic_waitable_timer.hpp>

#include <chrono>

namespace relay {

using RedisTimer =
    boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                      boost::asio::wait_traits<std::chrono::steady_clock>, IoExecutor>;

/// 50 ms, twice as long each time up to 2 s; of each between half and all, so that those who lost a server
/// together do not come back together.
class GrowingRest {
 public:
  /// A connection that lived shorter says nothing good of the server: what ends it must not be tried at once.
  static constexpr std::chrono::milliseconds kLivedWell{1'000};

  std::chrono::milliseconds next();
  void begin_again() { rest_ = kMin; }

 private:
  static constexpr std::chrono::milliseconds kMin{50};
  static constexpr std::chrono::milliseconds kMax{2'000};
  std::chrono::milliseconds rest_ = kMin;
};

}  // namespace relay
