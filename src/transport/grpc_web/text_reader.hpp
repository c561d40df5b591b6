// Decodes a grpc-web-text body: base64 of the binary body, in any pieces (PROTOCOL-WEB, "text").
//
//     AAAAAAUKA2Zvbw==AAAAAAA=        runs may be padded and follow each other
//     |-- one run ---||- next -|
//
// The encoder of a chunked stream pads each chunk, so padding may stand in the middle of a body,
// and a group of four characters may be cut by the network.

#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace rb::transport::grpc_web {

class TextReader {
public:
    // Appends the bytes that `text` completes to `out`.
    // ERRORS: invalid_argument  not base64
    Result<> decode(std::string_view text, std::string& out);
    // True when the text so far is whole groups.
    [[nodiscard]] bool at_boundary() const { return held_ == 0; }

private:
    char group_[4] = {};
    std::size_t held_ = 0;
};

}  // namespace rb::transport::grpc_web
