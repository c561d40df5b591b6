// QR codes (ISO/IEC 18004) as pictures for a page.

#pragma once

#include <string>
#include <string_view>

namespace rb::server {

// A QR code of `text` as an SVG data URL, usable as the src of an <img>. Empty for an empty text
// and for one of more than limits::qr_text_bytes_max.
std::string qr_data_url(std::string_view text);

}  // namespace rb::server
