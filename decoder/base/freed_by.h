#pragma once

namespace walpulse {

/// What a std::unique_ptr calls for a resource of a C library:
/// std::unique_ptr<BIO, FreedBy<BIO_free>>.
template <auto kFunction>
struct FreedBy {
  template <class Resource>
  void operator()(Resource* resource) const {
    kFunction(resource);
  }
};

}  // namespace walpulse
