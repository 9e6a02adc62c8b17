#pragma once

#include <memory>
#include <string_view>

#include "decoder/base/result.h"
#include "decoder/schema/change_event.h"

namespace walpulse::schema {

/// An event that owns what its rows and pointers refer to.
class OwnedEvent {
 public:
  OwnedEvent();
  ~OwnedEvent();
  OwnedEvent(OwnedEvent&&) noexcept;
  OwnedEvent& operator=(OwnedEvent&&) noexcept;

  const ChangeEvent& operator*() const;
  const ChangeEvent* operator->() const { return &**this; }

 private:
  friend Result<OwnedEvent> parse_event(std::string_view json);
  struct Storage;
  std::unique_ptr<Storage> storage_;
};

/// Reads the whole of what append_json wrote, where mage::parse_run_change reads one run:
/// append_json(*parse_event(json)) == json. The columns' order is the document's; the SQL types,
/// which the JSON does not carry, are int8, bool or text by the JSON type. Unknown fields are
/// ignored, so that a newer writer of the same version can be read.
Result<OwnedEvent> parse_event(std::string_view json);

}  // namespace walpulse::schema
