#include "simulate/kept_objects.h"

#include <algorithm>

namespace relay::simulate {
namespace {

bool is_in(const KeptObject& object, std::string_view collection, Dialect dialect) {
  return object.collection == collection && object.dialect == dialect;
}

}  // namespace

void KeptObjects::put(KeptObject object) {
  const std::lock_guard lock(mutex_);
  content_bytes_ += object.content.size();
  objects_.push_back(std::make_shared<const KeptObject>(std::move(object)));
  while (objects_.size() > kObjectsMax || (content_bytes_ > kContentBytesMax && objects_.size() > 1)) {
    content_bytes_ -= objects_.front()->content.size();
    objects_.pop_front();
  }
}

std::shared_ptr<const KeptObject> KeptObjects::find(std::string_view collection, Dialect dialect,
                                                    std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find_if(
      objects_, [&](const auto& object) { return object->id == id && is_in(*object, collection, dialect); });
  return found == objects_.end() ? nullptr : *found;
}

std::vector<std::shared_ptr<const KeptObject>> KeptObjects::list(std::string_view collection,
                                                                 Dialect dialect) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<const KeptObject>> found;
  for (auto object = objects_.rbegin(); object != objects_.rend(); ++object) {
    if (is_in(**object, collection, dialect)) found.push_back(*object);
  }
  return found;
}

bool KeptObjects::remove(std::string_view collection, Dialect dialect, std::string_view id) {
  const std::lock_guard lock(mutex_);
  return std::erase_if(objects_, [&](const auto& object) {
           const bool goes = object->id == id && is_in(*object, collection, dialect);
           if (goes) content_bytes_ -= object->content.size();
           return goes;
         }) > 0;
}

void KeptObjects::clear() {
  const std::lock_guard lock(mutex_);
  objects_.clear();
  content_bytes_ = 0;
}

}  // namespace relay::simulate
