#pragma once

namespace walpulse {

/// One visitor of a variant out of several functions: std::visit(Overloaded{...}, variant).
template <class... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <class... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

}  // namespace walpulse
