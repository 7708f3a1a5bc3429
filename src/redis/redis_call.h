// One call of run() or run_all() on its way, until its last answer.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "redis/redis_command.h"
#include "redis/redis_reply.h"

#include <boost/intrusive/list.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

namespace relay {

/// What waits, of all callers. Any thread.
class RedisWaiting {
 public:
  /// Commands of any number would fit into this many bytes only when they are small.
  static constexpr std::size_t kBytesMax = 256UL << 20;

  explicit RedisWaiting(std::size_t commands_max) : commands_max_(commands_max) {}
  /// False: there is no room.
  bool try_enter(std::size_t commands, std::size_t bytes);
  void leave(std::size_t commands, std::size_t bytes);

 private:
  const std::size_t commands_max_;
  std::atomic<std::size_t> commands_{0};
  std::atomic<std::size_t> bytes_{0};
};

/// The bytes of their words.
std::size_t bytes_of(const std::vector<RedisCommand>& commands);

/// Made on the caller's thread, then used on the client's alone. Counts as waiting until it is destroyed,
/// which is when the last of its answers has come or can come no more: a caller who gave up does not make
/// room for another. Whoever makes one has let it enter.
class RedisCall
    : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  struct Limits {
    SteadyTime due;       // its caller is told then that there was no answer
    SteadyTime link_due;  // no answer by then: its connection is taken for dead
    RedisWaiting& waiting;
  };

  /// `script`: of a single EVALSHA, for a server that does not know it. Null for others.
  RedisCall(std::vector<RedisCommand> commands, const RedisScript* script, const Limits& limits);
  virtual ~RedisCall();
  RedisCall(const RedisCall&) = delete;
  RedisCall& operator=(const RedisCall&) = delete;

  const Limits& limits() const { return limits_; }
  std::size_t size() const { return size_; }
  bool is_finished() const { return finished_; }
  /// Not of a finished call: what it was is gone.
  const RedisCommand& command(std::size_t index) const { return commands_[index]; }

  /// Turns EVALSHA into EVAL, once. False when it is not a script's, or was turned already.
  bool turn_into_eval();
  /// Whether a slot that is on its way may be asked for at the node that it goes to. Not for a script that
  /// makes its keys of a tag: there is never a key of the tag's name, so the old node answers ASK whatever it
  /// has of them still, and the new one would run the script on nothing, or on half.
  bool may_ask() const { return may_ask_; }
  /// Counts one redirection. False when there were too many.
  bool may_follow();

  /// The first error of any command is the call's.
  void answer(std::size_t index, RedisReply reply);
  void fail(Error error);

 protected:
  virtual void deliver(Result<std::vector<RedisReply>> outcome) = 0;

 private:
  void finish(Result<std::vector<RedisReply>> outcome);

  const Limits limits_;
  const std::size_t size_;
  const std::size_t bytes_;
  std::vector<RedisCommand> commands_;
  const RedisScript* script_;
  const bool may_ask_;  // of the script, turned into EVAL or not
  std::vector<RedisReply> replies_;
  std::size_t open_;
  std::size_t followed_ = 0;
  bool finished_ = false;
};

/// A place in the row of answers that a connection owes. `call` is null where the answer is nobody's
/// (ASKING).
struct OwedReply {
  std::shared_ptr<RedisCall> call;
  std::size_t index = 0;
};

}  // namespace relay
