// XML as JSON: an element is {"name": "a", "attributes": {…}, "text": "…", "children": […]}, where
// `text` is the element's own character data, joined. Comments and processing instructions are
// dropped, namespace prefixes stay part of the names.
//
// Neither entities nor the network: a document type declaration is an error, so nothing external is
// ever read and nothing expands. Thread-safe.

#pragma once

#include "base/result.hpp"

#include "plugin/json.hpp"

#include <string>
#include <string_view>

namespace rb::plugin {

// ERRORS: invalid_argument  not well-formed (with the line), a document type declaration, deeper
//                           than xml_depth_max
//         too_large         more than xml_bytes_max
Result<Json> xml_parse(std::string_view text);

// The reverse; `attributes`, `text` and `children` may be absent. Text comes before the children.
// What it writes is read as the same element again.
// ERRORS: invalid_argument  an element without a name, a name that is not XML's, a control
// character
//                           in a text, too deep
Result<std::string> xml_write(const Json& element);

// Text with the five special characters, and carriage returns, escaped.
std::string xml_escape(std::string_view text);

}  // namespace rb::plugin
