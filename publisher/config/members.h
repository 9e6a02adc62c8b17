#pragma once

#include <algorithm>
#include <iterator>
#include <optional>

#include "publisher/config/settings.h"
#include "publisher/config/values.h"

// What a table of settings says of most of them: which member of the options each fills, and how
// its text reads. A member of a member is named by its path:
//   duration<&Invocation::run, &RunOptions::heartbeat>

namespace walpulse::config {

template <class>
struct MemberPointer;
template <class Owner, class Member>
struct MemberPointer<Member Owner::*> {
  using owner = Owner;
};
template <auto pointer>
using OwnerOf = typename MemberPointer<decltype(pointer)>::owner;

template <class T, class Member>
void assign(const T& value, Member& member) {
  member = static_cast<Member>(value);
}
template <class T, class Member>
void assign(const T& value, std::optional<Member>& member) {
  member = static_cast<Member>(value);
}

/// Stores a parsed value, or passes its problem on.
template <class T, class Member>
Problem store(const Result<T>& parsed, Member& member) {
  if (!parsed) return parsed.error().message;
  assign(*parsed, member);
  return std::nullopt;
}

template <auto first, auto... rest>
auto& member(OwnerOf<first>& into) {
  return ((into.*first).*....*rest);
}

template <auto first, auto... rest>
Problem text(const Texts& texts, OwnerOf<first>& into) {
  member<first, rest...>(into) = texts.front();
  return std::nullopt;
}

template <auto first, auto... rest>
Problem filled_text(const Texts& texts, OwnerOf<first>& into) {
  if (texts.front().empty()) return "is empty";
  return text<first, rest...>(texts, into);
}

template <auto first, auto... rest>
Problem list(const Texts& texts, OwnerOf<first>& into) {
  member<first, rest...>(into) = texts;
  return std::nullopt;
}

template <auto first, auto... rest>
Problem toggle(const Texts& texts, OwnerOf<first>& into) {
  return store(parse_switch(texts.front()), member<first, rest...>(into));
}

/// The enumerator that stands where the text stands among the setting's choices.
template <const auto& choices, auto first, auto... rest>
Problem choice(const Texts& texts, OwnerOf<first>& into) {
  const auto found = std::find(std::begin(choices), std::end(choices), texts.front());
  if (found == std::end(choices)) return "is none of the choices";
  assign(found - std::begin(choices), member<first, rest...>(into));
  return std::nullopt;
}

template <auto first, auto... rest>
Problem duration(const Texts& texts, OwnerOf<first>& into) {
  return store(parse_duration(texts.front()), member<first, rest...>(into));
}

template <auto first, auto... rest>
Problem bytes(const Texts& texts, OwnerOf<first>& into) {
  return store(parse_bytes(texts.front()), member<first, rest...>(into));
}

template <std::uint64_t max, auto first, auto... rest>
Problem number(const Texts& texts, OwnerOf<first>& into) {
  return store(parse_number(texts.front(), max), member<first, rest...>(into));
}

}  // namespace walpulse::config
