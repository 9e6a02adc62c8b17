#include "decoder/schema/bounded_name.h"

#include "decoder/base/fnv1a.h"
#include "decoder/schema/message_attributes.h"

namespace walpulse::schema {

std::string bounded_name(std::string text) {
  if (text.size() <= kNameBytesMax) return text;
  const std::string end = '~' + fnv1a_digits(text);
  return std::string(cut_utf8(text, kNameBytesMax - end.size())) + end;
}

}  // namespace walpulse::schema
