#include "servers/redis_server.h"

#include <csignal>

namespace relay::test {

RedisServer::RedisServer(std::vector<std::string> more) : more_(std::move(more)) { start(); }

void RedisServer::start() {
  std::vector<std::string> words{
      "redis-server", "--bind", "127.0.0.1",    "--port",      std::to_string(port_),
      "--save",       "",       "--appendonly", "yes",         "--appendfsync",
      "no",           "--dir",  folder_.path(), "--daemonize", "no"};
  words.insert(words.end(), more_.begin(), more_.end());
  process_ = std::make_unique<ChildProcess>(std::move(words), folder_.file("log"));
  wait_for_port(*process_, port_, folder_.file("log"));
}

void RedisServer::kill() {
  process_->send(SIGKILL);
  static_cast<void>(process_->wait());
}

RedisServer& shared_redis() {
  static RedisServer server;
  return server;
}

}  // namespace relay::test
