// The shape of what authenticators write: CBOR (RFC 8949) in the form of CTAP 2.1, 8. There every
// length is stated, there are no tags, and nothing nests deeper than four levels.
//
// Looked at before a decoder is: libcbor makes room for as many items as an array says it has, so
// that five bytes of a stranger would have it fill gigabytes.

#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace rb::crypto {

// How many of `bytes` the item takes that they begin with. Nothing when they begin with none of
// this form, or say more of it than they hold. Takes time and memory for what is there, never for
// what is said.
std::optional<std::size_t> ctap_cbor_size(std::string_view bytes);

}  // namespace rb::crypto
