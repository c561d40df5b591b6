// Which site a passkey is for (WebAuthn 4, Relying Party Identifier): here always the very name by
// which the page was opened. A browser gives a passkey to no page of another name, which is what
// keeps a look-alike site from using it.

#pragma once

#include "base/result.hpp"

#include "core/identity/origin_check.hpp"

#include <string>
#include <string_view>

namespace rb::core {

// The host of Origin where a browser sent one, else of Host; lower case, without a port.
// ERRORS: failed_precondition  an address or nothing: browsers make passkeys for names only
Result<std::string> relying_party_of(const RequestOrigin& request);

// Whether a page of `origin` ("https://shop.example.com") is the relying party's: its host is the
// same, and the connection is private: https, or http on the machine itself (localhost).
bool is_page_of(std::string_view origin, std::string_view relying_party);

}  // namespace rb::core
