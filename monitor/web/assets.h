#pragma once

#include <string_view>

#include "publisher/http/server.h"

namespace walpulse::monitor {

/// A file of the page, as the program carries it.
struct Asset {
  std::string_view path;
  std::string_view content_type;
  std::string_view etag;  ///< Of the text, with its quotes.
  std::string_view text;
};

/// What is at a path: a file of the page, or the HTML of all views where the path is a view's.
/// Which view it is, the page reads off its address. Null where nothing is. Any thread.
const Asset* find_asset(std::string_view path);

/// The answer to GET and HEAD, with the headers that hold a browser to what the page needs: nothing
/// from elsewhere, no inline script or style, no frame around it. The server compresses it for
/// those who take that.
http::ServerResponse asset_response(const Asset& asset);

}  // namespace walpulse::monitor
